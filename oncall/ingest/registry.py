"""The sending tools: one file and one row each."""

from collections.abc import Callable

from oncall.alerts.event import Event
from oncall.ingest import alertmanager, generic, pagerduty
from oncall.ingest.reading import Inbound

Parser = Callable[[Inbound], list[Event]]
"""Pure: a request in, its Events out; raises BadEvent."""

TOOLS: dict[str, Parser] = {
    "alertmanager": alertmanager.parse,
    "generic": generic.parse,
    "pagerduty": pagerduty.parse,
}

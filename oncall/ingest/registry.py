"""The sending tools: one file and one row each."""

from oncall.ingest import alertmanager, generic, opsgenie, pagerduty
from oncall.ingest.tool import Tool

TOOLS: dict[str, Tool] = {
    "alertmanager": alertmanager.TOOL,
    "generic": generic.TOOL,
    "opsgenie": opsgenie.TOOL,
    "pagerduty": pagerduty.TOOL,
}
"""By the name that is in the address, `/ingest/{tool}/{key}`."""

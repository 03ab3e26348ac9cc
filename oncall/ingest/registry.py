"""The sending tools: one file and one row each."""

from oncall.ingest import alertmanager, generic, pagerduty, victorops
from oncall.ingest.tool import Tool

TOOLS: dict[str, Tool] = {
    "alertmanager": alertmanager.TOOL,
    "generic": generic.TOOL,
    "pagerduty": pagerduty.TOOL,
    "victorops": victorops.TOOL,
}
"""By the name that is in the address, `/ingest/{tool}/{key}`."""

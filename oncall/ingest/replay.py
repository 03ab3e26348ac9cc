"""A request that came, read again as its key would with other options: nothing is stored."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from oncall.ingest.journal import LONGEST_BODY, MAIL
from oncall.ingest.preview import Preview, preview
from oncall.ingest.reading import Inbound
from oncall.ingest.tool import Tool
from oncall.models import ReceivedRequest

_NOT_EVENTS = ("/ingest/change/", "/v2/change/", "/v2/alerts/", "/v2/heartbeats")
"""How the addresses begin of changes, and of what Opsgenie's clients do to alerts that are there."""


def tells_events(request: ReceivedRequest) -> bool:
    """Whether it says what is wrong, or over: what else comes by a key has nothing to do with options and rules."""
    return not request.path.startswith(_NOT_EVENTS)


def replay(tool: Tool, options: Mapping[str, str], request: ReceivedRequest) -> Preview:
    """As far as it was kept: without what was secret in it, and without the end of a long body."""
    made = preview(tool, options, _inbound(request))
    if made.problems and request.body_bytes > LONGEST_BODY:
        return Preview([], [f"only the first {LONGEST_BODY:,} bytes of it were kept: it can't be tried"])
    return made


def _inbound(request: ReceivedRequest) -> Inbound:
    headers = {name.lower(): value for name, value in request.headers}
    if request.method == MAIL:
        tag = request.path.rpartition("@")[0].partition("+")[2]
        query = {"dedup": tag}
    else:
        query = dict(parse_qsl(request.path.partition("?")[2], keep_blank_values=True))
    return Inbound(request.body.encode(), {}, headers, query, request.at)

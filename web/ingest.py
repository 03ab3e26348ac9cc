"""Events in. Bodies are read as they are, whatever their Content-Type: real senders post JSON as anything.

FastAPI lists the endpoints of events in its document, but the application answers them by `answer` before FastAPI's
middleware, exit stacks and routing, which together cost more than reading and storing an event.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from oncall.alerts.event import Event
from oncall.errors import BadInput, MethodNotAllowed, NotFound, OncallError
from oncall.ingest.masking import without_key
from oncall.ingest.reading import Inbound
from oncall.ingest.registry import TOOLS
from oncall.ingest.store import Accepted, Submission, find_key
from oncall.ingest.tool import Tool
from oncall.running.runtime import Runtime
from web import changes, pagerduty, victorops
from web.any_text import ANY_TEXT
from web.arrival import accept, arrival_of, looked_into
from web.errors import problem
from web.inbound import read_body, read_gathered
from web.json_response import JSONResponse
from web.refusals import TAKEN_IN, refusals

router = APIRouter(tags=["ingest"])


@router.post(
    "/ingest/{tool}/{key}/{path:" + ANY_TEXT + "}",
    status_code=202,
    summary="A tool that appends a path",
    responses=refusals(*TAKEN_IN, 403, 404, 405),
)
async def ingest_below(tool: str, key: str, path: str, request: Request) -> Response:
    if not _appends(tool, path):
        raise NotFound("There is nothing at this address.")
    return await ingest(tool, key, request)


@router.get(
    "/ingest/{tool}/{key}",
    status_code=202,
    summary="A tool that can only GET",
    responses=refusals(*TAKEN_IN, 403, 404, 405),
)
@router.post(
    "/ingest/{tool}/{key}", status_code=202, summary="Any other tool", responses=refusals(*TAKEN_IN, 403, 404, 405)
)
@looked_into
async def ingest(tool: str, key: str, request: Request) -> Response:
    if tool == changes.TOOL:
        raise MethodNotAllowed(("POST",))
    arrival = arrival_of(request)
    arrival.key, arrival.tool = key, tool
    accepted = await take(tool, key, request)
    return JSONResponse(
        {"status": "accepted", "events": len(accepted.made), "dedup_keys": accepted.dedup_keys}, status_code=202
    )


@router.options(
    "/ingest/cloudevents/{key}",
    summary="Whether a sender of CloudEvents may send",
    description="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md",
    responses=refusals(400, 404, 503),
)
def may_send(key: str, request: Request) -> Response:
    """Senders that keep to the specification, such as Azure Event Grid, send nothing before this is answered."""
    runtime: Runtime = request.app.state.runtime
    origin = request.headers.get("webhook-request-origin", "")
    if not origin:
        raise BadInput("Send the header WebHook-Request-Origin: it says who asks.")
    with runtime.database.read() as session:
        find_key(session, key, "cloudevents")
    return Response(headers={"Allow": "POST", "WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"})


async def take(tool: str, key: str, request: Request, body: bytes | None = None) -> Accepted:
    """`body`: where it was read already. Returns once it is committed. Raises OncallError."""
    known = TOOLS.get(tool)
    if known is None:
        raise NotFound(f"“{tool}” is no tool we know. Known are: {', '.join(sorted(TOOLS))}.")
    if request.method not in known.methods:
        raise MethodNotAllowed(known.methods)
    runtime: Runtime = request.app.state.runtime
    if body is None:
        body = await (read_gathered(request) if known.gathers else read_body(request))
    submission = Submission(key, tool, partial(_read, known, key, body, request, runtime.clock()))
    if known.comes_by_sns:
        return await runtime.sns.accept(body, submission, partial(accept, request))
    return await accept(request, submission)


async def answer(request: Request) -> Response | None:
    """The answer, when the request is for one of the endpoints above."""
    match request.scope["path"].split("/"):
        case ["", "v2", "enqueue"]:
            return await pagerduty.enqueue(request)
        case ["", "generic", "2010-04-15", "create_event.json"]:
            return await pagerduty.create_event(request)
        case ["", "integrations", "generic", "20131114", "alert", key, *routing_key]:
            return await victorops.alert(key, "/".join(routing_key), request)
        case ["", "ingest", tool, key, *rest] if tool != changes.TOOL and (not rest or _appends(tool, "/".join(rest))):
            try:
                return await ingest(tool, key, request)
            except OncallError as error:
                return problem(error)
    return None


def _appends(tool: str, path: str) -> bool:
    return tool in TOOLS and TOOLS[tool].path == path


def _read(tool: Tool, key: str, body: bytes, request: Request, at: datetime, options: Mapping[str, str]) -> list[Event]:
    events = tool.parse(Inbound(body, options, request.headers, request.query_params, at))
    return without_key(events, key, body, request.scope["query_string"])

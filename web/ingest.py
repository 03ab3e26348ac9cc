"""Events in. Bodies are read as they are, whatever their Content-Type: real senders post JSON as anything.

FastAPI lists these endpoints in its document, but the application answers them by `answer` before FastAPI's middleware,
exit stacks and routing, which together cost more than reading and storing an event.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from oncall.alerts.event import Event
from oncall.errors import MethodNotAllowed, NotFound, OncallError, TooLarge, TooManyRequests
from oncall.ingest import pagerduty
from oncall.ingest.reading import BadEvent, Inbound
from oncall.ingest.registry import TOOLS
from oncall.ingest.store import Submission, UnknownKey
from oncall.ingest.tool import Tool
from oncall.runtime import Runtime
from web.arrival import accept, arrival_of, looked_into
from web.errors import headers_of, problem

router = APIRouter(tags=["ingest"])


@router.post("/v2/enqueue", status_code=202, summary="PagerDuty Events v2")
@looked_into
async def enqueue(request: Request) -> Response:
    try:
        event = pagerduty.read(await read_body(request))
        accepted = await accept(request, Submission(event.routing_key, "pagerduty", lambda _options: [event.event()]))
    except OncallError as error:
        _refused(request, error)
        return _pagerduty_error(error)
    return JSONResponse(
        {"status": "success", "message": "Event processed", "dedup_key": accepted.dedup_keys[0]}, status_code=202
    )


def _refused(request: Request, error: OncallError) -> None:
    """Whoever has the key sees it on the key's page, if the key can be read at all."""
    arrival = arrival_of(request)
    if arrival.outcome is None:
        arrival.outcome, arrival.key, arrival.tool = error, pagerduty.routing_key_in(arrival.body), "pagerduty"


def _pagerduty_error(error: OncallError) -> Response:
    """PagerDuty's own form; an unknown routing key is a 400 there."""
    if isinstance(error, TooManyRequests):
        said = {"status": "throttle exceeded", "message": error.detail}
        return JSONResponse(said, status_code=error.status, headers=headers_of(error))
    if isinstance(error, UnknownKey):
        problems, status = [f"'routing_key' is not known: {error.detail}"], 400
    else:
        problems, status = error.problems if isinstance(error, BadEvent) else [error.detail], error.status
    body: dict[str, Any] = {"status": "invalid event", "message": "Event object is invalid", "errors": problems}
    if status >= 500:
        body |= {"status": "error", "message": error.title}
    return JSONResponse(body, status_code=status, headers=headers_of(error))


@router.get("/ingest/{tool}/{key}", status_code=202, summary="A tool that can only GET")
@router.post("/ingest/{tool}/{key}", status_code=202, summary="Any other tool")
@looked_into
async def ingest(tool: str, key: str, request: Request) -> Response:
    arrival = arrival_of(request)
    arrival.key, arrival.tool = key, tool
    known = TOOLS.get(tool)
    if known is None:
        raise NotFound(f"“{tool}” is no tool we know. Known are: {', '.join(sorted(TOOLS))}.")
    if request.method not in known.methods:
        raise MethodNotAllowed(f"{known.title} sends by {' or '.join(sorted(known.methods))}, not by {request.method}.")
    read = partial(_read, known, await read_body(request), request, request.app.state.runtime.clock())
    accepted = await accept(request, Submission(key, tool, read))
    return JSONResponse(
        {"status": "accepted", "events": len(accepted.made), "dedup_keys": accepted.dedup_keys}, status_code=202
    )


async def answer(request: Request) -> Response | None:
    """The answer, when the request is for one of the endpoints above."""
    match request.scope["path"].split("/"):
        case ["", "v2", "enqueue"]:
            return await enqueue(request)
        case ["", "ingest", tool, key]:
            try:
                return await ingest(tool, key, request)
            except OncallError as error:
                return problem(error)
    return None


def _read(tool: Tool, body: bytes, request: Request, at: datetime, options: Mapping[str, str]) -> list[Event]:
    return tool.parse(Inbound(body, options, request.headers, request.query_params, at))


async def read_body(request: Request) -> bytes:
    """The whole body. Raises TooLarge as soon as it is clear that it is."""
    runtime: Runtime = request.app.state.runtime
    limit = runtime.settings.ingest_max_bytes
    too_large = TooLarge(f"The body is larger than {limit} bytes. Send less detail, or raise ONCALL_INGEST_MAX_BYTES.")
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    arrival = arrival_of(request)
    arrival.body = b"".join(parts)
    return arrival.body

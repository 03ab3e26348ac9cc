"""PagerDuty's Events v2 and v1, with its own answers and errors. A key of the tool `pagerduty` serves both."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from oncall.errors import OncallError, TooManyRequests, TooSlow
from oncall.ingest import pagerduty, pagerduty_v1
from oncall.ingest.reading import BadEvent
from oncall.ingest.store import Submission, UnknownKey
from web.arrival import accept, arrival_of, looked_into, refused
from web.errors import headers_of
from web.inbound import read_body
from web.json_response import JSONResponse
from web.refusals import TAKEN_IN, VENDORS_OWN, refusals

router = APIRouter(tags=["ingest"])

TOOL = "pagerduty"
ROUTING_KEY = "x-routing-key"
"""The header in which some senders have it, Kibana among them, instead of in the message."""
V1_LIMITED = 403


@router.post(
    "/v2/enqueue", status_code=202, summary="PagerDuty Events v2", responses=refusals(*TAKEN_IN, form=VENDORS_OWN)
)
@looked_into
async def enqueue(request: Request) -> Response:
    try:
        event = pagerduty.read(await read_body(request), request.headers.get(ROUTING_KEY, "").strip())
        accepted = await accept(request, Submission(event.routing_key, TOOL, lambda _options: [event.event()]))
    except OncallError as error:
        return _refused(request, error, "routing_key")
    return JSONResponse(
        {"status": "success", "message": "Event processed", "dedup_key": accepted.dedup_keys[0]}, status_code=202
    )


@router.post(
    "/generic/2010-04-15/create_event.json",
    summary="PagerDuty Events v1",
    responses=refusals(*TAKEN_IN, 403, form=VENDORS_OWN),
)
@looked_into
async def create_event(request: Request) -> Response:
    try:
        event = pagerduty_v1.read(await read_body(request))
        accepted = await accept(request, Submission(event.service_key, TOOL, lambda _options: [event.event()]))
    except OncallError as error:
        return _refused(request, error, "service_key", V1_LIMITED if isinstance(error, TooManyRequests) else None)
    return JSONResponse({"status": "success", "message": "Event processed", "incident_key": accepted.dedup_keys[0]})


def _refused(request: Request, error: OncallError, key_field: str, status: int | None = None) -> Response:
    refused(request, error, key_of(request, key_field), TOOL)
    return refusal(error, key_field, status)


def key_of(request: Request, key_field: str) -> str:
    """Of a message that can't be used: whose it is; empty when nothing says so."""
    return pagerduty.key_in(arrival_of(request).body, key_field) or request.headers.get(ROUTING_KEY, "").strip()


def refusal(error: OncallError, key_field: str, status: int | None = None) -> Response:
    """In PagerDuty's own form; an unknown key, in the field `key_field`, is a 400 there."""
    said, problems = ("invalid event", "Event object is invalid"), [error.detail]
    if isinstance(error, UnknownKey):
        status, problems = 400, [f"'{key_field}' is not known: {error.detail}"]
    elif isinstance(error, TooManyRequests):
        said = ("throttle exceeded", "Requests for this service are arriving too quickly.  Please retry later.")
    elif isinstance(error, BadEvent):
        problems = error.problems
    elif isinstance(error, TooSlow) or error.status >= 500:
        said = ("error", error.title)
    return _answer(error, status or error.status, said, problems)


def _answer(error: OncallError, status: int, said: tuple[str, str], problems: Sequence[str]) -> Response:
    body: dict[str, Any] = {"status": said[0], "message": said[1], "errors": list(problems)}
    return JSONResponse(body, status_code=status, headers=headers_of(error))

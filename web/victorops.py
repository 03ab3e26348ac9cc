"""VictorOps, now Splunk On-Call: its REST endpoint, with its own answers."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from oncall.alerts.event import Event
from oncall.errors import OncallError
from oncall.ingest import victorops
from oncall.ingest.masking import without_key
from oncall.ingest.reading import Inbound
from oncall.ingest.store import Accepted, Submission
from web.arrival import accept, looked_into, refused
from web.errors import headers_of
from web.inbound import read_body
from web.json_response import JSONResponse
from web.refusals import TAKEN_IN, VENDORS_OWN, refusals

router = APIRouter(tags=["ingest"])

TOOL = "victorops"
ENDPOINT = "/integrations/generic/20131114/alert"


@router.post(
    ENDPOINT + "/{key}/{routing_key}",
    summary="VictorOps, now Splunk On-Call",
    responses=refusals(*TAKEN_IN, 404, form=VENDORS_OWN),
)
@looked_into
async def alert(key: str, routing_key: str, request: Request) -> Response:
    try:
        parse = partial(_parse, key, await read_body(request), routing_key)
        accepted = await accept(request, Submission(key, TOOL, parse))
    except OncallError as error:
        refused(request, error, key, TOOL)
        return refusal(error)
    return taken(accepted)


@router.post(
    ENDPOINT + "/{key}",
    summary="VictorOps, without a routing key",
    responses=refusals(*TAKEN_IN, 404, form=VENDORS_OWN),
)
async def alert_for_all(key: str, request: Request) -> Response:
    return await alert(key, "", request)


def _parse(key: str, body: bytes, routing_key: str, options: Mapping[str, str]) -> list[Event]:
    events = victorops.parse(Inbound(body, options, query={victorops.ROUTING_KEY: routing_key}))
    return without_key(events, key, body)


def taken(accepted: Accepted) -> Response:
    return JSONResponse({"result": "success", "entity_id": next(iter(accepted.dedup_keys), "")})


def refusal(error: OncallError) -> Response:
    body: dict[str, Any] = {"result": "failure", "message": error.detail}
    if error.problems:
        body["errors"] = error.problems
    return JSONResponse(body, status_code=error.status, headers=headers_of(error))

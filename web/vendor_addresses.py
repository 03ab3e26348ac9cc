"""The addresses that PagerDuty, Opsgenie, VictorOps and Grafana OnCall give to the webhooks of other tools.

What comes there is in the tool's own form, not in the vendor's, and so is read as the key's tool sends it; the answers
are the vendor's. So a tool that was pointed at one of them needs another host, and nothing else.
"""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from oncall.errors import OncallError
from oncall.ingest.fields import read_fields, text_of
from oncall.ingest.reading import BadEvent
from oncall.ingest.store import Accepted, KeyOfAnotherTool, known_key
from oncall.running.runtime import Runtime
from web import opsgenie, pagerduty, victorops
from web.any_text import ANY_TEXT
from web.arrival import arrival_of, looked_into
from web.errors import problem, translating
from web.inbound import read_body
from web.ingest import take
from web.json_response import JSONResponse
from web.refusals import TAKEN_IN, VENDORS_OWN, refusals

JSM = "/jsm/ops/integration"
"""Before the same addresses at Jira Service Management, into which Atlassian moves Opsgenie's customers."""
router = APIRouter(tags=["ingest"])
REFUSED = refusals(*TAKEN_IN, 403, 404, form=VENDORS_OWN)


@router.post("/x-ere/{key}", status_code=202, summary="PagerDuty, of an event orchestration", responses=REFUSED)
@router.post("/integration/{key}/enqueue", status_code=202, summary="PagerDuty's Integration URL", responses=REFUSED)
@router.post(
    "/adapter/{name}/{version}/{key}", status_code=202, summary="PagerDuty's older Integration URL", responses=REFUSED
)
@looked_into
async def of_pagerduty(key: str, request: Request) -> Response:
    try:
        accepted = await _take(request, key)
    except OncallError as error:
        return _seen(request, error, pagerduty.refusal(error, "routing_key"))
    return _processed(accepted, 202, "dedup_key")


@router.post("/nagios/2010-04-15/create_event", summary="PagerDuty's Perl script for Nagios", responses=REFUSED)
@looked_into
async def of_nagios(request: Request) -> Response:
    """Its contact has the key as its pager."""
    try:
        body = await read_body(request)
        accepted = await _take(request, _field(body, "CONTACTPAGER"), body)
    except OncallError as error:
        return _seen(request, error, pagerduty.refusal(error, "CONTACTPAGER"))
    return _processed(accepted, 200, "incident_key")


@router.post("/v1/json/{name:" + ANY_TEXT + "}", summary="Opsgenie's integrations with other tools", responses=REFUSED)
async def of_opsgenie(name: str, request: Request) -> Response:
    """`name` is what Opsgenie calls the tool. The key is in the query, or in the message, as `apiKey`."""
    return await opsgenie.told_its_way(request, _of_opsgenie)


async def _of_opsgenie(request: Request) -> Response:
    body = await read_body(request)
    accepted = await _take(request, request.query_params.get("apiKey") or _field(body, "apiKey"), body)
    return opsgenie.envelope(request, {"status": "successful", "code": 200, "events": len(accepted.made)})


@router.post(
    "/integrations/{name}/{version}/alert", summary="VictorOps, with the key in the message", responses=REFUSED
)
@looked_into
async def of_victorops_by_message(name: str, version: str, request: Request) -> Response:
    """As Splunk On-Call's own scripts for Zabbix and AppDynamics send it."""
    try:
        body = await read_body(request)
        accepted = await _take(request, _field(body, "VO_ORGANIZATION_KEY"), body)
    except OncallError as error:
        return _seen(request, error, victorops.refusal(error))
    return victorops.taken(accepted)


@router.post(
    "/integrations/{name}/{version}/alert/{key}",
    summary="VictorOps' integrations, without a routing key",
    responses=REFUSED,
)
async def of_victorops_for_all(name: str, version: str, key: str, request: Request) -> Response:
    return await of_victorops(name, version, key, "", request)


@router.post(
    "/integrations/{name}/{version}/alert/{key}/{routing_key:" + ANY_TEXT + "}",
    summary="VictorOps' integrations with other tools",
    responses=REFUSED,
)
@looked_into
async def of_victorops(name: str, version: str, key: str, routing_key: str, request: Request) -> Response:
    try:
        accepted = await _take(request, key)
    except OncallError as error:
        return _seen(request, error, victorops.refusal(error))
    return victorops.taken(accepted)


@router.post(
    "/integrations/v1/{name}/{key}", summary="Grafana OnCall's integrations", responses=refusals(*TAKEN_IN, 404)
)
@router.post(
    "/oncall/integrations/v1/{name}/{key}",
    summary="Grafana OnCall's integrations, as Grafana Cloud has them",
    responses=refusals(*TAKEN_IN, 404),
)
@looked_into
async def of_grafana_oncall(name: str, key: str, request: Request) -> Response:
    try:
        await _take(request, key)
    except OncallError as error:
        return _seen(request, error, problem(error))
    return PlainTextResponse("Ok.")


async def _take(request: Request, key: str, body: bytes | None = None) -> Accepted:
    """`body`: where it was read already, for the key in it."""
    runtime: Runtime = request.app.state.runtime
    arrival = arrival_of(request)
    arrival.key = key
    arrival.tool = await run_in_threadpool(_tool_of, runtime, key)
    return await take(arrival.tool, key, request, body)


def _tool_of(runtime: Runtime, key: str) -> str:
    with translating(), runtime.database.read() as session:
        tool = known_key(session, key).tool
    if tool == opsgenie.TOOL:
        raise KeyOfAnotherTool(
            "This key is for Opsgenie's own API, /v2/alerts. For what another tool sends, make a key of that tool."
        )
    return tool


def _field(body: bytes, name: str) -> str:
    """The key, of a message that holds it."""
    key = text_of(read_fields(body), name)
    if not key:
        raise BadEvent([f"'{name}' is missing or blank: it is the integration key"])
    return key


def _seen(request: Request, error: OncallError, answer: Response) -> Response:
    """Whoever has the key sees on its page why it was refused."""
    arrival_of(request).outcome = error
    return answer


def _processed(accepted: Accepted, status: int, key_field: str) -> Response:
    """Of several alerts in one message, the first is told."""
    told = {"status": "success", "message": "Event processed"}
    return JSONResponse(told | ({key_field: accepted.dedup_keys[0]} if accepted.made else {}), status)

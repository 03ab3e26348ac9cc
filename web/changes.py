"""Change events in: PagerDuty's address for them, and one for a deploy script. Any live key of the service will do.

They come a few times an hour, not in storms, and so are stored one by one.
"""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from oncall.changes import record, service_of
from oncall.errors import OncallError, TooManyRequests, Unavailable
from oncall.ingest import change as reading
from oncall.ingest.change import Change
from oncall.ingest.journal import ChangeKept
from oncall.metrics import EVENTS
from oncall.running.runtime import Runtime
from web.arrival import arrival_of, looked_into, refused
from web.errors import problem, translating
from web.inbound import read_body
from web.json_response import JSONResponse
from web.pagerduty import ROUTING_KEY, key_of, refusal
from web.refusals import TAKEN_IN, VENDORS_OWN, refusals

router = APIRouter(tags=["ingest"])

TOOL = "change"
"""In the address, in place of a sending tool, and in the metrics."""


@router.post(
    "/v2/change/enqueue",
    status_code=202,
    summary="PagerDuty change events: they never page",
    responses=refusals(*TAKEN_IN, form=VENDORS_OWN),
)
@looked_into
async def enqueue_change(request: Request) -> Response:
    try:
        sent = reading.read_v2(await read_body(request), request.headers.get(ROUTING_KEY, "").strip())
        await _store(request, sent.routing_key, sent.change())
    except OncallError as error:
        refused(request, error, key_of(request, "routing_key"), TOOL)
        return refusal(_counted(error), "routing_key")
    return JSONResponse({"status": "success", "message": "Change event processed"}, status_code=202)


@router.post(
    f"/ingest/{TOOL}/{{key}}",
    status_code=202,
    summary="A deploy or another change: it never pages",
    responses=refusals(*TAKEN_IN, 404),
)
@looked_into
async def ingest_change(key: str, request: Request) -> Response:
    try:
        number = await _store(request, key, reading.read(await read_body(request)))
    except OncallError as error:
        refused(request, error, key, TOOL)
        return problem(_counted(error))
    return JSONResponse({"status": "accepted", "id": number}, status_code=202)


async def _store(request: Request, key: str, change: Change) -> int:
    """Returns once it is committed. Raises OncallError."""
    runtime: Runtime = request.app.state.runtime
    arrival = arrival_of(request)
    arrival.key, arrival.tool = key, TOOL
    runtime.rate_limit.take(key)
    number = await run_in_threadpool(_record, runtime, key, change)
    arrival.outcome = ChangeKept(number, change.summary)
    EVENTS.labels(TOOL, "accepted").inc()
    return number


def _record(runtime: Runtime, key: str, change: Change) -> int:
    with translating(), runtime.database.transaction() as session:
        service_id, name = service_of(session, key)
        event = record(session, service_id, change, name, runtime.clock())
        assert event.id is not None
        return event.id


def _counted(error: OncallError) -> OncallError:
    kinds = {Unavailable: "unavailable", TooManyRequests: "limited"}
    EVENTS.labels(TOOL, kinds.get(type(error), "refused")).inc()
    return error

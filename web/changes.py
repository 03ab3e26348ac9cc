"""Change events in: PagerDuty's address for them, and one for a deploy script. Any live key of the service will do.

They come a few times an hour, not in storms, and so are stored one by one.
"""

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from oncall.changes import record, service_of
from oncall.errors import OncallError, Unavailable
from oncall.ingest import change as reading
from oncall.ingest.change import Change
from oncall.metrics import EVENTS
from oncall.runtime import Runtime
from web.errors import problem, translated
from web.inbound import read_body
from web.pagerduty import refusal

router = APIRouter(tags=["ingest"])

TOOL = "change"
"""In the address, in place of a sending tool, and in the metrics."""


@router.post("/v2/change/enqueue", status_code=202, summary="PagerDuty change events: they never page")
async def enqueue_change(request: Request) -> Response:
    try:
        sent = reading.read_v2(await read_body(request))
        await _store(request, sent.routing_key, sent.change())
    except OncallError as error:
        return refusal(_counted(error), "routing_key")
    return JSONResponse({"status": "success", "message": "Change event processed"}, status_code=202)


@router.post(f"/ingest/{TOOL}/{{key}}", status_code=202, summary="A deploy or another change: it never pages")
async def ingest_change(key: str, request: Request) -> Response:
    try:
        number = await _store(request, key, reading.read(await read_body(request)))
    except OncallError as error:
        return problem(_counted(error))
    return JSONResponse({"status": "accepted", "id": number}, status_code=202)


async def _store(request: Request, key: str, change: Change) -> int:
    """Returns once it is committed. Raises OncallError."""
    number = await run_in_threadpool(_record, request.app.state.runtime, key, change)
    EVENTS.labels(TOOL, "accepted").inc()
    return number


def _record(runtime: Runtime, key: str, change: Change) -> int:
    try:
        with runtime.database.transaction() as session:
            service_id, name = service_of(session, key)
            event = record(session, service_id, change, name, runtime.clock())
            assert event.id is not None
            return event.id
    except SQLAlchemyError as error:
        told = translated(error)
        if told is None:
            raise
        raise told from error


def _counted(error: OncallError) -> OncallError:
    EVENTS.labels(TOOL, "unavailable" if isinstance(error, Unavailable) else "refused").inc()
    return error

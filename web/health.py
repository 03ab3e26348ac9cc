"""Is the process up, and can it do its work?"""

from datetime import datetime

import structlog
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from oncall.logs import cause_of
from oncall.pulse.fitness import why_no_pass
from oncall.running.runtime import Runtime
from web.json_response import JSONResponse
from web.refusals import VENDORS_OWN, refusals

log = structlog.get_logger(__name__)

router = APIRouter(tags=["health"])

NOT_WRITABLE = "The database is away, full or only to be read: nothing can be stored. See ONCALL_DATABASE_URL."


@router.head("/health/live", include_in_schema=False)
@router.get("/health/live", summary="The process answers")
def live() -> dict[str, str]:
    return {"status": "ok"}


@router.head("/health/ready", include_in_schema=False)
@router.get(
    "/health/ready",
    summary="Database, engine and the storing of events work; 503 otherwise",
    responses=refusals(503, form=VENDORS_OWN),
)
def ready(request: Request) -> Response:
    runtime: Runtime = request.app.state.runtime
    last_pass, detail = _state(runtime)
    body = {
        "status": "unavailable" if detail else "ok",
        "last_engine_pass": last_pass and last_pass.isoformat(),
        "detail": detail,
    }
    return JSONResponse(body, status_code=503 if detail else 200, headers={"Retry-After": "5"} if detail else {})


def _state(runtime: Runtime) -> tuple[datetime | None, str]:
    """When an engine made its last pass, and what keeps us from our work; "" when nothing does."""
    try:
        last_pass = runtime.pulse.proven_writable()
    except SQLAlchemyError as error:
        log.warning("health.not_writable", error=type(error).__name__, cause=cause_of(error))
        return None, NOT_WRITABLE
    if not runtime.writer.is_alive:
        return last_pass, "The part that stores events has stopped: restart this process."
    return last_pass, why_no_pass(last_pass, runtime.clock())

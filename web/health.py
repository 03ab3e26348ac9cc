"""Is the process up, and can it do its work?"""

from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from sqlmodel import col, func, select
from starlette.responses import JSONResponse, Response

from oncall.engine import PRESENCE_SECONDS
from oncall.models import EngineProcess
from oncall.runtime import Runtime

router = APIRouter(tags=["health"])


@router.head("/health/live", include_in_schema=False)
@router.get("/health/live", summary="The process answers")
def live() -> dict[str, str]:
    return {"status": "ok"}


@router.head("/health/ready", include_in_schema=False)
@router.get("/health/ready", summary="Database, engine and the storing of events work; 503 otherwise")
def ready(request: Request) -> Response:
    runtime: Runtime = request.app.state.runtime
    with runtime.database.read() as session:
        last = session.exec(select(func.max(col(EngineProcess.last_pass_at)))).one()
    detail = _problem(runtime, last)
    body = {
        "status": "unavailable" if detail else "ok",
        "last_engine_pass": last and last.isoformat(),
        "detail": detail,
    }
    return JSONResponse(body, status_code=503 if detail else 200, headers={"Retry-After": "5"} if detail else {})


def _problem(runtime: Runtime, last_pass: datetime | None) -> str:
    """What keeps it from its work; "" when nothing does."""
    if not runtime.writer.is_alive:
        return "The part that stores events has stopped: restart this process."
    if last_pass is None or abs(runtime.clock() - last_pass) > timedelta(seconds=3 * PRESENCE_SECONDS):
        return "No engine has completed a pass lately: start “oncall serve” or “oncall engine”."
    return ""

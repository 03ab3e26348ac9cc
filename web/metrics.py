"""`/metrics`, for Prometheus. Open to all, as it is used to, unless ONCALL_METRICS_TOKEN says otherwise."""

import secrets

import structlog
from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse, Response

from oncall.pulse.exposition import CONTENT_TYPE, Process, exposition
from oncall.pulse.vitals import Vitals
from oncall.running.runtime import Runtime

log = structlog.get_logger(__name__)

router = APIRouter(tags=["health"])


@router.head("/metrics", include_in_schema=False)
@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """Answers while the database is away, too: `oncall_database_up` is 0 then."""
    runtime: Runtime = request.app.state.runtime
    if not _may_read(request, runtime.settings.metrics_token.get_secret_value()):
        said = "Send “Authorization: Bearer <ONCALL_METRICS_TOKEN>”.\n"
        return PlainTextResponse(said, 401, headers={"WWW-Authenticate": "Bearer"})
    engine = runtime.engine
    process = Process(runtime.writer.waiting, engine.sending if engine else None)
    return Response(exposition(process, _vitals(runtime), runtime.clock()), media_type=CONTENT_TYPE)


def _may_read(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    return not token or secrets.compare_digest(given.encode(), f"Bearer {token}".encode())


def _vitals(runtime: Runtime) -> Vitals | None:
    try:
        return runtime.pulse.vitals()
    except SQLAlchemyError as error:
        log.warning("metrics.without_database", error=type(error).__name__)
        return None

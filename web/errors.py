"""One renderer for errors: RFC 9457 problem+json for programs, a page for people."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from oncall.errors import BadInput, NotFound, NotSignedIn, OncallError, TooManyRequests, Unavailable
from web.templating import render

log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    app.add_exception_handler(OncallError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(SQLAlchemyError, _database)


def problem(error: OncallError, status: int | None = None) -> JSONResponse:
    """RFC 9457. `errors` lists every fault at once where there are several."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": status or error.status,
        "detail": error.detail,
    }
    if error.field:
        body["field"] = error.field
    if isinstance(error, BadInput) and error.problems:
        body["errors"] = error.problems
    return JSONResponse(
        body, status_code=body["status"], headers=headers_of(error), media_type="application/problem+json"
    )


def headers_of(error: OncallError) -> dict[str, str]:
    if isinstance(error, Unavailable | TooManyRequests):
        return {"Retry-After": str(error.retry_after)}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else {}


def _wants_page(request: Request) -> bool:
    programs = ("/api/", "/ingest/", "/v2/", "/callbacks/", "/ping/", "/ical/", "/health/", "/metrics")
    return not request.url.path.startswith(programs) and "text/html" in request.headers.get("accept", "")


def respond(request: Request, error: OncallError, status: int | None = None) -> Response:
    if not _wants_page(request):
        return problem(error, status)
    if isinstance(error, NotSignedIn):
        following = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/login?next={following}", status_code=303)
    return render(request, "error.html", {"error": error}, status=status or error.status, headers=headers_of(error))


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, OncallError)
    return respond(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [f"{'.'.join(str(part) for part in e['loc'][1:]) or e['loc'][0]}: {e['msg']}" for e in error.errors()]
    return respond(request, BadInput("; ".join(problems), problems=problems), status=422)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    ours = NotFound("There is nothing at this address.") if error.status_code == 404 else OncallError(str(error.detail))
    if error.status_code != 404:
        ours.title = str(error.detail)
    response = respond(request, ours, status=error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _database(request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and type(error).__name__ not in ("OperationalError", "InterfaceError"):
        raise error  # our own mistake, not an outage: a 500 with its traceback in the log
    log.error("database.unavailable", error=type(error).__name__, path=request.url.path)
    return respond(request, Unavailable("The database is away or full. Nothing was changed; try again."))

"""One renderer for errors: RFC 9457 problem+json for programs, a page for people."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from oncall.db.database import is_outage
from oncall.errors import (
    BadInput,
    Conflict,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    OncallError,
    TooLarge,
    TooManyRequests,
    Unavailable,
    UnreadableCoding,
)
from oncall.logs import cause_of
from web.interrupted import ask_to_sign_in
from web.json_response import JSONResponse
from web.reader import reader_if_known
from web.templating import render

log = structlog.get_logger(__name__)

NOWHERE = "There is nothing at this address."
AWAY = "The database is away or full. Nothing was changed; try again."
FAULT = "This is a fault in this service, and it is in its log. Try again."
TOO_LARGE = "The body is larger than anything that is taken here. Send less."
INBOUND = (
    *("/ingest/", "/v2/", "/generic/", "/integration/", "/x-ere/", "/adapter/", "/nagios/"),
    *("/v1/", "/integrations/", "/oncall/"),
)
"""How the addresses begin to which monitoring sends."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAID = {"missing": "is missing", "extra_forbidden": "is not known here"}
SHOULD = re.compile(r"^(Input|String|List|Value) should( have)?(?= )")
LOST_RACES = frozenset(
    {"23505", "23503", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_FOREIGNKEY"}
)
"""Codes of PostgreSQL and SQLite for a row that is there already, or whose other end is gone."""


def install(app: FastAPI) -> None:
    app.add_exception_handler(OncallError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(ClientDisconnect, unheard)
    app.add_exception_handler(Exception, unexpected)


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
    if error.problems:
        body["errors"] = error.problems
    return JSONResponse(
        body, status_code=body["status"], headers=headers_of(error), media_type="application/problem+json"
    )


def headers_of(error: OncallError) -> dict[str, str]:
    if isinstance(error, Unavailable | TooManyRequests):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    if isinstance(error, UnreadableCoding):
        return {"Accept-Encoding": "gzip"}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else {}


def _wants_page(request: Request) -> bool:
    programs = ("/api/", *INBOUND, "/callbacks/", "/ping/", "/ical/", "/health/", "/metrics")
    return not request.url.path.startswith(programs) and "text/html" in request.headers.get("accept", "")


async def _answer(request: Request, error: OncallError, status: int | None = None) -> Response:
    """With the menu of whoever is signed in."""
    is_shown = _wants_page(request) and not isinstance(error, Unavailable)
    reader = await run_in_threadpool(reader_if_known, request) if is_shown else None
    return respond(request, error, status, reader)


def respond(
    request: Request, error: OncallError, status: int | None = None, reader: dict[str, Any] | None = None
) -> Response:
    if not _wants_page(request):
        return problem(error, status)
    if isinstance(error, NotSignedIn):
        return RedirectResponse(f"/login?next={quote(_following(request))}", status_code=303)
    context = {"error": error, **(reader or {})}
    return render(request, "error.html", context, status=status or error.status, headers=headers_of(error))


def _following(request: Request) -> str:
    """Where a login leads: the page that was asked for, as its address was written."""
    query = request.scope["query_string"].decode("latin-1")
    return quote(request.scope["path"]) + (f"?{query}" if query else "")


def translated(error: SQLAlchemyError) -> OncallError | None:
    """What a fault of the database means to who asked; None for a mistake of ours."""
    if is_outage(error):
        return Unavailable(AWAY)
    if isinstance(error, IntegrityError):
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        if code in LOST_RACES:
            return Conflict("Somebody else has just changed the same. Nothing was changed; reload and try again.")
    return None


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, OncallError)
    if isinstance(error, NotSignedIn) and request.method == "POST" and _wants_page(request):
        return await ask_to_sign_in(request)
    return await _answer(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _wants_page(request) and all(each["loc"][0] == "path" for each in error.errors()):
        return await _answer(request, NotFound(NOWHERE))  # where a number belongs is none
    problems = [f"{'.'.join(map(str, e['loc'][1:])) or e['loc'][0]}: {_in_words(e)}" for e in error.errors()]
    return await _answer(request, BadInput("; ".join(problems), problems=problems), status=422)


def _in_words(error: Mapping[str, Any]) -> str:
    """What is wrong with a field, which stands before it."""
    if error["type"] in SAID:
        return SAID[error["type"]]
    message: str = error["msg"].removeprefix("Value error, ").replace(" after validation", "")
    return SHOULD.sub(r"must\2", message)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if "Allow" in (error.headers or {}):
        return await _answer(request, MethodNotAllowed(_methods_at(request)))
    response = await _answer(request, _framework(error.status_code, str(error.detail)))
    response.headers.update(error.headers or {})
    return response


def _methods_at(request: Request) -> list[str]:
    """Every method of the address: the framework tells those of the first route that has it."""
    routes = request.app.router.routes
    return [
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


def _framework(status: int, detail: str) -> OncallError:
    """What the framework refuses, in our words."""
    if status == NotFound.status:
        return NotFound(NOWHERE)
    if status == TooLarge.status:
        return TooLarge(TOO_LARGE)
    ours = OncallError(detail)
    ours.status, ours.title = status, detail
    return ours


@contextmanager
def translating(kind: type[SQLAlchemyError] = SQLAlchemyError) -> Iterator[None]:
    """A fault of the database is raised as what it means to who asked; a mistake of ours as it is."""
    try:
        yield
    except kind as error:
        ours = translated(error)
        if ours is None:
            raise
        raise ours from error


async def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, SQLAlchemyError)
    ours = translated(error)
    if ours is None:
        raise error  # a 500 with its traceback in the log
    if isinstance(ours, Unavailable):
        log.error("database.unavailable", error=type(error).__name__, cause=cause_of(error), place=_place(request))
    return await _answer(request, ours)


async def unheard(_request: Request, _error: Exception) -> Response:
    """Whoever sent half a body has gone, or was cut off: nobody hears an answer, and nothing of ours is at fault."""
    return Response(status_code=BadInput.status)


async def unexpected(request: Request, error: Exception) -> Response:
    """A mistake of ours. The server logs its traceback, since it gets the error too."""
    log.error("request.failed", error=type(error).__name__, method=request.method, place=_place(request))
    return await _answer(request, OncallError(FAULT))


def _place(request: Request) -> str:
    """Which function answers. Not the path, which may hold a key or a token."""
    endpoint = request.scope.get("endpoint")
    name = getattr(endpoint, "__name__", type(endpoint).__name__)  # what is mounted is no function
    return f"{endpoint.__module__}.{name}" if endpoint else "/".join(request.url.path.split("/")[:2])

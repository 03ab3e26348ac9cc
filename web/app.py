"""The web application: every router in one visible list."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.datastructures import State
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from oncall import __version__
from oncall.errors import BadInput
from oncall.ingest.smtp import entrance, taking_mail
from oncall.running.runtime import Runtime
from web import (
    callbacks,
    changes,
    docs,
    errors,
    health,
    ical,
    ingest,
    metrics,
    opsgenie,
    pagerduty,
    ping,
    slack,
    vendor_addresses,
    victorops,
)
from web.api import ROUTERS as API_ROUTERS
from web.cookies import by_https_alone
from web.in_time import in_time
from web.pages import pages
from web.too_large import TooLargeAsProblem

INBOUND: list[APIRouter] = [
    pagerduty.router,
    victorops.router,
    vendor_addresses.router,  # behind the one above, whose address is more exact
    changes.router,  # before the router below, to which “change” would be a tool
    ingest.router,
    opsgenie.router,
    callbacks.router,
    slack.router,
    ical.router,
    ping.router,
    health.router,
    metrics.router,
    docs.router,
]


class Application(FastAPI):
    """`/path/` is `/path`, without a redirect: senders that add a slash rarely follow one. `//path` is, too: they were
    given our address with a slash at its end. Events come first. What Atlassian put before Opsgenie's addresses is
    taken off.

    NUL in an address is nobody's name or key, and PostgreSQL takes it for an error of ours.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        receive = in_time(scope, receive)
        path = f"/{scope['path'].strip('/')}".removeprefix(vendor_addresses.JSM) or "/"
        scope = {**scope, "path": path, "app": self}
        request = Request(scope, receive)
        if "\0" in path or b"%00" in scope["query_string"]:
            refused = errors.respond(request, BadInput("The address holds a NUL character."))
            return await refused(scope, receive, send)
        if scope["method"] == "POST":
            response = await _event(request, send)
            if response is not None:
                return await response(scope, receive, send)
        if self.state.runtime.settings.public_url.startswith("https://"):
            send = by_https_alone(send)
        return await super().__call__(scope, receive, send)


async def _event(request: Request, send: Send) -> Response | None:
    """The answer to an event. A fault of ours is told here, since no middleware is around it, and left to the log."""
    try:
        return await ingest.answer(request) or await opsgenie.answer(request)
    except ClientDisconnect as left:
        return await errors.unheard(request, left)
    except Exception as error:
        response = await errors.unexpected(request, error)
        await response(request.scope, request.receive, send)
        raise


def create_app(runtime: Runtime) -> FastAPI:
    """The application over a runtime that it starts and stops with itself."""
    app = copy(build_app(demo=runtime.settings.demo))
    app.state = State({"runtime": runtime})
    return app


def create_engine_app(runtime: Runtime) -> FastAPI:
    """What an engine alone answers: whether it is well, and its figures."""
    app = FastAPI(lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    errors.install(app)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.state.runtime = runtime
    return app


@cache
def build_app(*, demo: bool) -> FastAPI:
    """Everything but the runtime: never served itself, only its copies, each with a runtime of its own.

    Built once in a process, and in tests once for many that are forked from it: it takes longer than their start.
    """
    app = Application(
        title="oncall",
        version=__version__,
        summary="On-call rotation and paging",
        lifespan=_lifespan_with_mail,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    errors.install(app)
    app.add_middleware(TooLargeAsProblem)
    app.router.routes.append(pages(demo=demo))  # before all whose patterns would be tried one by one
    for router in INBOUND:
        app.include_router(router)
    for router in API_ROUTERS:
        app.include_router(router, prefix="/api/v1")
    files = StaticFiles(directory=Path(__file__).parent / "static")
    app.mount("/static", GZipMiddleware(files), name="static")  # pages are not: they hold what others must not guess
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    runtime: Runtime = app.state.runtime
    runtime.start()
    yield
    runtime.stop()


@asynccontextmanager
async def _lifespan_with_mail(app: FastAPI) -> AsyncIterator[None]:
    """Mails share the writer of the web application's own events."""
    runtime: Runtime = app.state.runtime
    way_in = entrance(runtime.settings)
    async with _lifespan(app), taking_mail(way_in, runtime):
        yield

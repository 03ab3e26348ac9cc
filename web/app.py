"""The web application: every router in one visible list."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from oncall import __version__
from oncall.runtime import Runtime
from web import callbacks, errors, health, ical, ingest, ping
from web.api import ROUTERS as API_ROUTERS
from web.pages import PHONE_ROUTER
from web.pages import ROUTERS as PAGE_ROUTERS

INBOUND: list[APIRouter] = [ingest.router, callbacks.router, ical.router, ping.router, health.router]


class Application(FastAPI):
    """`/path/` is `/path`, without a redirect: senders that add a slash rarely follow one. Events come first."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        path = scope["path"].rstrip("/") or "/"
        scope = {**scope, "path": path, "app": self}
        if scope["method"] == "POST":
            response = await ingest.answer(Request(scope, receive))
            if response is not None:
                return await response(scope, receive, send)
        return await super().__call__(scope, receive, send)


def create_app(runtime: Runtime) -> FastAPI:
    """The application over a runtime that it starts and stops with itself."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        runtime.start()
        yield
        runtime.stop()

    app = Application(
        title="oncall",
        version=__version__,
        summary="On-call rotation and paging",
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url="/docs",
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.runtime = runtime
    errors.install(app)
    for router in INBOUND:
        app.include_router(router)
    for router in API_ROUTERS:
        app.include_router(router, prefix="/api/v1")
    for router in PAGE_ROUTERS:
        app.include_router(router, include_in_schema=False)
    if runtime.settings.demo:
        app.include_router(PHONE_ROUTER, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    return app

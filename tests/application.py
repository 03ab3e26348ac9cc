"""The web application over a test's own runtime, and at an address that other programs can open."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from oncall.connections import Connection, Patience
from oncall.runtime import Runtime
from web.app import build_app


def application(runtime: Runtime) -> FastAPI:
    """One at a time in a test process: it is built once, since that takes longer than most tests do."""
    app = _built(runtime.settings.demo)
    app.state.runtime = runtime
    return app


@cache
def _built(demo: bool) -> FastAPI:
    return build_app(demo=demo)


@contextmanager
def listening(app: ASGIApp, certificate: Path | None = None, patience: Patience | None = None) -> Iterator[str]:
    """The address of `app`, whose lifespan is somebody else's; over TLS with a certificate and its key in one file."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        protocol: Any = partial(Connection, patience or Patience(30.0, 1000))
        config = uvicorn.Config(app, http=protocol, lifespan="off", log_level="error", ssl_certfile=certificate)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()

"""The web application at an address that other programs can open, and the whole service in the tests' own process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from oncall.db.database import Database
from oncall.running.connections import Connection, Patience
from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from tests.client import TestClient
from tests.processes import wait_until_ready
from web.app import create_app


def database_of(client: TestClient) -> Database:
    """That of the application which it asks."""
    found: Database = client.app.state.runtime.database  # type: ignore[attr-defined]
    return found


@contextmanager
def listening(app: ASGIApp, certificate: Path | None = None, patience: Patience | None = None) -> Iterator[str]:
    """The address of `app`, whose lifespan is somebody else's; over TLS with a certificate and its key in one file."""
    config = _config(app, patience or Patience(30.0, 1000), lifespan="off", ssl_certfile=certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener, _running(config, listener):
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def serving_here(settings: Settings) -> Iterator[None]:
    """What `oncall serve` serves, engine included, ready at once: a process of its own takes two seconds to start."""
    config = _config(create_app(build_runtime(settings)), Patience(30.0, 1000), lifespan="on")
    with socket.create_server(("127.0.0.1", settings.port)) as listener, _running(config, listener):
        wait_until_ready(settings.port)
        yield


def _config(app: ASGIApp, patience: Patience, **others: Any) -> uvicorn.Config:
    """Over connections of ours, as `oncall serve` has them."""
    protocol: Any = partial(Connection, patience)
    return uvicorn.Config(app, http=protocol, log_level="error", **others)


@contextmanager
def _running(config: uvicorn.Config, listener: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()

"""Running as a process that stays: the web application on its port, or an engine alone, until a signal says stop."""

import asyncio
import errno
import gc
import os
import pkgutil
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from dotenv import dotenv_values

from oncall.errors import SetupError
from oncall.running.connections import OTHER_FILES, Connection, Patience, most_connections
from oncall.running.runtime import build_runtime
from oncall.schema.schema_version import bring_up
from oncall.settings import Settings

WEB_APPLICATION, ENGINE_APPLICATION = "web.app:create_app", "web.app:create_engine_app"
"""Named, not imported, as every ASGI server takes it: imports run web → oncall, and this shell starts what is above."""
PROXIES = "FORWARDED_ALLOW_IPS"
"""uvicorn's own variable, which is read from `.env` too: proxies whose X-Forwarded-… headers are believed. Unset:
nobody's are."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
SWITCH_SECONDS = 0.001
"""How long a thread may compute while others wait; the default is five times that, at every step of a page."""
SECONDS_TO_FINISH = 10
"""For the requests that are under way when a signal comes."""


def serve(settings: Settings, *, with_engine: bool, when_ready: Callable[[], None]) -> None:
    """Listen, migrate, and answer until SIGTERM or SIGINT. Raises SetupError when it can't start."""
    _serve(settings, WEB_APPLICATION, when_ready, with_engine=with_engine)


def _serve(settings: Settings, application: str, when_ready: Callable[[], None], *, with_engine: bool) -> None:
    listener = listen(settings)
    sys.setswitchinterval(SWITCH_SECONDS)
    bring_up(settings)
    runtime = build_runtime(settings, with_engine=with_engine)
    app = pkgutil.resolve_name(application)(runtime)
    gc.freeze()  # what is loaded stays: it need not be looked through again
    server = _Server(_config(app, _patience(settings)), when_ready, runtime.live.stop)
    # uvicorn raises a signal again once it has stopped; at these handlers it ends, the process still exits with 0
    for number in STOP_SIGNALS:
        signal.signal(number, server.handle_exit)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_run(app, server, listener))


def run_engine(settings: Settings, when_ready: Callable[[], None]) -> None:
    """Page and deliver until SIGTERM or SIGINT. HTTP is there only to tell its pulse, where a port is set for it.

    Raises SetupError when it can't start.
    """
    if settings.engine_port:
        at_port = settings.model_copy(update={"port": settings.engine_port})
        _serve(at_port, ENGINE_APPLICATION, when_ready, with_engine=True)
        return
    bring_up(settings)
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    runtime = build_runtime(settings)
    for number in STOP_SIGNALS:
        signal.signal(number, end)
    runtime.start()
    when_ready()
    stop.wait()
    runtime.stop()


def address(settings: Settings) -> str:
    """Where a browser on this machine finds it."""
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def listen(settings: Settings) -> socket.socket:
    """Taken before anything else is done, so that a second process stops here. Raises SetupError with what to do."""
    host, port = settings.host, settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"Port {port} is in use: stop what listens there or set ONCALL_PORT={port % 65535 + 1}"
            ) from None
        raise SetupError(f"Can't listen on {host}:{port} ({error.strerror}): set ONCALL_HOST and ONCALL_PORT") from None


def _patience(settings: Settings) -> Patience:
    files = _files(settings.http_connections + OTHER_FILES)
    return Patience(settings.http_patience, most_connections(settings.http_connections, files))


def _files(wanted: int) -> int:
    """How many this process may open: as many as are wanted, where the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft


def _proxies() -> str:
    return os.environ.get(PROXIES) or dotenv_values(str(Settings.model_config["env_file"])).get(PROXIES) or ""


def _config(app: Any, patience: Patience) -> uvicorn.Config:
    proxies = _proxies()
    return uvicorn.Config(
        app,
        http=partial(Connection, patience),  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )


async def _run(app: Any, server: uvicorn.Server, listener: socket.socket) -> None:
    # The application's own lifespan, entered here: inside uvicorn a SetupError would end as a traceback in the log.
    async with app.router.lifespan_context(app):
        await server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it answers, and when it is about to end: uvicorn waits for what is told without end."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None], when_ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready, self._when_ending = when_ready, when_ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._when_ending()
        await super().shutdown(sockets)

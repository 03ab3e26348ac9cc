"""The web application over a test's own runtime."""

from functools import cache

from fastapi import FastAPI

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

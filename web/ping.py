"""Heartbeats: `GET`, `HEAD` or `POST /ping/{key}` after a run, `/start` before it, `/fail` if it failed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, Response

from oncall import heartbeats
from oncall.heartbeats import Signal
from oncall.running.runtime import Runtime
from web.refusals import refusals

router = APIRouter(tags=["heartbeats"])

OUTPUT_KEPT = 10_000
"""Bytes. Of a longer output the end is kept, where a job says what went wrong."""


async def read_output(request: Request) -> str:
    """The end of the body. However long it is, the ping counts: a job must not be called late for its log.

    Raises TooManyRequests for a loop that has run away.
    """
    runtime: Runtime = request.app.state.runtime
    runtime.rate_limit.take(request.path_params["key"])
    kept = b""
    async for part in request.stream():
        kept = (kept + part)[-OUTPUT_KEPT:]
    return kept.decode(errors="replace")


Output = Annotated[str, Depends(read_output)]


@router.head("/ping/{key}", include_in_schema=False)
@router.post(
    "/ping/{key}",
    summary="I am alive; my run went well",
    response_class=PlainTextResponse,
    responses=refusals(404, 408, 413, 429, 503),
)
@router.get(
    "/ping/{key}",
    summary="I am alive; my run went well",
    response_class=PlainTextResponse,
    responses=refusals(404, 408, 413, 429, 503),
)
@router.head("/ping/{key}/finish", include_in_schema=False)
@router.post("/ping/{key}/finish", include_in_schema=False)
@router.get("/ping/{key}/finish", include_in_schema=False)
def ping(key: str, request: Request, output: Output) -> Response:
    return _taken(key, Signal.SUCCESS, output, request)


@router.head("/ping/{key}/start", include_in_schema=False)
@router.post(
    "/ping/{key}/start",
    summary="My run begins",
    response_class=PlainTextResponse,
    responses=refusals(404, 408, 413, 429, 503),
)
@router.get(
    "/ping/{key}/start",
    summary="My run begins",
    response_class=PlainTextResponse,
    responses=refusals(404, 408, 413, 429, 503),
)
def start(key: str, request: Request, output: Output) -> Response:
    return _taken(key, Signal.START, output, request)


@router.head("/ping/{key}/fail", include_in_schema=False)
@router.post(
    "/ping/{key}/fail",
    summary="My run failed: raises an alert at once",
    response_class=PlainTextResponse,
    responses=refusals(404, 408, 413, 429, 503),
)
@router.get(
    "/ping/{key}/fail",
    summary="My run failed: raises an alert at once",
    response_class=PlainTextResponse,
    responses=refusals(404, 408, 413, 429, 503),
)
def fail(key: str, request: Request, output: Output) -> Response:
    return _taken(key, Signal.FAIL, output, request)


def _taken(key: str, signal: Signal, output: str, request: Request) -> Response:
    runtime: Runtime = request.app.state.runtime
    with runtime.database.transaction() as session:
        heartbeats.ping(session, key, signal, output, runtime.clock())
    runtime.wake.set()
    return PlainTextResponse("OK\n")

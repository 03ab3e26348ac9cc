"""Heartbeats: `GET`, `HEAD` or `POST /ping/{key}`."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from oncall import heartbeats
from oncall.runtime import Runtime

router = APIRouter(tags=["heartbeats"])


@router.head("/ping/{key}", include_in_schema=False)
@router.post("/ping/{key}", summary="I am alive")
@router.get("/ping/{key}", summary="I am alive")
def ping(key: str, request: Request) -> Response:
    runtime: Runtime = request.app.state.runtime
    with runtime.database.transaction() as session:
        heartbeats.ping(session, key, runtime.clock())
    runtime.wake.set()
    return PlainTextResponse("OK\n")

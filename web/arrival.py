"""A request with events on its way through us: its key's limit, and what is kept of it for the look inside."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from fastapi import Request
from starlette.responses import Response

from oncall.errors import OncallError, TooManyRequests
from oncall.ingest.journal import BEYOND, LONGEST_BODY, Became, Received
from oncall.ingest.store import Accepted, Submission
from oncall.metrics import EVENTS
from oncall.running.runtime import Runtime

P = ParamSpec("P")
_SCOPE = "oncall.arrival"


@dataclass(slots=True)
class Arrival:
    """What is learned of a request while it is answered. Without a key there is nobody to show it to."""

    key: str = ""
    tool: str = ""
    body: bytes = b""
    outcome: Became | None = None


def arrival_of(request: Request) -> Arrival:
    arrival: Arrival = request.scope.setdefault(_SCOPE, Arrival())
    return arrival


async def accept(request: Request, submission: Submission) -> Accepted:
    """Returns once it is committed. Raises what was wrong with it, TooManyRequests, or Unavailable."""
    runtime: Runtime = request.app.state.runtime
    arrival = arrival_of(request)
    arrival.key, arrival.tool = submission.key, submission.tool
    try:
        runtime.rate_limit.take(submission.key)
        arrival.outcome = accepted = await runtime.writer.accept(submission, len(arrival.body))
    except OncallError as error:
        arrival.outcome = error
        if isinstance(error, TooManyRequests):
            EVENTS.labels(submission.tool, "limited").inc()
        raise
    return accepted


def refused(request: Request, error: OncallError, key: str, tool: str) -> None:
    """Before it was accepted: whoever has the key sees it on the key's page, if the key could be read at all."""
    arrival = arrival_of(request)
    if arrival.outcome is None:
        arrival.outcome, arrival.key, arrival.tool = error, key, tool


def looked_into(endpoint: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
    """An endpoint for events, which has an argument `request`: what came and what was answered is kept.

    It must say whose a request is that it refuses before `accept`: `arrival_of(request).key`.
    """

    @wraps(endpoint)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        request = next(each for each in (*args, *kwargs.values()) if isinstance(each, Request))
        try:
            response = await endpoint(*args, **kwargs)
        except OncallError as error:
            arrival_of(request).outcome = error
            _keep(request, error.status)
            raise
        _keep(request, response.status_code)
        return response

    return answer


def _keep(request: Request, status: int) -> None:
    arrival = arrival_of(request)
    if arrival.key and arrival.outcome is not None:
        _keep_in_journal(request, arrival, arrival.outcome, status)
    if isinstance(arrival.outcome, OncallError):  # the frames it came through hold the body, and it holds them
        arrival.outcome.__traceback__ = arrival.outcome.__context__ = None
    arrival.body = b""


def _keep_in_journal(request: Request, arrival: Arrival, outcome: Became, status: int) -> None:
    runtime: Runtime = request.app.state.runtime
    query = request.scope["query_string"].decode("latin-1")
    received = Received(
        key=arrival.key,
        tool=arrival.tool,
        at=runtime.clock(),
        method=request.method,
        path=f"{request.scope['path']}?{query}" if query else request.scope["path"],
        headers=request.scope["headers"],
        body=arrival.body[: LONGEST_BODY + BEYOND],
        body_bytes=len(arrival.body),
        status=status,
        outcome=outcome,
    )
    runtime.journal.keep(received)

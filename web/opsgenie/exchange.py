"""One request and its answer in Opsgenie's form: the key that lets it in, the envelope, the errors.

https://docs.opsgenie.com/docs/response has the envelope and the codes.
"""

import base64
import hmac
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from sqlmodel import Session
from starlette.responses import Response

from oncall.clock import monotonic
from oncall.errors import BadInput, NotSignedIn, OncallError, TooManyRequests
from oncall.ingest.reading import BadEvent
from oncall.ingest.store import Key, KeyOfAnotherTool, UnknownKey, find_key
from oncall.opsgenie.fields import BadFields
from oncall.opsgenie.receipt import Receipt, Seal, request_id
from oncall.running.runtime import Runtime
from web.arrival import arrival_of, looked_into
from web.errors import headers_of, translating
from web.inbound import read_body
from web.json_response import JSONResponse

TOOL, SCHEME, BASIC = "opsgenie", "geniekey ", "basic "
SEAL_PURPOSE = "opsgenie request"
NOT_PROCESSABLE = "Request body is not processable. Please check the errors."


@dataclass(frozen=True, slots=True)
class Asker:
    """A key that is let in, and the session in which its request is served. `now` is read once."""

    session: Session
    key: Key
    now: datetime


class Exchange:
    def __init__(self, request: Request, body: Annotated[bytes, Depends(read_body)]) -> None:
        self.request, self.body = request, body
        self.arrival = arrival_of(request)
        self.runtime: Runtime = request.app.state.runtime

    @contextmanager
    def reading(self) -> Iterator[Asker]:
        with self.runtime.database.read() as session:
            yield self._asker(session)

    @contextmanager
    def writing(self) -> Iterator[Asker]:
        """Commits when the block ends, then wakes the engine."""
        with self.runtime.database.transaction() as session:
            yield self._asker(session)
        self.runtime.wake.set()

    def _asker(self, session: Session) -> Asker:
        return Asker(session, find_key(session, self.arrival.key, TOOL), self.runtime.clock())


Opsgenie = Annotated[Exchange, Depends()]


def key_in(request: Request) -> str:
    """What follows GenieKey; a password, as Alertmanager's watchdog sends it; or `apiKey` in the address, of webhooks
    that can have no header. Raises NotSignedIn.
    """
    header = request.headers.get("authorization", "")
    key = ""
    if header.lower().startswith(SCHEME):
        key = header[len(SCHEME) :].strip()
    elif header.lower().startswith(BASIC):
        key = _password(header[len(BASIC) :])
    elif not header:
        key = request.query_params.get("apiKey", "").strip()
    if not key:
        raise NotSignedIn("Could not authenticate: send the header “Authorization: GenieKey <key>”.")
    return key


def _password(credentials: str) -> str:
    """The user's name where there is no password: `curl -u KEY:`."""
    try:
        user, _, password = base64.b64decode(credentials).decode().partition(":")
    except ValueError:
        return ""
    return password.strip() or user.strip()


def seal_of(runtime: Runtime, service_id: int) -> Seal:
    """Another for each service, so that nobody reads the receipts of somebody else's."""
    secret = runtime.signer.key(SEAL_PURPOSE)
    return lambda told: hmac.digest(secret, b"%d:%s" % (service_id, told), "sha256")


def envelope(
    request: Request, content: Mapping[str, Any], status: int = 200, request_id: str = "", **headers: str
) -> Response:
    """`content` with what is around every answer."""
    request_id = request_id or str(uuid.uuid4())
    took = max(round(monotonic() - request.state.began, 3), 0.001)  # its SDK for Go misses a time of nothing
    state = "THROTTLED" if status == TooManyRequests.status else "OK"
    standing = {"X-Request-ID": request_id, "X-Response-Time": str(took), "X-RateLimit-State": state}
    return JSONResponse({**content, "took": took, "requestId": request_id}, status, {**standing, **headers})


def accepted(request: Request, receipt: Receipt, seal: Seal) -> Response:
    return envelope(request, {"result": "Request will be processed"}, 202, request_id(receipt, seal))


def refusal(request: Request, error: OncallError) -> Response:
    """An error in Opsgenie's form, with its code."""
    content: dict[str, Any] = {"message": error.detail}
    status = error.status
    if isinstance(error, KeyOfAnotherTool):
        content, status = {"message": error.detail, "code": 40301}, 403
    elif isinstance(error, UnknownKey):
        content, status = {"message": f"Could not authenticate: {error.detail}"}, 401
    elif isinstance(error, BadFields):
        content, status = {"message": NOT_PROCESSABLE, "errors": error.faults}, 422
    elif isinstance(error, BadInput) and not isinstance(error, BadEvent):
        content, status = {"message": NOT_PROCESSABLE, "errors": {error.field or "request": error.detail}}, 422
    elif isinstance(error, NotSupported):
        content = {"message": error.detail, "code": 40302}
    headers = {} if isinstance(error, NotSignedIn) else headers_of(error)
    return envelope(request, content, status, **headers)


class NotSupported(OncallError):
    """What Opsgenie can do and we can't."""

    status = 403
    title = "Not supported"


@looked_into
async def told_its_way(request: Request, handle: Callable[[Request], Awaitable[Response]]) -> Response:
    """What `handle` answers, or its error in Opsgenie's form, which its key's page shows."""
    request.state.began = monotonic()
    try:
        with translating():
            return await handle(request)
    except OncallError as error:
        refused = error
    arrival_of(request).outcome = refused
    return refusal(request, refused)


class OpsgenieRoute(APIRoute):
    """Counts what a key asks, and answers errors in Opsgenie's form."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()

        async def let_in(request: Request) -> Response:
            runtime: Runtime = request.app.state.runtime
            arrival = arrival_of(request)
            arrival.key, arrival.tool = key_in(request), TOOL
            runtime.rate_limit.take(arrival.key)
            return await handle(request)

        async def told(request: Request) -> Response:
            return await told_its_way(request, let_in)

        return told


_ERROR = {
    "type": "object",
    "required": ["message", "took", "requestId"],
    "properties": {
        "message": {"type": "string"},
        "code": {"type": "integer"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
        "took": {"type": "number"},
        "requestId": {"type": "string"},
    },
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {"application/json": {"schema": _ERROR}}}
    for status, said in {
        400: "The body is no JSON object",
        401: "The key is not known",
        403: "The key is of another tool, or we can't do that",
        404: "There is no such thing on the key's service",
        408: "The request did not arrive in time",
        409: "The name is taken",
        413: "The body is too large",
        415: "The body is packed in another way than with gzip",
        422: "A field is wrong; `errors` names each",
        429: "Too often: wait for the seconds in Retry-After",
        503: "Too many wait, or the database did not answer in time: send it again",
    }.items()
}

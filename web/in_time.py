"""A body that did not arrive in time is refused in the form of its address, as every other fault is."""

from fastapi import HTTPException
from starlette.types import Message, Receive, Scope

from oncall.errors import TooSlow
from oncall.running.connections import LATE, TOO_SLOW


class LateBody(TooSlow, HTTPException):
    """Of the framework's kind, too: it takes any other for a body that can't be read."""

    status_code = TooSlow.status


def in_time(scope: Scope, receive: Receive) -> Receive:
    """What `receive` gives. Raises LateBody once the server says that no more need be waited for."""

    async def receive_in_time() -> Message:
        message = await receive()
        if LATE in scope:
            raise LateBody(TOO_SLOW)
        return message

    return receive_in_time

"""A body that is too large is refused by the framework, in plain text; here that is said as every other error is."""

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oncall.errors import TooLarge
from web.errors import TOO_LARGE, respond


class TooLargeAsProblem:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def send_ours(message: Message) -> None:
            nonlocal replaced
            if _is_plain_refusal(message):
                replaced = True
                await respond(Request(scope), TooLarge(TOO_LARGE))(scope, receive, send)
            elif not replaced:
                await send(message)

        await self.app(scope, receive, send_ours)


def _is_plain_refusal(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != TooLarge.status:
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")

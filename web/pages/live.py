"""What an open page is told: that alerts have changed. It asks for its live part then."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from oncall.auth.sessions import token_hash
from oncall.running.live import Listener
from web.edge import Page

router = APIRouter()


def signed_in(edge: Page) -> int:
    """Who listens; the session in which that is asked ends before they do. Raises NotSignedIn."""
    with edge.reading() as caller:
        return caller.user_id


async def listener(
    edge: Page, user_id: Annotated[int, Depends(signed_in)], last_event_id: Annotated[str, Header()] = ""
) -> AsyncIterator[Listener]:
    with edge.runtime.live.listening(user_id, token_hash(edge.token), last_event_id) as each:
        yield each


@router.get("/live", response_class=EventSourceResponse)
async def live(each: Annotated[Listener, Depends(listener)]) -> AsyncIterator[ServerSentEvent]:
    async for news_id in each.news():
        yield ServerSentEvent(event="alerts", id=news_id, raw_data="changed")

"""Pure: when the provider is asked what became of a message whose receipt has not come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.base import SendFailure, StatusReport
from notifiers.registry import KINDS

FIRST_WITHOUT_CALLBACKS = timedelta(seconds=5)
"""Where nothing can be posted to us, there is nothing to wait for: what was not delivered goes another way soon."""
LONGEST_WAIT = timedelta(hours=1)
LASTS = timedelta(days=1)
"""After it was sent; no provider learns more."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A message that this process may ask about until `until`."""

    delivery_id: int
    kind: str
    provider: str
    provider_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What the provider said."""

    ask: Ask
    answer: StatusReport | SendFailure


def next_ask(kind: str, sent_at: datetime, asks: int, now: datetime, *, has_callbacks: bool) -> datetime | None:
    """The time of the next question after `asks` of them, each wait twice as long. None: not asked (any more)."""
    first = KINDS[kind].first_ask
    if first is None:
        return None
    wait = first if has_callbacks else min(first, FIRST_WITHOUT_CALLBACKS)
    at = now + min(LONGEST_WAIT, wait * 2 ** min(asks, 20))
    return at if at - sent_at <= LASTS else None

"""Pure: how often texts to our number are fetched, and from when on."""

from datetime import datetime, timedelta

OFTEN = timedelta(seconds=3)
"""While a text of ours waits for its answer."""
SELDOM = timedelta(minutes=1)
"""For what people text us of their own accord: START, or “resolve 12” an hour later."""
OVERLAP = timedelta(minutes=1)
"""A text may be listed a little after it came; those that were read already are known by their ids."""
OLDEST = timedelta(days=1)
"""A text that could not be fetched for so long says nothing about what is open now."""


def is_due(polled_at: datetime | None, now: datetime, *, is_awaited: bool) -> bool:
    return polled_at is None or now - polled_at >= (OFTEN if is_awaited else SELDOM)


def read_from(read_until: datetime | None, now: datetime) -> datetime:
    """At the first time nothing older than this moment: what was texted to the number before was not meant for us."""
    return now if read_until is None else max(read_until - OVERLAP, now - OLDEST)

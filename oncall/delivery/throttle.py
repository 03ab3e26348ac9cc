"""Pure: whether what is due for one address goes now, as one message, or is held back and until when.

The first message goes at once. Each further one is a little further off from the one before: 1, 2, 4, 8 … seconds, by
how many went there in the last ten minutes. So two alerts in a row are two messages, ten thousand are a handful, and
nobody waits longer than `longest`. A fixed rate would hold up the second alert as long as the thousandth, or let a
storm through. Calls, which take that long to be answered, have the longest gap from the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LATELY = timedelta(minutes=10)
FIRST_GAP = timedelta(seconds=1)
MOST_NEWS = 10
"""Messages within LATELY up to which the first word of a service goes out whatever was said of others."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message about alerts that went to the address within LATELY, and the service it was about first."""

    at: datetime
    service_id: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page that is due there; `was_held`: it has been held back once, which is enough."""

    service_id: int
    was_held: bool = False


def held_until(
    said: Sequence[Said], waiting: Sequence[Waiting], now: datetime, longest: timedelta, *, rings: bool = False
) -> datetime | None:
    """When it goes, `longest` from now at most; None: all that is `waiting` goes now, in one message."""
    if not said or any(page.was_held for page in waiting) or (not rings and _is_news(said, waiting)):
        return None
    gap = longest if rings else min(longest, FIRST_GAP * 2 ** min(len(said) - 1, 16))
    until = min(max(each.at for each in said), now) + gap
    return until if until > now else None


def _is_news(said: Sequence[Said], waiting: Sequence[Waiting]) -> bool:
    known = {each.service_id for each in said}
    return len(said) < MOST_NEWS and any(page.service_id not in known for page in waiting)

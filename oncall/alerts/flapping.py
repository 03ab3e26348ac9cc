"""Pure: whether a dedup key that triggers once more is flapping, and when its alert is paged then.

The alert by which that is noticed is paged as any other, and says so. Those that follow are paged only if they stay
open for a while or get worse, for as long as it goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

TIMES = 4
"""So often within WINDOW it has triggered and was resolved before; the next time it is flapping."""
WINDOW = timedelta(minutes=10)
STAYS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Lately:
    """How often a dedup key triggered and was resolved on a service within WINDOW, and since when.

    `was_told`: one of those alerts was known to be flapping.
    """

    times: int
    since: datetime
    was_told: bool = False


@dataclass(frozen=True, slots=True)
class Flap:
    times: int
    first_step_at: datetime
    text: str


def flapping(lately: Lately | None, now: datetime) -> Flap | None:
    """Of an alert that triggers now; None: it is no flapping."""
    if lately is None or lately.times < TIMES:
        return None
    times = lately.times + 1
    minutes = max(1, round((now - lately.since) / timedelta(minutes=1)))
    how = f"Flapping: {times} times in {minutes} min"
    stays = STAYS // timedelta(minutes=1)
    if lately.was_told:
        return Flap(times, now + STAYS, f"{how}. Not paged unless it stays open for {stays} min or gets worse")
    return Flap(times, now, f"{how}. Paging again only if it stays open for {stays} min or gets worse")

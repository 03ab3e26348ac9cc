"""Pure: when a delivery that failed for now is tried again, or that it is given up."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=2)


def next_attempt(attempts: int, first_attempt_at: datetime, now: datetime, give_up_after: timedelta) -> datetime | None:
    """The time of the next attempt after `attempts` of them (≥1): waits of 2, 4, 8 … 120 s. None: given up."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 10))
    at = now + wait
    return at if at - first_attempt_at <= give_up_after else None

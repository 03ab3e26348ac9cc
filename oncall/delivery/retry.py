"""Pure: when a delivery that failed for now is tried again, or that it is given up."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=2)


def next_attempt(
    attempts: int,
    first_attempt_at: datetime,
    now: datetime,
    give_up_after: timedelta,
    wanted: timedelta = timedelta(),
    *,
    at_once: bool = False,
) -> datetime | None:
    """The time of the next attempt after `attempts` of them (≥1): waits of 2, 4, 8 … 120 s. None: given up.

    `wanted` is the wait that the provider asks for; one that is too long for a page is as good as a refusal.
    `at_once`: another account is tried, which nobody need wait for.
    """
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 10))
    at = now if at_once else now + max(wait, wanted)
    return at if at - first_attempt_at <= give_up_after else None

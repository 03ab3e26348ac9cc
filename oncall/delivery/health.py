"""Pure: how an account at a provider fares, and which one an attempt goes through.

An account that fails is paused, longer each time, and others are used meanwhile. When its pause ends, one message tries
it: that attempt counts as failed until it is known to have worked, so that the next ones do not follow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
HURRIED = timedelta(seconds=4)
"""How long an account may take to answer while another is free; as a rule they take well under a second. Shorter than
the first pause, so that what hangs behind the first that failed goes elsewhere, too."""
SUSPECTED = timedelta(seconds=2)
"""The same for one that has just failed and is tried again."""
SUCCESS_TOLD = timedelta(minutes=1)
"""How exactly the last success is known: a row that changed with each message would be waited for."""


@dataclass(frozen=True, slots=True)
class Health:
    """Fields as in `ProviderHealth`."""

    failures: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    last_success_at: datetime | None = None
    last_failure: str = ""

    def is_paused(self, at: datetime) -> bool:
        return self.paused_until is not None and at < self.paused_until


NEW = Health()


def choose(accounts: Sequence[str], health: Mapping[str, Health], now: datetime) -> str:
    """The first that is not paused; where all are, the one whose pause ends soonest: no message waits for a pause."""
    free = (account for account in accounts if not health.get(account, NEW).is_paused(now))
    return next(free, None) or min(accounts, key=lambda account: health[account].paused_until or now)


def patience(accounts: Sequence[str], health: Mapping[str, Health], account: str, now: datetime) -> timedelta | None:
    """How long the account may take to answer; None: as long as any may, since no other is free."""
    others = (health.get(each, NEW) for each in accounts if each != account)
    if all(other.is_paused(now) for other in others):
        return None
    return SUSPECTED if health.get(account, NEW).failures else HURRIED


def tried(health: Health, now: datetime) -> Health:
    """While an attempt that began at `now` is under way."""
    if not health.failures or health.is_paused(now):
        return health
    return replace(health, failures=health.failures + 1, paused_until=now + _pause(health.failures + 1))


def failed(health: Health, began: datetime, now: datetime, reason: str, wanted: timedelta = timedelta()) -> Health:
    """After a failure that may be the account's. `wanted` is the wait that the provider asks for.

    What began before a pause, or while it lasted, tells nothing new: many messages are under way at once.
    """
    if health.is_paused(began):
        return health
    failures = health.failures + 1
    pause = max(_pause(failures), min(wanted, LONGEST_PAUSE))
    return replace(
        health,
        failures=failures,
        failing_since=health.failing_since or now,
        paused_until=now + pause,
        last_failure=reason,
    )


def worked(health: Health, now: datetime) -> Health:
    is_known = health.last_success_at is not None and now - health.last_success_at < SUCCESS_TOLD
    return health if is_known and not health.failures else Health(last_success_at=now)


def _pause(failures: int) -> timedelta:
    pause: timedelta = FIRST_PAUSE * 2 ** min(failures - 1, 10)
    return min(LONGEST_PAUSE, pause)

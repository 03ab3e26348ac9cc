"""Pure: whether a dedup key that triggers once more is flapping, and when its alert is paged then.

The alert by which that is noticed is paged as any other, and says so. Those that follow are paged only if they stay
open for a while or get worse, for as long as it goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.timeline import spell


@dataclass(frozen=True, slots=True)
class FlappingRule:
    """Of a service. What has triggered and was resolved `times` times `within` so long is flapping the next time, and
    then paged only if it `stays` open for so long. 0 times: nothing ever is.
    """

    times: int = 4
    within: timedelta = timedelta(minutes=10)
    stays: timedelta = timedelta(minutes=5)


USUAL = FlappingRule()


def flapping_rule_of(stored: Mapping[str, int] | None) -> FlappingRule:
    """From a service's column."""
    if stored is None:
        return USUAL
    seconds = (timedelta(seconds=stored[name]) for name in ("within_seconds", "stays_seconds"))
    return FlappingRule(stored["times"], *seconds)


@dataclass(frozen=True, slots=True)
class Lately:
    """How often a dedup key triggered and was resolved on a service within its rule's time, and since when.

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


def flapping(lately: Lately | None, now: datetime, rule: FlappingRule = USUAL) -> Flap | None:
    """Of an alert that triggers now; None: it is no flapping."""
    if lately is None or not rule.times or lately.times < rule.times:
        return None
    times = lately.times + 1
    minutes = max(1, round((now - lately.since) / timedelta(minutes=1)))
    how = f"Flapping: {times} times in {minutes} min"
    unless = f"it stays open for {spell(rule.stays)} or gets worse"
    if lately.was_told:
        return Flap(times, now + rule.stays, f"{how}. Not paged unless {unless}")
    return Flap(times, now, f"{how}. Paging again only if {unless}")

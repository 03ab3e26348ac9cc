"""Pure: quiet hours, in which what can wait does wait. Urgent alerts know none."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.delivery.rules import Planned
from oncall.models.person import User
from schedules.hours import Hours
from schedules.hours_text import parse_hours

AHEAD = timedelta(days=8)
"""Quiet hours come again every week, and never fill one (`oncall.config.values.check_quiet_hours`)."""
NIGHT = parse_hours("22:00-08:00")
"""When whoever has no quiet hours is told nothing but pages, and what others have just done."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Somebody's quiet hours."""

    hours: Hours
    zone: ZoneInfo

    def over_at(self, at: datetime) -> datetime:
        """When those that `at` falls into are over; `at` itself when it falls into none."""
        for start, end in self.hours.spans(self.zone, at, at + AHEAD)[:1]:
            return end if start == at else at
        return at


def quiet_of(user: User) -> Quiet | None:
    if not user.quiet_hours:
        return None
    return Quiet(parse_hours(user.quiet_hours), ZoneInfo(user.quiet_timezone or user.timezone))


def awake_at(user: User, now: datetime) -> datetime:
    """When what is no page, and nobody's deed of this moment, may be told: after their quiet hours, or after the night
    where they have none.
    """
    quiet = quiet_of(user) or Quiet(NIGHT, ZoneInfo(user.timezone))
    return quiet.over_at(now)


def held(quiet: Quiet | None, planned: Iterable[Planned]) -> list[Planned]:
    """With what falls into quiet hours put off to their end, which it then says of itself."""
    if quiet is None:
        return list(planned)
    return [_held(quiet, each) for each in planned]


def _held(quiet: Quiet, planned: Planned) -> Planned:
    due_at = quiet.over_at(planned.due_at)
    return planned if due_at == planned.due_at else replace(planned, due_at=due_at, waits_from=planned.due_at)

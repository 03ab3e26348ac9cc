"""Schedules as they stand now, each as a card: who is on, until when, who is next, and where the next gap is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.coverage import OnCall, gaps, plan_of, with_people
from oncall.models import Schedule
from oncall.outlook import outlook
from schedules.resolve import covered_hours
from schedules.types import Shift

GAPS_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Card:
    """`until` is the next handoff, `gap` when next a level will have nobody; None: not in the next days.

    `then` says for each level who comes next. `rests`: nobody is meant to be on call now.
    """

    name: str
    timezone: str
    levels: dict[str, list[OnCall]]
    then: dict[str, list[OnCall]]
    until: datetime | None
    gap: datetime | None
    rests: bool


def cards_of(session: Session, now: datetime) -> list[Card]:
    rows = session.exec(select(Schedule).order_by(col(Schedule.name))).all()
    return [card_of(session, schedule, now) for schedule in rows]


def card_of(session: Session, schedule: Schedule, now: datetime) -> Card:
    shifts = outlook(session, now).of_schedule.get(schedule.name, [])
    running = [shift for shift in shifts if shift.start <= now < shift.end]
    on = {level: [shift for shift in running if shift.level == level] for level in schedule.levels}
    then = {level: _next(shifts, level, on[level], now) for level in schedule.levels}
    ahead = [gap.start for gap in gaps(session, schedule, now, now + GAPS_AHEAD) if gap.start > now]
    return Card(
        schedule.name,
        schedule.timezone,
        {level: with_people(session, each) for level, each in on.items()},
        {level: with_people(session, each) for level, each in then.items()},
        until=min((shift.end for each in on.values() for shift in each), default=None),
        gap=min(ahead, default=None),
        rests=not covered_hours(plan_of(session, schedule), now, now + datetime.resolution),
    )


def _next(shifts: Sequence[Shift], level: str, on: Sequence[Shift], now: datetime) -> list[Shift]:
    """Who comes on the level next: several where they begin together."""
    after = min((shift.end for shift in on), default=now)
    coming = [shift for shift in shifts if shift.level == level and shift.start >= after and shift.start > now]
    return [shift for shift in coming if shift.start == coming[0].start]

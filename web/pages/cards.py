"""Schedules as they stand now, each as a card: who is on, until when, and where the next gap is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.coverage import OnCall, gaps, on_call, plan_of
from oncall.models import Schedule
from schedules.resolve import covered_hours

GAPS_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Card:
    """`until` is the next handoff, `gap` when next a level will have nobody; None: not in the next days.

    `rests`: nobody is meant to be on call now.
    """

    name: str
    timezone: str
    levels: dict[str, list[OnCall]]
    until: datetime | None
    gap: datetime | None
    rests: bool


def cards_of(session: Session, now: datetime) -> list[Card]:
    rows = session.exec(select(Schedule).order_by(col(Schedule.name))).all()
    return [card_of(session, schedule, now) for schedule in rows]


def card_of(session: Session, schedule: Schedule, now: datetime) -> Card:
    levels = on_call(session, schedule, now)
    ahead = [gap.start for gap in gaps(session, schedule, now, now + GAPS_AHEAD) if gap.start > now]
    until = min((shift.end for on in levels.values() for shift in on), default=None)
    rests = not covered_hours(plan_of(session, schedule), now, now + datetime.resolution)
    return Card(schedule.name, schedule.timezone, levels, until, min(ahead, default=None), rests)

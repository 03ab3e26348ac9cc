"""Schedules as they stand now, each as a card: who is on, until when, who is next, and where the next gap is."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from sqlmodel import Session

from oncall.rota.coverage import OnCall, Shadow, plans, shadows_at, with_people
from oncall.rota.outlook import outlook
from schedules.resolve import covered_hours
from schedules.spans import Span, holes, intersect
from schedules.types import Schedule, Shift

GAPS_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Card:
    """`until` is the next handoff, `gap` when next a level will have nobody; None: not in the next days.

    Of each level `then` says who comes next, `following` who follows along. `rests`: nobody is meant to be on call now.
    """

    name: str
    timezone: str
    levels: dict[str, list[OnCall]]
    then: dict[str, list[OnCall]]
    following: dict[str, list[Shadow]]
    until: datetime | None
    gap: datetime | None
    rests: bool


def cards_of(session: Session, now: datetime) -> list[Card]:
    return [card_of(session, plan, now) for plan in plans(session).values()]


def card_of(session: Session, plan: Schedule, now: datetime) -> Card:
    """From shifts that are worked out once for all pages: dozens of cards are asked for every few seconds."""
    ahead = outlook(session, now).of_schedule.get(plan.name, [])
    near = ahead[: bisect_left(ahead, now + GAPS_AHEAD, key=attrgetter("start"))]
    shifts = {level: [shift for shift in near if shift.level == level] for level in plan.levels}
    on = {level: [each for each in own if each.start <= now < each.end] for level, own in shifts.items()}
    then = {level: _next((each for each in ahead if each.level == level), on[level], now) for level in shifts}
    meant = covered_hours(plan, now, now + GAPS_AHEAD)
    return Card(
        plan.name,
        plan.zone.key,
        {level: with_people(session, each) for level, each in on.items()},
        {level: with_people(session, each) for level, each in then.items()},
        {level: shadows_at(session, plan.name, level, now) for level in plan.levels},
        until=min((shift.end for each in on.values() for shift in each), default=None),
        gap=_next_gap(shifts, meant, now),
        rests=not meant or meant[0][0] > now,
    )


def _next(shifts: Iterable[Shift], on: Sequence[Shift], now: datetime) -> list[Shift]:
    """Who comes on the level next: several where they begin together. `shifts`: by start."""
    after = min((shift.end for shift in on), default=now)
    coming = (shift for shift in shifts if shift.start >= after and shift.start > now)
    return next((list(together) for _, together in groupby(coming, key=attrgetter("start"))), [])


def _next_gap(shifts: Mapping[str, Sequence[Shift]], meant: Sequence[Span], now: datetime) -> datetime | None:
    empty = (holes([(each.start, each.end) for each in own], now, now + GAPS_AHEAD) for own in shifts.values())
    return min((start for each in empty for start, _ in intersect(each, meant) if start > now), default=None)

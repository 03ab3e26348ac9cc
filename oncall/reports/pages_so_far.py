"""How often people had been paged until some noon: the past stays as it is, so that it is counted once.

Written by engines, a day some hours after it is over; what they have not come to yet is counted by whoever asks
(`pages_taken`). A day is from noon to noon where the person lives, so that no night is cut in two.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from operator import sub
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from oncall.alerts.retention import RESTS, Rest
from oncall.clock import Clock, monotonic
from oncall.db.column_types import UtcDateTime
from oncall.db.database import Database
from oncall.models import Page, PagesSoFar, PastPage, User
from schedules.burden import NIGHTS
from schedules.spans import Span
from schedules.wallclock import to_local, to_utc

SETTLED = timedelta(hours=3)
"""So long after its end a day is counted: whoever stores that somebody was paged has committed by then. And longer than
lies between two times that engines count, so that a clock that is set back is noticed before it comes here again."""
AT_ONCE = timedelta(days=100)
"""Counted in one transaction."""
HOURS = range(24)
Tables = tuple[tuple[type[Page] | type[PastPage], tuple[sa.ColumnElement[bool], ...]], ...]
TABLES: Tables = ((Page, (col(Page.is_shadow).is_(False),)), (PastPage, ()))
"""Where it stands who was paged, and in which rows: also about alerts that are deleted by now. A shadow's copies ask
nothing of anybody."""
_DAY = timedelta(days=1)
_MINE = sa.and_(col(PagesSoFar.user_id) == col(User.id), col(PagesSoFar.timezone) == col(User.timezone))


@dataclass(frozen=True, slots=True)
class Counted:
    """What came to one person from the noon `start` to the noon `end`. `was_first`: nothing had come before.

    `hours_before`, `hours_by_then`: all that had come until the one and the other, by the hour of the day.
    """

    start: datetime
    end: datetime
    hours_before: Sequence[int]
    hours_by_then: Sequence[int]
    night_pages: int
    nights: int

    @property
    def pages(self) -> int:
        return sum(self.hours_by_then) - sum(self.hours_before)

    @property
    def by_hour(self) -> list[int]:
        return list(map(sub, self.hours_by_then, self.hours_before))

    @property
    def was_first(self) -> bool:
        return not any(self.hours_before)

    def left_of(self, start: datetime, end: datetime) -> list[Span]:
        """What a window around it has beside it that is still to be counted."""
        before = [] if self.was_first else [(start, self.start)]
        return [(a, b) for a, b in (*before, (self.end, end)) if a < b]


def _at_ends() -> sa.Select[*tuple[Any, ...]]:
    """Everybody's first day in a window, and the last: looked up for each person, however long it is."""
    noon, start, end = col(PagesSoFar.noon), *(sa.bindparam(name, type_=UtcDateTime) for name in ("start", "end"))
    first = sa.select(sa.func.min(noon)).where(_MINE, noon >= start).correlate(User).scalar_subquery()
    last = sa.select(sa.func.max(noon)).where(_MINE, noon <= end).correlate(User).scalar_subquery()
    people = sa.select(col(User.id), col(User.timezone), first.label("first"), last.label("last")).cte("people")
    each = people.prefix_with("MATERIALIZED")
    of_them = (col(PagesSoFar.user_id) == each.c.id, col(PagesSoFar.timezone) == each.c.timezone)
    columns = (col(PagesSoFar.user_id), noon, col(PagesSoFar.by_hour), col(PagesSoFar.night_pages))
    rows = sa.select(*columns, col(PagesSoFar.nights)).join_from(
        each, PagesSoFar, sa.and_(*of_them, noon.in_([each.c.first, each.c.last]))
    )
    return rows.where(each.c.first <= each.c.last).order_by(noon)


_AT_ENDS = _at_ends()


def counted(session: Session, start: datetime, end: datetime) -> dict[int, Counted]:
    """As much of [start, end) as is counted, by user id; without people of whom nothing is."""
    found = session.execute(_AT_ENDS, {"start": start, "end": end}).all()
    begun, ended = {row.user_id: row for row in reversed(found)}, {row.user_id: row for row in found}
    return {user_id: _between(begun[user_id], row) for user_id, row in ended.items()}


def _between(first: sa.Row[*tuple[object, ...]], last: sa.Row[*tuple[object, ...]]) -> Counted:
    return Counted(
        first.noon,
        last.noon,
        first.by_hour,
        last.by_hour,
        last.night_pages - first.night_pages,
        last.nights - first.nights,
    )


def count_days(database: Database, clock: Clock, rest: Rest) -> None:
    """Everybody's days that have settled, in small transactions with rests between them."""
    with database.read() as session:
        due = _due(session, clock())
    for user_id in due:
        is_behind = True
        while is_behind:
            began = monotonic()
            with database.transaction() as session:
                is_behind = count_some(session, user_id, clock())
            if rest(RESTS * (monotonic() - began)):
                return


def _due(session: Session, now: datetime) -> list[int]:
    newest = sa.select(sa.func.max(PagesSoFar.noon)).where(_MINE).correlate(User).scalar_subquery()
    rows = session.execute(sa.select(col(User.id), col(User.timezone), newest))
    return [user_id for user_id, zone, noon in rows if noon is None or noon != _settled(ZoneInfo(zone), now)]


def count_some(session: Session, user_id: int, now: datetime) -> bool:
    """The next days of one person that have settled. Gives whether there are more.

    The person's row is held meanwhile, so that two engines don't count at once. What was counted in another zone goes,
    and so does what was counted while the clock was ahead: more pages may come then.
    """
    whose = select(User.timezone).where(User.id == user_id).with_for_update(key_share=True)
    zone = ZoneInfo(session.exec(whose).one())
    mine, settled = col(PagesSoFar.user_id) == user_id, _settled(zone, now)
    elsewhere = col(PagesSoFar.timezone) != zone.key
    session.exec(delete(PagesSoFar).where(mine, sa.or_(elsewhere, _too_early(now))))
    last = session.exec(select(PagesSoFar).where(mine).order_by(col(PagesSoFar.noon).desc())).first()
    if last is None:
        begins = _begin(session, user_id, zone, settled)
        nothing: dict[str, Any] = {"by_hour": [0 for _ in HOURS], "night_pages": 0, "nights": 0}
        last = PagesSoFar(user_id=user_id, timezone=zone.key, noon=begins, **nothing)
        session.add(last)
    until = min(settled, last.noon + AT_ONCE)
    moments = _moments(session, user_id, last.noon, until)
    for day in _days(zone, last.noon, until):
        last = _after(last, day, moments[bisect_left(moments, day[0]) : bisect_left(moments, day[1])], zone)
        session.add(last)
    return last.noon < settled


def uncount(session: Session, now: datetime) -> None:
    """What was counted while the clock was ahead, of everybody."""
    session.exec(delete(PagesSoFar).where(_too_early(now)))


def _too_early(now: datetime) -> sa.ColumnElement[bool]:
    return col(PagesSoFar.noon) > now - SETTLED


def _after(before: PagesSoFar, day: Span, moments: Sequence[datetime], zone: ZoneInfo) -> PagesSoFar:
    hours = Counter(to_local(at, zone).hour for at in moments)
    at_night = [sum(start <= at < end for at in moments) for start, end in NIGHTS.spans(zone, *day)]
    return PagesSoFar(
        user_id=before.user_id,
        timezone=zone.key,
        noon=day[1],
        by_hour=[before.by_hour[hour] + hours[hour] for hour in HOURS],
        night_pages=before.night_pages + sum(at_night),
        nights=before.nights + sum(map(bool, at_night)),
    )


def _moments(session: Session, user_id: int, start: datetime, end: datetime) -> list[datetime]:
    """When they were paged, in order."""
    legs = (
        sa.select(col(table.created_at)).where(
            col(table.user_id) == user_id, col(table.created_at) >= start, col(table.created_at) < end, *counts
        )
        for table, counts in TABLES
    )
    return sorted(session.execute(sa.union_all(*legs)).scalars())


def _begin(session: Session, user_id: int, zone: ZoneInfo, settled: datetime) -> datetime:
    """The noon before they were paged for the first time."""
    firsts = [
        sa.select(sa.func.min(table.created_at)).where(col(table.user_id) == user_id, *counts)
        for table, counts in TABLES
    ]
    found = [at for at in session.execute(sa.union_all(*firsts)).scalars() if at]
    return min([_noon(zone, at) for at in found] + [settled])


def _settled(zone: ZoneInfo, now: datetime) -> datetime:
    return _noon(zone, now - SETTLED)


def _noon(zone: ZoneInfo, at: datetime) -> datetime:
    """The last one, `at` the latest."""
    day = to_local(at, zone).date()
    noon = to_utc(datetime.combine(day, time(12)), zone)
    return noon if noon <= at else to_utc(datetime.combine(day - _DAY, time(12)), zone)


def _days(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Span]:
    """From noon to noon, as many as end by then. Clocks may jump over a whole day."""
    while (noon := _noon(zone, start + 1.5 * _DAY)) <= end:
        yield start, noon
        start = noon

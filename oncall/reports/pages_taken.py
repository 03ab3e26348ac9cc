"""Pages by person, counted by the database: all of them, by hour, and those at night, by the clock where they live."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic_core import from_json
from sqlmodel import Session, col

from oncall.db.database import by_narrow_index
from oncall.db.sql_stretches import Stretch, stretch_table
from oncall.db.sql_text import listed
from oncall.db.sql_time import epoch
from oncall.models import PastPage
from oncall.reports.pages_so_far import HOURS, TABLES, Counted, Tables, counted
from oncall.rota import coverage
from schedules.burden import NIGHTS
from schedules.spans import Span
from schedules.wallclock import offsets

HOUR, DAY = 3600, 86_400
Asked = Iterable[tuple[int, Iterable[Span], ZoneInfo]]
"""Whose by id, in which spans, which are apart from each other, and in which zone they live."""


@dataclass(frozen=True, slots=True)
class Taken:
    """`nights`: in how many of them there was a page. A night is one, although its date changes."""

    pages: int = 0
    night_pages: int = 0
    nights: int = 0


def taken_by(session: Session, start: datetime, end: datetime) -> dict[int, Taken]:
    """By user id, of those who were paged in [start, end)."""
    known = counted(session, start, end)
    found = taken_in(session, _left_of(session, known, start, end))
    for user_id, each in known.items():
        more = found.get(user_id, Taken())
        pages, nightly = each.pages + more.pages, each.night_pages + more.night_pages
        if pages:
            found[user_id] = Taken(pages, nightly, each.nights + more.nights)
    return found


def taken_hourly(session: Session, start: datetime, end: datetime) -> dict[int, list[int]]:
    """By user id, of those who were paged in [start, end): how often in each hour of the day."""
    known = counted(session, start, end)
    found = {user_id: each.by_hour for user_id, each in known.items() if each.pages}
    for user_id, hours in _hours(session, _left_of(session, known, start, end)):
        if hours:
            by_hour = found.setdefault(user_id, [0 for _ in HOURS])
            for hour in hours:
                by_hour[hour] += 1
    return found


def taken_in(session: Session, asked: Asked) -> dict[int, Taken]:
    """By user id, of those who were paged in their spans.

    Each count is a stretch of an index, so that a million pages are counted without being looked at one by one.
    """
    nights = cache(NIGHTS.spans)  # most people are asked about the same
    stretches = [each for theirs in asked for each in _with_nights(nights, *theirs)]
    if not stretches:
        return {}
    stretch = stretch_table(session, stretches)
    among = [
        sa.select(sa.func.count())
        .select_from(table)
        .where(col(table.user_id) == stretch.c.of_id, *counts)
        .where(col(table.created_at) >= stretch.c.start, col(table.created_at) < stretch.c.end)
        .scalar_subquery()
        for table, counts in _tables(session, stretches)
    ]
    columns = (stretch.c.of_id, stretch.c.told, sum(among[1:], among[0]).label("pages"))
    each = sa.select(*columns).cte("each").prefix_with("MATERIALIZED")  # or both sums would count anew
    by_day, at_night = (sa.case((each.c.told == night, each.c.pages), else_=0) for night in (0, 1))
    figures = (sa.func.sum(by_day), sa.func.sum(at_night), sa.func.count(sa.func.nullif(at_night, 0)))
    with by_narrow_index(session):
        rows = session.execute(sa.select(each.c.of_id, *figures).group_by(each.c.of_id)).all()
    return {user_id: Taken(int(pages), int(nightly), nights) for user_id, pages, nightly, nights in rows if pages}


def _left_of(session: Session, known: Mapping[int, Counted], start: datetime, end: datetime) -> Asked:
    for each in coverage.people(session).values():
        spans = known[each.id].left_of(start, end) if each.id in known else [(start, end)]
        yield each.id, spans, ZoneInfo(each.timezone)


def _with_nights(
    nights: Callable[..., Iterable[Span]], user_id: int, spans: Iterable[Span], zone: ZoneInfo
) -> Iterable[Stretch]:
    """`told`: whether it is a night, of which pages are counted once more."""
    for start, end in spans:
        yield Stretch(user_id, start, end, 0)
        for night in nights(zone, start, end):
            yield Stretch(user_id, *night, 1)


def _hours(session: Session, asked: Asked) -> Iterator[tuple[int, list[int]]]:
    """At which hours, of each of the spans. They come as texts, which takes less than to have the database count."""
    clocks = cache(offsets)  # most people are asked about the same
    stretches = [each for theirs in asked for each in _with_offsets(clocks, *theirs)]
    if not stretches:
        return
    stretch = stretch_table(session, stretches)
    told = []
    for table, counts in _tables(session, stretches):
        at = col(table.created_at)
        mine = (col(table.user_id) == stretch.c.of_id, at >= stretch.c.start, at < stretch.c.end, *counts)
        hours = listed((epoch(at) + stretch.c.told) % DAY // HOUR)
        told.append(sa.select(hours).select_from(table).where(*mine).scalar_subquery())
    with by_narrow_index(session):
        rows = session.execute(sa.select(stretch.c.of_id, *told)).all()
    for user_id, *texts in rows:
        yield user_id, from_json(f"[{','.join(filter(None, texts))}]")


def _with_offsets(
    clocks: Callable[..., tuple[list[datetime], list[timedelta]]],
    user_id: int,
    spans: Iterable[Span],
    zone: ZoneInfo,
) -> Iterable[Stretch]:
    """`told`: how many seconds their clock is ahead of UTC meanwhile."""
    for start, end in spans:
        edges, lengths = clocks(zone, start, end)
        for (begins, ends), ahead in zip(pairwise([start, *edges, end]), lengths, strict=True):
            yield Stretch(user_id, begins, ends, round(ahead.total_seconds()))


def _tables(session: Session, asked: Sequence[Stretch]) -> Tables:
    """Mostly without past pages: alerts are kept longer than people look back."""
    late = sa.exists().where(col(PastPage.created_at) >= min(each.start for each in asked))
    return TABLES if session.execute(sa.select(late)).scalar_one() else TABLES[:1]

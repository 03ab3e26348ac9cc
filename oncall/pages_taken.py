"""Pages by person, counted by the database: all of them, and those at night by the clock where the person lives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from oncall.db import UtcDateTime, by_narrow_index
from oncall.models import Page, PastPage, User
from oncall.sql_time import wall_seconds
from schedules.burden import NIGHTS
from schedules.spans import Span

HOUR, DAY = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Taken:
    """`nights`: in how many of them there was a page. A night is one, although its date changes."""

    pages: int = 0
    night_pages: int = 0
    nights: int = 0


class _Stretch(NamedTuple):
    """[start, end): `whose`, and whether it is a night, of which pages are counted once more."""

    whose: str
    start: datetime
    end: datetime
    is_night: bool


def taken(session: Session, start: datetime, end: datetime, zones: Iterable[str]) -> sa.Subquery:
    """Of the pages in [start, end), `user_id` and `wall`: what the person's clock showed, as seconds since 1970.

    `zones`: all that people live in. Also pages about alerts that are deleted by now. A shadow's copies ask nothing of
    anybody.
    """
    legs = []
    for table, counts in _tables(session, start):
        at = col(table.created_at)
        wall = wall_seconds(at, col(User.timezone), zones, start, end).label("wall")
        each: sa.Select[Any, Any] = sa.select(col(User.id).label("user_id"), wall)
        mine = each.join_from(User, table, col(table.user_id) == _EACH)
        legs.append(mine.where(at >= start, at < end, *counts))
    return sa.union_all(*legs).subquery()


_EACH = col(User.id) + 0
"""Each person by whom pages are looked for. As it is, SQLite would go through all pages there ever were, and look for
the person of each."""
_Tables = tuple[tuple[type[Page] | type[PastPage], tuple[sa.ColumnElement[bool], ...]], ...]
_TABLES: _Tables = ((Page, (col(Page.is_shadow).is_(False),)), (PastPage, ()))


def taken_by(session: Session, start: datetime, end: datetime, zones: Iterable[str]) -> dict[int, Taken]:
    """By user id, of those who were paged in [start, end)."""
    asked = [each for zone in set(zones) for each in _with_nights(zone, [(start, end)], ZoneInfo(zone))]
    return _counted(session, asked, col(User.timezone))


def taken_in(session: Session, spans: Iterable[tuple[str, Iterable[Span], ZoneInfo]]) -> dict[int, Taken]:
    """By user id, of those who were paged in their spans, which are apart from each other.

    `spans`: whose by handle, and in which zone they live.
    """
    asked = [each for theirs in spans for each in _with_nights(*theirs)]
    return _counted(session, asked, col(User.handle))


def _with_nights(whose: str, spans: Iterable[Span], zone: ZoneInfo) -> Iterable[_Stretch]:
    for start, end in spans:
        yield _Stretch(whose, start, end, is_night=False)
        for night in NIGHTS.spans(zone, start, end):
            yield _Stretch(whose, *night, is_night=True)


def _counted(session: Session, asked: Sequence[_Stretch], whose: sa.SQLColumnExpression[str]) -> dict[int, Taken]:
    """Each count is a stretch of an index, so that a million pages are counted without being looked at one by one.

    `whose`: what of a person the stretches name.
    """
    if not asked:
        return {}
    stretch = _as_table(session, asked)
    among = [
        sa.select(sa.func.count())
        .select_from(table)
        .where(col(table.user_id) == col(User.id), *counts)
        .where(col(table.created_at) >= stretch.c.start, col(table.created_at) < stretch.c.end)
        .scalar_subquery()
        for table, counts in _tables(session, min(each.start for each in asked))
    ]
    columns: tuple[Any, ...] = (
        col(User.id).label("user_id"),
        stretch.c.is_night,
        sum(among[1:], among[0]).label("pages"),
    )
    joined = sa.select(*columns).join_from(stretch, User, whose == stretch.c.whose)
    each = joined.cte("each").prefix_with("MATERIALIZED")  # or both sums would count anew
    by_day, at_night = (sa.case((each.c.is_night == night, each.c.pages), else_=0) for night in (0, 1))
    figures = (sa.func.sum(by_day), sa.func.sum(at_night), sa.func.count(sa.func.nullif(at_night, 0)))
    with by_narrow_index(session):
        rows = session.execute(sa.select(each.c.user_id, *figures).group_by(each.c.user_id)).all()
    return {user_id: Taken(int(pages), int(nightly), nights) for user_id, pages, nightly, nights in rows if pages}


def _tables(session: Session, since: datetime) -> _Tables:
    """Mostly without past pages: alerts are kept longer than people look back."""
    late = sa.exists().where(col(PastPage.created_at) >= since)
    return _TABLES if session.execute(sa.select(late)).scalar_one() else _TABLES[:1]


def _as_table(session: Session, asked: Sequence[_Stretch]) -> Any:
    """From one parameter: years of nights in many zones are more than a statement may have."""
    dialect = session.get_bind().dialect
    if dialect.name == "postgresql":
        rows = sa.literal([each._asdict() | {"is_night": int(each.is_night)} for each in asked], sa.JSON())
        times = (sa.column(name, UtcDateTime) for name in ("start", "end"))
        columns: tuple[Any, ...] = (sa.column("whose", sa.Text), *times, sa.column("is_night", sa.Integer))
        return sa.func.json_to_recordset(rows).table_valued(*columns).render_derived("stretch", with_types=True)
    stored: Any = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    values = [(each.whose, stored(each.start), stored(each.end), int(each.is_night)) for each in asked]
    listed = sa.func.json_each(sa.literal(values, sa.JSON())).table_valued("value")
    fields = (sa.func.json_extract(listed.c.value, f"$[{n}]").label(name) for n, name in enumerate(_Stretch._fields))
    return sa.select(*fields).cte("stretch").prefix_with("MATERIALIZED")  # or it would be read once for each person

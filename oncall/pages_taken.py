"""Pages by person, counted by the database: all of them, and those at night by the clock where the person lives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from oncall.models import Page, PastPage, User
from oncall.sql_time import wall_seconds
from schedules.burden import NIGHT_BEGINS, NIGHT_ENDS

HOUR, DAY = 3600, 86_400
_BEFORE_MIDNIGHT = 24 - NIGHT_BEGINS


@dataclass(frozen=True, slots=True)
class Taken:
    """`nights`: in how many of them there was a page. A night is one, although its date changes."""

    pages: int = 0
    night_pages: int = 0
    nights: int = 0


def taken(start: datetime, end: datetime, zones: Iterable[str]) -> sa.Subquery:
    """Of the pages in [start, end), `user_id` and `wall`: what the person's clock showed, as seconds since 1970.

    `zones`: all that people live in. Also pages about alerts that are deleted by now. A shadow's copies ask nothing of
    anybody.
    """
    legs = (_leg(Page, start, end).where(col(Page.is_shadow).is_(False)), _leg(PastPage, start, end))
    pages = sa.union_all(*legs).subquery()
    wall = wall_seconds(pages.c.created_at, col(User.timezone), zones, start, end).label("wall")
    return sa.select(pages.c.user_id, wall).join_from(pages, User, col(User.id) == pages.c.user_id).subquery()


def _leg(table: type[Page] | type[PastPage], start: datetime, end: datetime) -> sa.Select[Any, Any]:
    at = col(table.created_at)
    return sa.select(col(table.user_id), at).where(at >= start, at < end)


def taken_by(session: Session, start: datetime, end: datetime, zones: Iterable[str]) -> dict[int, Taken]:
    """By user id, of those who were paged in [start, end)."""
    each = taken(start, end, zones)
    since_evening = each.c.wall + _BEFORE_MIDNIGHT * HOUR  # so that a night is at the beginning of one day
    at_night = since_evening % DAY < (_BEFORE_MIDNIGHT + NIGHT_ENDS) * HOUR
    nightly = sa.select(each.c.user_id, sa.case((at_night, since_evening // DAY)).label("night")).subquery()
    figures = (sa.func.count(), sa.func.count(nightly.c.night), sa.func.count(nightly.c.night.distinct()))
    rows = session.execute(sa.select(nightly.c.user_id, *figures).group_by(nightly.c.user_id))
    return {user_id: Taken(*counts) for user_id, *counts in rows}

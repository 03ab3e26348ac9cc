"""Whether anything has changed that a list of alerts shows: one cheap question, whichever process has changed it.

Each change of an alert tells its timeline, but for an event that only counts it up.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from oncall.models import Alert, TimelineEntry
from oncall.models.alert import OPEN

LATE = timedelta(seconds=15)
"""PostgreSQL numbers entries before they are committed, so that one may appear below others that were seen. No
transaction takes as long as this."""

_entry, _from = col(TimelineEntry.id), sa.bindparam("next_floor", type_=sa.Integer)
_FOUND = (
    sa.select(
        sa.func.count().label("entries"),
        sa.func.coalesce(sa.func.sum(sa.case((_entry > _from, 1), else_=0)), 0).label("above_next_floor"),
        sa.func.max(_entry).label("newest"),
        sa.select(sa.func.coalesce(sa.func.sum(Alert.event_count), 0)).where(OPEN).scalar_subquery().label("events"),
    )
    .select_from(TimelineEntry)
    .where(_entry > sa.bindparam("floor", type_=sa.Integer))
)
_NEWEST = sa.select(sa.func.coalesce(sa.func.max(_entry), 0))


@dataclass(slots=True)
class Newsreader:
    """Looks again and again, and knows whether anything is new since it looked before."""

    id: str = ""
    """Of what it saw last: the same from any process, as long as nothing changes."""
    _floor: int | None = None
    """Entries up to this one are looked at no more."""
    _seen: tuple[int, int] = (0, 0)
    """How many entries above it, and how many events of open alerts."""
    _newest: deque[tuple[datetime, int]] = field(default_factory=deque)
    """The newest entry by when it was seen, for as long as others may appear below it."""

    def look(self, session: Session, now: datetime) -> bool:
        """Whether there is news. The first look has none."""
        is_first = self._floor is None
        floor = self._floor if self._floor is not None else session.execute(_NEWEST).scalar_one()
        next_floor = self._next_floor(floor, now)
        found = session.execute(_FOUND, {"floor": floor, "next_floor": next_floor}).one()
        newest = found.newest or floor
        is_news = not is_first and (found.entries, found.events) != self._seen
        if is_first or is_news:
            self._set_id(f"{newest}-{found.events}", found.entries)
        self._floor, self._seen = next_floor, (int(found.above_next_floor), found.events)
        self._newest.append((now, newest))
        return is_news

    def _set_id(self, standing: str, entries: int) -> None:
        """An entry that appears below others is news all the same."""
        self.id = f"{standing}-{entries}" if self.id.startswith(standing) else standing

    def _next_floor(self, floor: int, now: datetime) -> int:
        while self._newest and now - self._newest[0][0] > LATE:
            floor = self._newest.popleft()[1]
        return floor

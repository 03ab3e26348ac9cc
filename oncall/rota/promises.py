"""Swaps that were agreed on, kept through a change of a schedule, by whatever way it comes.

People have planned by them: a trip, a wedding, a night's sleep. So whoever took a shift keeps it, in place of whoever
has the turn now. Both calendars stay as they were, and there is nobody to tell.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from oncall.db.database import notify_engines
from oncall.models import Override, OverrideSource, Schedule, User
from oncall.rota import coverage
from schedules import types
from schedules.promises import kept


class Promises:
    """Begins before the change."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now
        ahead = select(Override.schedule_id).where(Override.source == OverrideSource.SWAP, col(Override.ends_at) > now)
        rows = session.exec(select(Schedule).where(col(Schedule.id).in_(ahead)).order_by(col(Schedule.id)))
        self._before = [(row, plan) for row in rows.all() if (plan := coverage.plan_if_sound(session, row)) is not None]

    def keep(self) -> None:
        """Once all else is written. Of somebody who has retired there is nothing to keep: it has been handed on."""
        for schedule, before in self._before:
            for override in kept(before, coverage.plan_of(self._session, schedule), self._now):
                self._store(schedule, override)
        self._session.flush()

    def _store(self, schedule: Schedule, kept: types.Override) -> None:
        ids = coverage.handles_to_ids(self._session)
        taker = self._session.get_one(User, ids[kept.person or ""])
        if taker.retired_at is not None:
            return
        self._session.add(
            Override(
                schedule_id=schedule.id or 0,
                level=kept.level,
                user_id=taker.id,
                replaces_id=ids[kept.off or ""],
                source=OverrideSource.SWAP,
                starts_at=kept.start,
                ends_at=kept.end,
                created_at=self._now,
            )
        )
        notify_engines(self._session)

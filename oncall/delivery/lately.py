"""How each kind of message has fared lately, by the deliveries themselves: what waits, what was sent and failed last.

For people to look at; which account an attempt goes through is decided by `health`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.delivery.outbox import DELIVERIES
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery
from oncall.models.delivery import LIVE

LOOKED_THROUGH = 5_000
"""The newest deliveries: however many there are, no more is read."""


@dataclass(frozen=True, slots=True)
class Lately:
    """Of one kind. `waiting`: due, and not sent yet. `failure` says why, in the provider's words."""

    waiting: int = 0
    waits_since: datetime | None = None
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str = ""

    @property
    def has_just_failed(self) -> bool:
        """Nothing has been sent since."""
        return self.failed_at is not None and (self.sent_at is None or self.sent_at < self.failed_at)


def lately(session: Session, now: datetime) -> dict[str, Lately]:
    """By kind, of those of which there is something to tell."""
    waiting = {kind: (count, since) for kind, count, since in session.execute(_waiting(now))}
    newest = {kind: (sent_at, failed_id) for kind, sent_at, failed_id in session.execute(_newest())}
    failed = _failures(session, [failed_id for _, failed_id in newest.values() if failed_id is not None])
    return {
        kind: Lately(*waiting.get(kind, (0, None)), newest.get(kind, (None, None))[0], *failed.get(kind, (None, "")))
        for kind in waiting.keys() | newest.keys()
    }


def _waiting(now: datetime) -> sa.Select[str, int, datetime]:
    due = sa.select(col(Delivery.kind), sa.func.count(), sa.func.min(col(Delivery.due_at)))
    return due.where(LIVE, col(Delivery.due_at) <= now).group_by(col(Delivery.kind))


def _newest() -> sa.Select[Any]:
    each = DELIVERIES.c
    some = sa.select(each.id, each.kind, each.sent_at, each.state, each.error)
    newest = some.order_by(each.id.desc()).limit(LOOKED_THROUGH).subquery()
    has_failed = sa.and_(newest.c.error != "", newest.c.state != DeliveryState.CANCELLED)
    failed_id = sa.func.max(sa.case((has_failed, newest.c.id)))
    return sa.select(newest.c.kind, sa.func.max(newest.c.sent_at), failed_id).group_by(newest.c.kind)


def _failures(session: Session, ids: list[int]) -> dict[str, tuple[datetime | None, str]]:
    rows = session.exec(select(Delivery).where(col(Delivery.id).in_(ids)))
    return {row.kind: (_failed_at(row), row.error) for row in rows}


def _failed_at(row: Delivery) -> datetime | None:
    """About when: of what is tried again, or was sent in the end, only the first attempt's time is kept."""
    return row.finished_at if row.state is DeliveryState.FAILED else row.first_attempt_at

"""When the clock is set back, whatever waits would wait so much longer: due times go back with it. And days that were
added up for reports may have more alerts and pages: they are added up again, even if the clock is right again soon.

Set forward, nothing need be done: what falls due by that runs once, sooner rather than later.
"""

from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from oncall.clock import Clock, ClockWatch
from oncall.db.database import Database
from oncall.models import Alert, Delivery, Heartbeat
from oncall.models.delivery import LIVE
from oncall.process.leases import take
from oncall.reports import count_alerts, pages_so_far

log = structlog.get_logger(__name__)
Row = TypeVar("Row", bound=SQLModel)

NOTICED = timedelta(seconds=2)
"""Clocks are kept right in steps smaller than this, which nobody waits longer for."""
LEASE, ONE_ALONE = "clock set back", timedelta(minutes=1)
"""All processes see the clock that they share set back; so long the first of them alone has followed it."""


class DueTimes:
    """One engine's eye on the clock that everything is due by."""

    def __init__(self, database: Database, clock: Clock, engine_id: str) -> None:
        self._database, self._clock, self._engine_id = database, clock, engine_id
        self._watch = ClockWatch(clock)

    def begin(self) -> None:
        """What was set before is no matter."""
        self._watch.follow()

    def follow(self) -> None:
        """Raises what the database raises; the next call tries again."""
        by = -self._watch.moved()
        if by > NOTICED:
            with self._database.transaction() as session:
                now = self._clock()
                if take(session, LEASE, self._engine_id, now, ONE_ALONE):
                    count = bring_forward(session, by, now)
                    count_alerts.uncount(session, now)
                    pages_so_far.uncount(session, now)
                    log.warning("clock.set_back", seconds=by.total_seconds(), brought_forward=count)
        self._watch.follow()


def bring_forward(session: Session, by: timedelta, now: datetime) -> int:
    """Bring forward by `by` whatever is due after `now`, the time by the clock as it is now. Gives how many rows.

    What was stored since the clock was set comes too soon by that, which is better than too late.
    """

    def sooner(due: datetime) -> datetime:
        return max(now, due - by)

    by_the_wall = col(Alert.next_step_at) == col(Alert.urgency_rises_at)  # not a length of time: hours of a day
    waiting = (col(Alert.next_step_at) > now) & by_the_wall.is_not(True)
    alerts = session.exec(_later(Alert, waiting, col(Alert.id))).all()
    for alert in alerts:
        assert alert.next_step_at is not None
        alert.next_step_at = sooner(alert.next_step_at)
        alert.snoozed_until = alert.snoozed_until and alert.next_step_at
    deliveries = session.exec(_later(Delivery, LIVE & (col(Delivery.due_at) > now), col(Delivery.id))).all()
    for delivery in deliveries:
        delivery.due_at = sooner(delivery.due_at)
    heartbeats = session.exec(_later(Heartbeat, col(Heartbeat.due_at) > now, col(Heartbeat.id))).all()
    for heartbeat in heartbeats:
        heartbeat.due_at = heartbeat.due_at and sooner(heartbeat.due_at)
    session.add_all([*alerts, *deliveries, *heartbeats])
    return len(alerts) + len(deliveries) + len(heartbeats)


def _later(table: type[Row], which: sa.ColumnElement[bool], key: Mapped[int | None]) -> SelectOfScalar[Row]:
    """Locked in the order in which everybody locks them: alerts before their deliveries, by id."""
    return select(table).where(which).order_by(key).with_for_update(key_share=True)

"""What is deleted when it is old: resolved alerts with all that hangs on them, and requests that were looked into.

In small transactions with rests between them, so that events and pages don't wait for it. Open alerts are never
deleted, and who was paged when stays, for reports.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.clock import Clock, monotonic
from oncall.db.database import Database
from oncall.ingest.once import forget_mails
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Page, PastPage, ReceivedRequest
from oncall.reports.past_alerts import forget

AT_ONCE = 50
"""Alerts looked at in one transaction."""
RESTS = 4
"""Times as long as it worked: it takes a fifth of the time at most."""
REQUESTS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Stored:
    """How much there is. `since`: when the oldest alert that is still there triggered."""

    alerts: int
    since: datetime | None
    megabytes: float


_SIZE = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
}
"""In bytes."""


def stored(session: Session) -> Stored:
    alerts = session.execute(sa.select(sa.func.count()).select_from(Alert)).scalar_one()
    oldest = session.exec(select(Alert.triggered_at).order_by(col(Alert.id)).limit(1)).first()
    size = session.execute(sa.text(_SIZE[session.get_bind().dialect.name])).scalar_one()
    return Stored(alerts, oldest, size / 1e6)


Rest = Callable[[float], bool]
"""Waits so many seconds; True: the process is stopping."""


def delete_old(database: Database, days: int, clock: Clock, rest: Rest) -> int:
    """Of alerts resolved more than `days` ago, all; 0 keeps them. How many alerts were deleted."""
    _delete_requests(database, clock() - REQUESTS_KEPT)
    with database.transaction() as session:
        forget_mails(session, clock())
    before, after, deleted = clock() - timedelta(days=days), 0, 0
    while days:
        began = monotonic()
        with database.transaction() as session:
            last, count = delete_some(session, before, after)
        deleted += count
        if last is None or rest(RESTS * (monotonic() - began)):
            break
        after = last
    return deleted


def delete_some(session: Session, before: datetime, after: int) -> tuple[int | None, int]:
    """Look at the next alerts beyond the id `after`, the oldest first, and delete those resolved before `before`.

    Gives the last id that was looked at, None once all are newer; and how many were deleted. Alerts are numbered as
    they trigger, and triggered before they were resolved, so that no index is needed to find the old ones.
    """
    found = sa.select(col(Alert.id), col(Alert.triggered_at), _is_old(before)).where(col(Alert.id) > after)
    rows = session.execute(found.order_by(col(Alert.id)).limit(AT_ONCE)).all()
    old = {alert_id: triggered_at for alert_id, triggered_at, is_old in rows if is_old}
    if ours := _taken(session, list(old), before):
        forget(session, max(old[each] for each in ours))
        _delete(session, ours)
    is_end = len(rows) < AT_ONCE or all(triggered_at >= before for _, triggered_at, _ in rows)
    return (None if is_end else rows[-1][0]), len(ours)


def _taken(session: Session, alert_ids: Sequence[int], before: datetime) -> list[int]:
    """Those that no other engine deletes at this moment."""
    if not alert_ids:
        return []
    still_old = sa.select(col(Alert.id)).where(col(Alert.id).in_(alert_ids), _is_old(before))
    return list(session.execute(still_old.with_for_update(skip_locked=True)).scalars())


def _is_old(before: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(Alert.status) == AlertStatus.RESOLVED, col(Alert.resolved_at) < before)


def _delete(session: Session, alert_ids: Sequence[int]) -> None:
    """Timelines, pages and deliveries go with their alerts, by the database's own doing."""
    _keep_what_reports_need(session, alert_ids)
    session.execute(sa.delete(Alert).where(col(Alert.id).in_(alert_ids)))


def _keep_what_reports_need(session: Session, alert_ids: Sequence[int]) -> None:
    kept = ["user_id", "created_at"]
    if session.get_bind().dialect.name == "postgresql":  # SQLite gives numbers of deleted rows out again
        kept.append("id")
    pages = sa.select(*(col(getattr(Page, each)) for each in kept)).where(
        col(Page.alert_id).in_(alert_ids), col(Page.is_shadow).is_(False)
    )
    session.execute(sa.insert(PastPage).from_select(kept, pages))


def _delete_requests(database: Database, before: datetime) -> None:
    """Few, since only the newest of each key are kept anyway."""
    with database.transaction() as session:
        session.execute(sa.delete(ReceivedRequest).where(col(ReceivedRequest.at) < before))

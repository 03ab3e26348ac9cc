"""Alerts of which the tool has said nothing for as long as their service lets them stay open resolve themselves."""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from oncall.delivery.outbox import cancel_pending
from oncall.delivery.updates import outdate
from oncall.lifecycle.alert import AlertAction, after
from oncall.models import Alert, Delivery, TimelineKind
from oncall.models.alert import OPEN
from oncall.timeline import spell, tell

AT_ONCE = 200


def are_overdue(now: datetime) -> SelectOfScalar[Alert]:
    """Another event would have put it off."""
    due = select(Alert).where(OPEN, col(Alert.resolves_at) <= now)
    return due.order_by(col(Alert.resolves_at))  # by number, SQLite would read every alert there ever was


def resolve_overdue(session: Session, now: datetime) -> int:
    """Gives how many."""
    alerts = session.exec(are_overdue(now).limit(AT_ONCE).with_for_update(skip_locked=True, key_share=True)).all()
    for alert in alerts:
        assert alert.resolves_at is not None
        alert.status, alert.resolved_at = after(alert.status, AlertAction.RESOLVE), now
        alert.next_step_at = alert.snoozed_until = None
        session.add(alert)
        quiet = spell(alert.resolves_at - alert.last_event_at)
        tell(session, alert.id, TimelineKind.RESOLVED, f"Resolved by itself: no event for {quiet}", now)
    ids = [alert.id for alert in alerts if alert.id is not None]
    if ids:
        session.flush()
        cancel_pending(session, col(Delivery.alert_id).in_(ids), now)
        outdate(session, ids, now)
    return len(ids)

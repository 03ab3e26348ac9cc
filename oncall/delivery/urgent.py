"""An alert has become urgent: whoever was paged about it is paged by their ways for urgent alerts, from now on."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from oncall.db.bulk import insert_many
from oncall.delivery.outbox import DELIVERIES, Reach, cancel_pending, delivery_row
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, Page, TimelineKind, Urgency
from oncall.timeline import tell


def plan_urgently(session: Session, alert_ids: Sequence[int], now: datetime) -> None:
    """What was planned as for an alert that can wait is called back, quiet hours or not; what may be at a provider
    stays. The next step waits for an answer to what goes now.
    """
    pages = _latest_pages(session, alert_ids)
    if not pages:
        return
    _wait_from_now(session, alert_ids, now)
    reach = Reach(session)
    reach.load(page.user_id for page in pages)
    planned = col(Delivery.page_id).in_([page.id for page in pages]) & col(Delivery.unsure_since).is_(None)
    cancel_pending(session, planned, now)
    rows = [
        delivery_row({"page_id": page.id, "alert_id": page.alert_id}, way.method, now, way.due_at)
        for page in pages
        for way in reach.plan(page.user_id, Urgency.HIGH, now)
    ]
    insert_many(session, DELIVERIES, rows)
    names: dict[int, list[str]] = defaultdict(list)
    for page in pages:
        names[page.alert_id].append(reach.users[page.user_id].name)
    for alert_id, who in names.items():
        text = f"It has become urgent: {', '.join(who)} paged again, by the ways for urgent alerts"
        tell(session, alert_id, TimelineKind.PAGED, text, now)
    session.flush()


def _latest_pages(session: Session, alert_ids: Sequence[int]) -> list[Page]:
    """Of each person who was paged and whose answer is waited for, the last one."""
    pages = session.exec(
        select(Page)
        .where(col(Page.alert_id).in_(alert_ids), col(Page.relieved_at).is_(None), col(Page.is_shadow).is_(False))
        .order_by(col(Page.id))
    )
    return list({(page.alert_id, page.user_id): page for page in pages}.values())


def _wait_from_now(session: Session, alert_ids: Sequence[int], now: datetime) -> None:
    """Where quiet hours held everything back, the next step was put off by them."""
    waiting = (col(Delivery.state) == DeliveryState.PENDING) & col(Delivery.waits_from).is_not(None)
    held = waiting & col(Delivery.alert_id).in_(alert_ids)
    first = select(Delivery.alert_id, func.min(col(Delivery.due_at))).where(held).group_by(col(Delivery.alert_id))
    for alert_id, told_at in session.exec(first):
        alert = session.get_one(Alert, alert_id)
        if alert.next_step_at is not None and alert.next_step_at > told_at:
            alert.next_step_at = now + (alert.next_step_at - told_at)
            session.add(alert)
    session.flush()

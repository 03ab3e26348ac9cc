"""Alerts of somebody who retires: nobody waits for an answer that can't come any more."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from oncall.alerts.actions import Actor, escalate
from oncall.delivery.outbox import call_back
from oncall.escalation.progress import go_on_at
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Page, TimelineKind, User
from oncall.timeline import tell


def let_go(session: Session, user: User, by: User, now: datetime) -> None:
    """What they had acknowledged pages again; what only they were paged about pages whoever has their place now."""
    for alert_id in _acknowledged(session, user):
        escalate(session, alert_id, Actor(by, f"as {user.name}, who had it, retires"), now)
    for alert, step, round_ in _waited_for(session, user):
        text = f"{user.name}, who was paged, has retired: whoever is there now is paged"
        tell(session, alert.id, TimelineKind.NOT_PAGED, text, now)
        alert.step, alert.round = step, round_
        go_on_at(alert, now)
        session.add(alert)
    session.flush()
    triggered = select(Alert.id).where(Alert.status == AlertStatus.TRIGGERED)
    call_back(session, (col(Page.user_id) == user.id) & col(Page.alert_id).in_(triggered), now)


def _acknowledged(session: Session, user: User) -> Sequence[int]:
    """One that is snoozed pages again by itself."""
    theirs = select(Alert.id).where(
        Alert.acknowledged_by_id == user.id,
        Alert.status == AlertStatus.ACKNOWLEDGED,
        col(Alert.snoozed_until).is_(None),
    )
    return [each for each in session.exec(theirs) if each is not None]


def _waited_for(session: Session, user: User) -> list[tuple[Alert, int, int]]:
    """Triggered alerts of which nobody else was told since they were, with the step and the round of their page."""
    other = aliased(Page)
    theirs = (col(Page.user_id) == user.id, col(Page.is_shadow).is_(False), col(Page.relieved_at).is_(None))
    told_later = sa.exists().where(
        col(other.alert_id) == col(Page.alert_id),
        col(other.user_id) != user.id,
        col(other.is_shadow).is_(False),
        col(other.relieved_at).is_(None),
        col(other.created_at) >= col(Page.created_at),
    )
    rows = (
        select(Alert, Page.step, Page.round)
        .join(Page)
        .where(*theirs, Alert.status == AlertStatus.TRIGGERED, ~told_later)
        .order_by(col(Alert.id), col(Page.id))
        .with_for_update(of=Alert, key_share=True)
    )
    newest = {alert.id: (alert, step, round_) for alert, step, round_ in session.exec(rows)}
    return list(newest.values())

"""What is asked of an alert: its story and proof, what hangs on it, and what happens next."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from oncall.alerts.listing import AlertRow, with_names
from oncall.delivery.addressee import addressees
from oncall.delivery.carried import gravity, told_of
from oncall.escalation.acknowledgements import count_said
from oncall.escalation.ahead import steps_ahead
from oncall.escalation.decide import Recipient
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Delivery, TimelineEntry

MOST_DEPENDENTS = 200


def timeline(session: Session, alert_id: int) -> Sequence[TimelineEntry]:
    """Oldest first."""
    statement = select(TimelineEntry).where(TimelineEntry.alert_id == alert_id)
    return session.exec(statement.order_by(col(TimelineEntry.at), col(TimelineEntry.id))).all()


def deliveries(session: Session, alert_id: int) -> list[tuple[Delivery, str]]:
    """Every attempt to reach somebody about it, with the name of whom it is for, in order of planning."""
    statement = select(Delivery).where(Delivery.alert_id == alert_id).order_by(col(Delivery.id))
    found = session.exec(statement).all()
    names = addressees(session, found)
    return [(delivery, names[delivery.id]) for delivery in found]


def said_so_far(session: Session, alert: Alert) -> str:
    """Of one that waits for several people: "1 of 2 have acknowledged". Else empty."""
    waits = alert.status is AlertStatus.TRIGGERED and alert.acknowledgements_needed > 1
    return count_said(session, alert) if waits else ""


def dependents(session: Session, alert_ids: Sequence[int | None]) -> dict[int | None, list[Alert]]:
    """By alert, those that were folded into it because their service depends on its own."""
    found: dict[int | None, list[Alert]] = defaultdict(list)
    folded = select(Alert).where(col(Alert.held_by_id).is_not(None), col(Alert.held_by_id).in_(alert_ids))
    for alert in session.exec(folded.order_by(col(Alert.id)).limit(MOST_DEPENDENTS)):
        found[alert.held_by_id].append(alert)
    return found


def told_by(session: Session, delivery: Delivery, limit: int) -> list[AlertRow]:
    """Alerts that its message tells of, in its order: what nobody has yet first, then the gravest, then the oldest."""
    order = (col(Alert.status) != AlertStatus.TRIGGERED, gravity(), col(Alert.id))
    rows = session.exec(with_names().where(told_of(delivery)).order_by(*order).limit(limit))
    return [AlertRow(alert, service, name) for alert, service, name in rows]


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who is paged, and when, if nobody answers until then. No recipients: nobody can be."""

    at: datetime
    recipients: tuple[Recipient, ...]


def next_step(session: Session, alert: Alert) -> NextStep | None:
    """Asked for the moment it falls due. None: nobody else is to be paged; what is left is to say so."""
    if alert.next_step_at is None:
        return None
    step = next(steps_ahead(session, alert, alert.next_step_at), None)
    if step is None or (step.closing and not step.people):
        return None
    return NextStep(step.at, tuple(told.recipient for told in step.people))

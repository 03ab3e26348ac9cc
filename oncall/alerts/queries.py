"""What is asked of alerts: lists, one alert's story and proof, and what happens next."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from oncall.delivery.addressee import addressees
from oncall.delivery.carried import gravity, told_of
from oncall.errors import BadInput
from oncall.escalation.acknowledgements import count_said
from oncall.escalation.decide import Position, Recipient, decide
from oncall.escalation.history import History
from oncall.escalation.policies import policy_of
from oncall.escalation.progress import position_of
from oncall.escalation.targets import Resolutions
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Delivery, MaintenanceWindow, Page, Service, TimelineEntry, User
from oncall.models.alert import OPEN
from oncall.names import is_storable

MOST_DEPENDENTS = 200
_labels: sa.Column[dict[str, str]] = Alert.__table__.c.labels  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert with the names that a list shows."""

    alert: Alert
    service: str
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """`status` None: all. `mine`: only those that this person was paged about. `labels`: with all of these."""

    open_only: bool = False
    status: AlertStatus | None = None
    service: str | None = None
    text: str = ""
    mine: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    maintenance: str | None = None


def read_label(text: str) -> tuple[str, str]:
    """`cluster=prod` as a name and its text. Raises BadInput."""
    name, equals, value = text.partition("=")
    if not name.strip() or not equals or '"' in name or not is_storable(text):
        raise BadInput(f"“{text}” is not a label: write it like cluster=prod.", field="label")
    return name.strip(), value.strip()


def list_alerts(session: Session, wanted: AlertFilter, limit: int, before: int | None = None) -> list[AlertRow]:
    """Newest first; `before` is the id of the last one already seen."""
    statement = (
        select(Alert, Service.name, User.name)
        .join(Service)
        .outerjoin(User, col(User.id) == col(Alert.acknowledged_by_id))
    )
    if wanted.open_only:
        statement = statement.where(OPEN)
    if wanted.status is not None:
        statement = statement.where(Alert.status == wanted.status)
    if wanted.service:
        statement = statement.where(Service.name == wanted.service)
    if wanted.text:
        contains = col(Alert.summary).icontains(wanted.text, autoescape=True)
        statement = statement.where(or_(contains, col(Alert.source).icontains(wanted.text, autoescape=True)))
    if wanted.mine is not None:
        statement = statement.where(col(Alert.id).in_(select(Page.alert_id).where(Page.user_id == wanted.mine)))
    if wanted.maintenance:
        window = select(MaintenanceWindow.id).where(MaintenanceWindow.name == wanted.maintenance)
        statement = statement.where(col(Alert.maintenance_id).in_(window))
    for name, text in wanted.labels.items():
        statement = statement.where(_labels[name].as_string() == text)
    if before is not None:
        statement = statement.where(col(Alert.id) < before)
    rows = session.exec(statement.order_by(col(Alert.id).desc()).limit(limit))
    return [AlertRow(alert, service, name) for alert, service, name in rows]


def get_row(session: Session, alert: Alert) -> AlertRow:
    """The alert with its names."""
    by = session.get(User, alert.acknowledged_by_id) if alert.acknowledged_by_id else None
    return AlertRow(alert, session.get_one(Service, alert.service_id).name, by.name if by else None)


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
    statement = (
        select(Alert, Service.name, User.name)
        .join(Service)
        .outerjoin(User, col(User.id) == col(Alert.acknowledged_by_id))
        .where(told_of(delivery))
        .order_by(col(Alert.status) != AlertStatus.TRIGGERED, gravity(), col(Alert.id))
        .limit(limit)
    )
    return [AlertRow(alert, service, name) for alert, service, name in session.exec(statement)]


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who is paged, and when, if nobody answers until then. No recipients: nobody can be."""

    at: datetime
    recipients: tuple[Recipient, ...]


def next_step(session: Session, alert: Alert) -> NextStep | None:
    """From the same decision that pages, asked for the moment it falls due. None: nothing more is planned."""
    if alert.next_step_at is None:
        return None
    at, so_far = alert.next_step_at, History(session, [alert]).of(alert)
    begins_anew = alert.status is AlertStatus.ACKNOWLEDGED or at == alert.urgency_rises_at
    position = Position() if begins_anew else position_of(alert)
    if alert.status is AlertStatus.ACKNOWLEDGED:
        so_far = replace(so_far, acknowledged=frozenset())
    decision = decide(policy_of(session, alert), position, at, Resolutions(session, at), "", so_far)
    return NextStep(at, tuple(order.recipient for order in decision.pages))

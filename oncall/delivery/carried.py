"""Pages that another delivery's message tells of: they share what becomes of it, in one statement however many."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import TRANSITIONS, DeliveryState
from oncall.models import Alert, Delivery, Page, Service, Severity, TimelineEntry, TimelineKind

_timeline: sa.Table = TimelineEntry.__table__  # type: ignore[attr-defined]
MOST_LOADED = 100
UNSENT = [DeliveryState.PENDING, DeliveryState.SENDING]


def claim_carried(session: Session, lead: Delivery, now: datetime) -> None:
    """They are being sent with it, for as long as its lease lasts."""
    _update(
        session,
        _of(lead) & col(Delivery.state).in_(UNSENT),
        state=DeliveryState.SENDING,
        due_at=lead.due_at,
        attempts=col(Delivery.attempts) + 1,
        first_attempt_at=sa.func.coalesce(col(Delivery.first_attempt_at), _time(now)),
    )


def are_waiting(session: Session, lead: Delivery) -> bool:
    """Whether any of them has neither arrived nor been called back."""
    waiting = select(Delivery.id).where(_of(lead), col(Delivery.state).in_(UNSENT)).limit(1)
    return session.exec(waiting).first() is not None


@dataclass(frozen=True, slots=True)
class ToldOf:
    """What a message that tells of several alerts needs to know of them; only the gravest of many are loaded."""

    count: int
    services: tuple[str, ...]
    oldest: datetime
    alerts: tuple[tuple[Alert, Service], ...]


def facts_of(session: Session, lead: Delivery) -> ToldOf:
    about = (col(Delivery.id) == lead.id) | (_of(lead) & col(Delivery.state).in_(UNSENT))
    count, oldest = session.exec(
        select(func.count(), func.min(col(Alert.triggered_at)))
        .select_from(Delivery)
        .join(Alert, col(Alert.id) == col(Delivery.alert_id))
        .where(about)
    ).one()
    alerts = select(Alert, Service).join(Service).join(Delivery, col(Delivery.alert_id) == col(Alert.id)).where(about)
    services = (
        select(Service.name)
        .join(Alert, col(Alert.service_id) == col(Service.id))
        .join(Delivery, col(Delivery.alert_id) == col(Alert.id))
        .where(about)
        .distinct()
        .order_by(col(Service.name))
    )
    first = col(Delivery.id) != lead.id
    listed = session.exec(alerts.order_by(first, gravity(), col(Alert.id)).limit(MOST_LOADED)).all()
    return ToldOf(int(count), tuple(session.exec(services)), oldest, tuple(listed))


def gravity() -> sa.ColumnElement[int]:
    """The gravest first."""
    return sa.case({each.value: each.rank() for each in Severity}, value=col(Alert.severity))


def follow(session: Session, lead: Delivery) -> None:
    """They become what it has become, as far as that can follow from what they are."""
    before = [state for state, following in TRANSITIONS.items() if lead.state in following]
    _update(
        session,
        _of(lead) & col(Delivery.state).in_(before),
        state=lead.state,
        provider=lead.provider,
        sent_at=lead.sent_at,
        finished_at=lead.finished_at,
        error=lead.error,
    )


def tell_carried(session: Session, lead: Delivery, text: str, now: datetime, if_held: str) -> None:
    """Say it on the timelines of those that stand as it does; of those that were held back, `if_held`."""
    said = sa.case((col(Delivery.held_since).is_not(None), if_held), else_=text)
    rows = sa.select(
        col(Delivery.alert_id), _time(now), sa.literal(TimelineKind.DELIVERY.value), said, col(Delivery.user_id)
    ).where(_of(lead), col(Delivery.state) == lead.state)
    session.execute(sa.insert(_timeline).from_select(["alert_id", "at", "kind", "text", "user_id"], rows))


def wait_with(session: Session, lead: Delivery) -> None:
    """It may be at the provider: it is tried again as it is, with all of them."""
    _update(session, _of(lead) & _is_sending(), state=DeliveryState.PENDING, due_at=lead.due_at, error=lead.error)


def dissolve(session: Session, lead: Delivery, retry_at: datetime, now: datetime) -> None:
    """It surely did not arrive: each page stands for itself again, and those that nobody waits for are called back."""
    answered = select(Alert.id).where(Alert.id == Delivery.alert_id, Alert.status != AlertStatus.TRIGGERED)
    relieved = select(Page.id).where(Page.id == Delivery.page_id, col(Page.relieved_at).is_not(None))
    not_wanted = col(Delivery.alert_id).in_(answered) | col(Delivery.page_id).in_(relieved)
    _update(session, _of(lead) & _is_sending() & not_wanted, state=DeliveryState.CANCELLED, finished_at=now)
    again = {"state": DeliveryState.PENDING, "carried_by": None, "due_at": retry_at, "error": lead.error}
    _update(session, _of(lead) & _is_sending(), **again)
    lead.carries, lead.body = 0, ""
    session.add(lead)


def carried(session: Session, lead: Delivery, state: DeliveryState) -> list[Delivery]:
    """Those in a state, with their alerts and pages loaded beside them."""
    rows = session.exec(
        select(Delivery, Alert, Page)
        .select_from(Delivery)
        .join(Alert, col(Alert.id) == col(Delivery.alert_id))
        .join(Page, col(Page.id) == col(Delivery.page_id), isouter=True)
        .where(_of(lead), Delivery.state == state)
        .order_by(col(Delivery.id))
        .execution_options(populate_existing=True)
    ).all()
    return [delivery for delivery, _, _ in rows]


def told_of(delivery: Delivery) -> sa.ColumnElement[bool]:
    """The alerts that its message tells of."""
    told = (col(Delivery.id) == delivery.id) | _of(delivery)
    return col(Alert.id).in_(select(Delivery.alert_id).where(told))


def oldest_told_of(session: Session, delivery: Delivery) -> datetime | None:
    """Since when the oldest of those that are open is; None: none is."""
    is_open = col(Alert.status) != AlertStatus.RESOLVED
    return session.exec(select(func.min(col(Alert.triggered_at))).where(told_of(delivery), is_open)).one()


def counts_told_of(session: Session, delivery: Delivery) -> Counter[AlertStatus]:
    """How many of them stand how."""
    statement = select(Alert.status, func.count()).where(told_of(delivery)).group_by(col(Alert.status))
    return Counter({AlertStatus(status): count for status, count in session.exec(statement)})


def place_told_of(session: Session, delivery: Delivery) -> str:
    """How far all of them have gone: another once any has gone on."""
    rounds, steps = func.sum(col(Alert.round)), func.sum(col(Alert.step))
    return "{}-{}".format(*session.exec(select(rounds, steps).where(told_of(delivery))).one())


def alerts_told_of(session: Session, delivery: Delivery, statuses: Sequence[AlertStatus]) -> list[int]:
    """Those that stand so, by number."""
    told = select(Alert.id).where(told_of(delivery), col(Alert.status).in_(statuses))
    ids = session.exec(told.order_by(col(Alert.id)))
    return [alert_id for alert_id in ids if alert_id is not None]


def _of(lead: Delivery) -> sa.ColumnElement[bool]:
    return col(Delivery.carried_by) == lead.id


def _is_sending() -> sa.ColumnElement[bool]:
    return col(Delivery.state) == DeliveryState.SENDING


def _time(at: datetime) -> sa.ColumnElement[Any]:
    return sa.literal(at, Delivery.__table__.c.due_at.type)  # type: ignore[attr-defined]


def _update(session: Session, which: sa.ColumnElement[bool], **values: Any) -> None:
    session.execute(sa.update(Delivery).where(which).values(**values).execution_options(synchronize_session=False))

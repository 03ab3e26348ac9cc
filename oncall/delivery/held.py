"""What is held back from a person at this moment, and what went to them together lately: nothing of it is hidden."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from oncall.models import Alert, ContactMethod, Delivery
from oncall.models.delivery import WAITING

LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Held:
    """Of one contact method: `count` pages wait until `until`; lately `carried` pages went in `messages` messages."""

    method: ContactMethod
    count: int
    until: datetime | None
    alerts: tuple[int, ...]
    """Some of those that wait, the oldest first."""
    carried: int
    messages: int


def held_from(session: Session, user_id: int, now: datetime) -> list[Held]:
    """By contact method, of those where something was held back or sent together."""
    methods = session.exec(
        select(ContactMethod).where(ContactMethod.user_id == user_id).order_by(col(ContactMethod.id))
    )
    found = [_held(session, method, now) for method in methods.all()]
    return [held for held in found if held.count or held.messages]


def _held(session: Session, method: ContactMethod, now: datetime) -> Held:
    of_method = col(Delivery.contact_method_id) == method.id
    waiting = (WAITING, of_method, col(Delivery.held_since).is_not(None))
    count, until = session.exec(select(func.count(), func.min(col(Delivery.due_at))).where(*waiting)).one()
    alerts = session.exec(
        select(Alert.id)
        .join(Delivery, col(Delivery.alert_id) == col(Alert.id))
        .where(*waiting)
        .order_by(col(Alert.id))
        .limit(10)
    )
    carried, messages = session.exec(
        select(func.sum(col(Delivery.carries)), func.count()).where(
            of_method,
            col(Delivery.carried_by).is_(None),
            col(Delivery.first_attempt_at) > now - LATELY,
            col(Delivery.carries) > 0,
        )
    ).one()
    numbers = tuple(alert_id for alert_id in alerts if alert_id is not None)
    return Held(method, count, until, numbers, (carried or 0) + messages, messages)

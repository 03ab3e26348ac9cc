"""Claiming due deliveries: each is one process's for the length of a lease, and its words are fixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from oncall.delivery.words import page_words, verification_words
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, ContactKind, ContactMethod, Delivery, Service
from oncall.models.delivery import LIVE
from oncall.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process may send until the lease ends."""

    delivery_id: int
    kind: ContactKind
    address: str
    body: str
    attempt: int
    """Which attempt this is; a result is recorded only while it is still the newest."""
    is_page: bool
    sent_before: datetime | None
    """When an earlier attempt began: it may have reached the provider although we never heard (a crash, a time-out)."""
    known_ids: frozenset[str]
    """Provider's ids of this person's other deliveries on this address: never mistake one of them for this one."""


def claim_due(session: Session, settings: Settings, now: datetime, limit: int) -> list[Claim]:
    """Take up to `limit` due deliveries, soonest first, skipping those that another process is taking."""
    due = session.exec(
        select(Delivery)
        .where(LIVE, col(Delivery.due_at) <= now)
        .order_by(col(Delivery.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    subjects = _subjects(session, due)
    claims = [
        _claim(session, settings, delivery, now)
        for delivery in due
        if _has_words(session, settings, delivery, subjects, now)
    ]
    session.flush()
    return claims


Subjects = dict[int | None, tuple[Alert, Service]]


def _subjects(session: Session, deliveries: Sequence[Delivery]) -> Subjects:
    """The alerts that these deliveries are about, by id, with their services."""
    ids = {delivery.alert_id for delivery in deliveries if not delivery.body}
    if not ids:
        return {}
    rows = session.exec(select(Alert, Service).join(Service).where(col(Alert.id).in_(ids)))
    return {alert.id: (alert, service) for alert, service in rows}


def _has_words(session: Session, settings: Settings, delivery: Delivery, subjects: Subjects, now: datetime) -> bool:
    """Fix what it says. One that has nothing to say any more is cancelled; none may hold up the others."""
    try:
        delivery.body = delivery.body or _words(session, settings, delivery, subjects)
    except SQLAlchemyError:
        raise
    except Exception as error:
        log.exception("delivery.without_words", delivery=delivery.id)
        delivery.error = f"a fault in this service ({type(error).__name__})"
    if not delivery.body:
        delivery.state = DeliveryState.FAILED if delivery.error else DeliveryState.CANCELLED
        delivery.finished_at = now
        session.add(delivery)
    return bool(delivery.body)


def _claim(session: Session, settings: Settings, delivery: Delivery, now: datetime) -> Claim:
    assert delivery.id is not None
    sent_before = delivery.unsure_since
    delivery.unsure_since = delivery.unsure_since or now
    delivery.state = DeliveryState.SENDING
    delivery.attempts += 1
    delivery.first_attempt_at = delivery.first_attempt_at or now
    delivery.due_at = now + timedelta(seconds=settings.send_lease)
    session.add(delivery)
    return Claim(
        delivery.id,
        delivery.kind,
        delivery.address,
        delivery.body,
        delivery.attempts,
        delivery.alert_id is not None,
        sent_before,
        _known_ids(session, delivery) if sent_before else frozenset(),
    )


def _known_ids(session: Session, delivery: Delivery) -> frozenset[str]:
    ids = session.exec(
        select(Delivery.provider_id)
        .where(
            Delivery.address == delivery.address,
            Delivery.id != delivery.id,
            col(Delivery.provider_id).is_not(None),
        )
        .order_by(col(Delivery.id).desc())
        .limit(200)
    )
    return frozenset(provider_id for provider_id in ids if provider_id)


def _words(session: Session, settings: Settings, delivery: Delivery, subjects: Subjects) -> str:
    if delivery.alert_id is None:
        method = session.get(ContactMethod, delivery.contact_method_id) if delivery.contact_method_id else None
        return verification_words(method) if method is not None and method.code else ""
    return page_words(settings, delivery.kind, *subjects[delivery.alert_id])

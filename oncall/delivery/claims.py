"""Claiming due deliveries: each is one process's for the length of a lease, and its words are fixed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, true
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from oncall import links
from oncall.auth.signing import Signer
from oncall.delivery.answer_links import token_of
from oncall.delivery.words import canary_words, notice_words, page_words, verification_words
from oncall.escalation.steps import NEW
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, ContactMethod, Delivery, Notice, Page, Service
from oncall.models.delivery import LIVE
from oncall.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process may send until the lease ends."""

    delivery_id: int
    kind: str
    address: str
    body: str
    attempt: int
    """Which attempt this is; a result is recorded only while it is still the newest."""
    alert_id: int | None
    """The alert that can be answered; None for a notice, a code, and somebody who only follows along."""
    sent_before: datetime | None
    """When an earlier attempt began: it may have reached the provider although we never heard (a crash, a time-out)."""
    at: datetime
    """When it was claimed."""
    answer_url: str
    """Where the person can answer it without signing in; empty for what can't be answered."""
    known_ids: frozenset[str]
    """Provider's ids of this person's other deliveries on this address: never mistake one of them for this one."""
    fault: str = ""
    """A mistake of ours for which it has no words: it fails like any other delivery, and the next way is tried."""
    due_at: datetime | None = None
    """When it was to go; None for an attempt that is not the first."""
    event_at: datetime | None = None
    """When the event came that it tells of, if it was to go at once."""


def claim_due(
    session: Session, settings: Settings, now: datetime, limit: int, left: Collection[str] = ()
) -> list[Claim]:
    """Take up to `limit` due deliveries, soonest first, skipping those that another process is taking.

    Kinds that are `left` to other processes are not touched.

    Notices come after pages and codes, and take no more than half of what is left: the next page waits for none.
    """
    ours = col(Delivery.kind).not_in(left) if left else true()
    due = _due(session, ours & col(Delivery.notice_id).is_(None), now, limit)
    if len(due) < limit:
        due += _due(session, ours & col(Delivery.notice_id).is_not(None), now, (limit - len(due) + 1) // 2)
    if not due:
        return []
    signer = Signer.of(session, settings)
    claims = [_claim(session, settings, signer, delivery, subject, now) for delivery, *subject in due]
    session.flush()
    return [claim for claim in claims if claim is not None]


Due = tuple[Delivery, Alert | None, Service | None, Page | None]


def _due(session: Session, which: ColumnElement[bool], now: datetime, limit: int) -> list[Due]:
    return list(
        session.exec(
            select(Delivery, Alert, Service, Page)
            .select_from(Delivery)
            .join(Alert, col(Alert.id) == col(Delivery.alert_id), isouter=True)
            .join(Service, col(Service.id) == col(Alert.service_id), isouter=True)
            .join(Page, col(Page.id) == col(Delivery.page_id), isouter=True)
            .where(LIVE, which, col(Delivery.due_at) <= now)
            .order_by(col(Delivery.due_at))
            .limit(limit)
            .with_for_update(of=Delivery, skip_locked=True, key_share=True)
        )
    )


Subject = Sequence[Any]  # an Alert, its Service and the Page; or None in place of each
"""The alert that a delivery is about; nothing for a notice and a verification code."""


def _claim(
    session: Session, settings: Settings, signer: Signer, delivery: Delivery, subject: Subject, now: datetime
) -> Claim | None:
    """None for one that has nothing to say any more, which is cancelled."""
    body, fault = _body(session, settings, delivery, subject, now)
    if not body and not fault:
        delivery.state, delivery.finished_at = DeliveryState.CANCELLED, now
        session.add(delivery)
        return None
    assert delivery.id is not None
    sent_before, due_at = delivery.unsure_since, None if delivery.attempts else delivery.due_at
    delivery.body = body
    delivery.unsure_since = delivery.unsure_since or now
    delivery.state = DeliveryState.SENDING
    delivery.attempts += 1
    delivery.first_attempt_at = delivery.first_attempt_at or now
    delivery.due_at = now + timedelta(seconds=settings.send_lease)
    session.add(delivery)
    can_answer = delivery.alert_id is not None and not _is_shadow(subject)
    return Claim(
        delivery.id,
        delivery.kind,
        delivery.address,
        body,
        delivery.attempts,
        delivery.alert_id if can_answer else None,
        sent_before,
        now,
        links.answer_page(settings, token_of(signer, delivery)) if can_answer else "",
        _known_ids(session, delivery) if sent_before else frozenset(),
        fault,
        due_at,
        _event_at(delivery, subject) if due_at == delivery.created_at else None,
    )


def _event_at(delivery: Delivery, subject: Subject) -> datetime | None:
    """When the alert was triggered, for whoever is paged because it was."""
    alert, _, page = subject
    return alert.triggered_at if page is not None and page.reason == NEW else None


def _body(session: Session, settings: Settings, delivery: Delivery, subject: Subject, now: datetime) -> tuple[str, str]:
    """What it says, fixed the first time; or the fault of ours for which it can't be said. Nothing for the relieved."""
    _, _, page = subject
    if page is not None and page.relieved_at is not None:
        return "", ""
    try:
        return delivery.body or _words(session, settings, delivery, subject, now), ""
    except SQLAlchemyError:
        raise
    except Exception as error:
        log.exception("delivery.without_words", delivery=delivery.id)
        return "", f"a fault in this service ({type(error).__name__})"


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


def _is_shadow(subject: Subject) -> bool:
    _, _, page = subject
    return page is not None and page.is_shadow


def _words(session: Session, settings: Settings, delivery: Delivery, subject: Subject, now: datetime) -> str:
    alert, service, _ = subject
    if alert is not None and service is not None:
        return page_words(settings, delivery.kind, alert, service, is_shadow=_is_shadow(subject))
    if delivery.notice_id is not None:
        return notice_words(delivery.kind, session.get_one(Notice, delivery.notice_id), now)
    if delivery.canary_id is not None:
        return canary_words(delivery.kind, delivery.id or 0)
    method = session.get(ContactMethod, delivery.contact_method_id) if delivery.contact_method_id else None
    return verification_words(method) if method is not None and method.code else ""

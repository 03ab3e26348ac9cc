"""What became of a delivery: recorded once, told on the alert's timeline, and followed by the next way if it failed.

Results come from our own request, from the provider's receipts, late, twice and in any order; the lifecycle's
transition table says which still count.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from notifiers.base import Receipt, SendFailure, StatusReport
from notifiers.registry import KINDS
from oncall.db import once_committed
from oncall.delivery.outbox import try_next_method
from oncall.delivery.retry import next_attempt
from oncall.delivery.sender import Result
from oncall.escalation.restart import begin_again
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState, may_become
from oncall.metrics import DELIVERIES, RECEIPT
from oncall.models import Alert, ContactMethod, Delivery, Page, TimelineKind, User
from oncall.settings import Settings
from oncall.timeline import spell, tell

log = structlog.get_logger(__name__)


def record_results(session: Session, settings: Settings, results: Sequence[Result], now: datetime) -> None:
    """What our own requests came to, many in one transaction. A result whose lease was lost counts no more.

    If this is never called for a result (a crash), the lease runs out and the delivery is looked up before a resend.
    """
    if not results:
        return
    failed = [result for result in results if isinstance(result.answer, SendFailure)]
    _lock_alerts_of(session, [result.claim.delivery_id for result in failed])
    deliveries = _locked(session, [result.claim.delivery_id for result in results])
    for result in results:
        delivery, _ = deliveries[result.claim.delivery_id]
        if delivery.attempts != result.claim.attempt:
            continue  # the lease ran out and another process has it: that one looks it up
        if isinstance(result.answer, SendFailure):
            _record_failure(session, settings, delivery, result.answer, now)
        else:
            _record_accepted(session, delivery, result.provider, result.answer, now)
    session.flush()


def _record_accepted(session: Session, delivery: Delivery, provider: str, receipt: Receipt, now: datetime) -> None:
    """The provider has taken it. A report may have overtaken this answer: then only the ids are new."""
    delivery.provider, delivery.provider_id = provider, delivery.provider_id or receipt.provider_id
    session.add(delivery)
    if may_become(delivery.state, DeliveryState.SENT):
        _move(session, delivery, DeliveryState.SENT, now)
    if receipt.delivered and may_become(delivery.state, DeliveryState.DELIVERED):
        _move(session, delivery, DeliveryState.DELIVERED, now)


def _record_failure(
    session: Session, settings: Settings, delivery: Delivery, failure: SendFailure, now: datetime
) -> None:
    """Tried again later, or another way at once when that is no use."""
    if delivery.state is not DeliveryState.SENDING:
        return
    assert delivery.first_attempt_at is not None
    if not failure.maybe_accepted:
        delivery.unsure_since = None
    give_up_after = timedelta(seconds=settings.send_give_up_after)
    wanted = timedelta(seconds=failure.retry_after)
    retry_at = next_attempt(delivery.attempts, delivery.first_attempt_at, now, give_up_after, wanted)
    if retry_at is None or failure.permanent:
        _fail(session, delivery, failure, now)
        return
    if delivery.attempts == 1:
        _tell(session, delivery, f"failed for now, trying again: {failure.reason}", now)
    if _is_wanted(session, delivery):
        delivery.state, delivery.due_at, delivery.error = DeliveryState.PENDING, retry_at, failure.reason[:500]
        once_committed(session, DELIVERIES.labels(delivery.kind, "put off").inc)
    else:
        delivery.state, delivery.finished_at = DeliveryState.CANCELLED, now
    session.add(delivery)


def record_receipt(session: Session, delivery_id: int, report: StatusReport, now: datetime) -> None:
    """The provider says what became of it. What can't follow from the present state is old news and changes nothing."""
    _lock_alerts_of(session, [delivery_id])
    found = _locked(session, [delivery_id])
    if delivery_id not in found:
        log.info("receipt.of_an_unknown_delivery", delivery=delivery_id)
        return
    delivery, _ = found[delivery_id]
    if delivery.provider_id and delivery.provider_id != report.provider_id:
        log.info("receipt.of_an_earlier_attempt", delivery=delivery_id)
        return
    delivery.provider_id = delivery.provider_id or report.provider_id
    session.add(delivery)
    if not may_become(delivery.state, DeliveryState(report.state)):
        return
    if report.failure is not None:
        _fail(session, delivery, report.failure, now)
    else:
        _move(session, delivery, DeliveryState(report.state), now)
    session.flush()


def _fail(session: Session, delivery: Delivery, failure: SendFailure, now: datetime) -> None:
    delivery.error = failure.reason[:500]
    _move(session, delivery, DeliveryState.FAILED, now)
    if failure.bad_address:
        _disable(session, delivery, failure.reason, now)
    if delivery.alert_id is None:
        try_next_method(session, delivery, now)
        return
    if not _is_wanted(session, delivery):
        return
    following = try_next_method(session, delivery, now)
    if following is not None:
        when = "now" if following.due_at <= now else "when their quiet hours end"
        _tell(session, following, f"comes {when}, since the way before failed", now)
    else:
        _move_on_if_nothing_arrived(session, delivery, failure, now)
    session.flush()


def _move_on_if_nothing_arrived(session: Session, delivery: Delivery, failure: SendFailure, now: datetime) -> None:
    """Waiting for an answer makes no sense when no message can have arrived.

    In a step whose ways have all failed for good, the next step runs at once. When the whole policy has come to its end
    that way (the provider was away, the account is refused), it begins again until something arrives.
    """
    alert = session.get_one(Alert, delivery.alert_id)
    page = session.get_one(Page, delivery.page_id)
    if alert.next_step_at is None:
        if not _may_have_arrived(session, Delivery.alert_id == alert.id):
            begin_again(session, alert, "No message about this alert can have arrived: starting again", now)
    elif failure.permanent and not _may_have_arrived(
        session, Delivery.alert_id == alert.id, Page.created_at == page.created_at
    ):
        text = "Nobody paged in this step could be reached: moving on"
        tell(session, alert.id, TimelineKind.NOT_PAGED, text, now)
        alert.next_step_at = min(alert.next_step_at, now)
        session.add(alert)


def _may_have_arrived(session: Session, *where: ColumnElement[bool] | bool) -> bool:
    dead = [DeliveryState.FAILED, DeliveryState.CANCELLED]
    found = select(Delivery.id).join(Page).where(*where, col(Delivery.state).not_in(dead))
    return session.exec(found.limit(1)).first() is not None


def _disable(session: Session, delivery: Delivery, reason: str, now: datetime) -> None:
    """A permanent failure is the address's: no page is wasted on it again until its owner verifies it anew."""
    method = session.get(ContactMethod, delivery.contact_method_id) if delivery.contact_method_id else None
    if method is not None and method.disabled_at is None:
        method.disabled_at, method.disabled_reason = now, reason[:300]
        session.add(method)


def _move(session: Session, delivery: Delivery, state: DeliveryState, now: datetime) -> None:
    delivery.state = state
    once_committed(session, DELIVERIES.labels(delivery.kind, state).inc)
    if state is DeliveryState.SENT:
        delivery.sent_at = now
        _tell(session, delivery, "sent", now)
    else:
        delivery.finished_at = now
        took = now - (delivery.sent_at or now)
        if state is DeliveryState.DELIVERED:
            once_committed(session, partial(RECEIPT.labels(delivery.kind).observe, took.total_seconds()))
        is_worth_telling = state is DeliveryState.DELIVERED and took >= timedelta(seconds=1)
        since = f" in {spell(took)}" if is_worth_telling else ""
        why = f": {delivery.error}" if state is DeliveryState.FAILED else ""
        _tell(session, delivery, f"{state}{since}{why}", now)
    session.add(delivery)


def _tell(session: Session, delivery: Delivery, what: str, now: datetime) -> None:
    if delivery.alert_id is None:
        return
    name = session.get_one(User, delivery.user_id).name
    label = KINDS[delivery.kind].label
    text = f"{label[:1].upper()}{label[1:]} to {name} {what}"
    tell(session, delivery.alert_id, TimelineKind.DELIVERY, text, now, delivery.user_id)


def _is_wanted(session: Session, delivery: Delivery) -> bool:
    """Whether it is still worth trying: nobody has answered, and nobody has taken over from this person."""
    if delivery.alert_id is None:
        return True
    is_relieved = session.get_one(Page, delivery.page_id).relieved_at is not None
    return session.get_one(Alert, delivery.alert_id).status is AlertStatus.TRIGGERED and not is_relieved


def _locked(session: Session, delivery_ids: Collection[int]) -> dict[int, tuple[Delivery, User | None]]:
    """By id, with the person each is for: every result is told with a name. A canary is for nobody."""
    rows = session.exec(
        select(Delivery, User)
        .join(User, col(User.id) == col(Delivery.user_id), isouter=True)
        .where(col(Delivery.id).in_(delivery_ids))
        .order_by(col(Delivery.id))
        .with_for_update(of=Delivery, key_share=True)
    )
    return {delivery.id or 0: (delivery, user) for delivery, user in rows}


def _lock_alerts_of(session: Session, delivery_ids: Collection[int]) -> None:
    """The alerts before their deliveries, as everybody locks them, so that no acknowledge slips in between."""
    if delivery_ids:
        ids = select(Delivery.alert_id).where(col(Delivery.id).in_(delivery_ids))
        session.exec(
            select(Alert).where(col(Alert.id).in_(ids)).order_by(col(Alert.id)).with_for_update(key_share=True)
        ).all()

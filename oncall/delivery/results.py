"""What our own requests came to: recorded once, and tried again where that is any use.

If nothing is ever recorded for a request (a crash), its lease runs out and it is looked up before it is sent again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from notifiers.base import Receipt, SendFailure
from oncall.db import once_committed
from oncall.delivery.asking import next_ask
from oncall.delivery.carried import dissolve, wait_with
from oncall.delivery.fate import fail, is_wanted, lock_alerts_of, locked, move, tell_of
from oncall.delivery.providers import Providers
from oncall.delivery.retry import next_attempt
from oncall.delivery.sender import LeaseLost, Result
from oncall.lifecycle.delivery import DeliveryState, may_become
from oncall.metrics import DELIVERIES
from oncall.models import Delivery
from oncall.settings import Settings

log = structlog.get_logger(__name__)


def record_results(
    session: Session, settings: Settings, providers: Providers, results: Sequence[Result], now: datetime
) -> None:
    """Many in one transaction. A result whose lease was lost counts no more."""
    results = [result for result in results if not isinstance(result.answer, LeaseLost)]
    if not results:
        return
    failed = [result for result in results if isinstance(result.answer, SendFailure)]
    lock_alerts_of(session, [result.claim.delivery_id for result in failed])
    deliveries = locked(session, [result.claim.delivery_id for result in results])
    for result in results:
        if not result.claim.hands_on or isinstance(result.answer, Receipt):
            providers.note(result.claim.kind, result.claim.provider, result.claim.at, result.answer, now)
    for result in results:
        delivery, _ = deliveries[result.claim.delivery_id]
        if delivery.attempts != result.claim.attempt:
            continue  # the lease ran out and another process has it: that one looks it up
        if isinstance(result.answer, Receipt):
            _record_accepted(session, settings, delivery, result.claim.provider, result.answer, now)
        elif result.claim.hands_on:
            _hand_on(session, delivery, result.answer, now)
        else:
            _record_failure(session, settings, providers, delivery, result.answer, now)
    session.flush()


def _record_accepted(
    session: Session, settings: Settings, delivery: Delivery, provider: str, receipt: Receipt, now: datetime
) -> None:
    """The provider has taken it. A report may have overtaken this answer: then only the ids are new."""
    if not delivery.provider_id:
        delivery.provider, delivery.provider_id = provider, receipt.provider_id
    session.add(delivery)
    if may_become(delivery.state, DeliveryState.SENT):
        move(session, delivery, DeliveryState.SENT, now)
    if receipt.delivered and may_become(delivery.state, DeliveryState.DELIVERED):
        move(session, delivery, DeliveryState.DELIVERED, now)
    if not settings.public_url and delivery.state is DeliveryState.SENT:
        delivery.status_due_at = next_ask(delivery.kind, now, 0, now, has_callbacks=False)


def _hand_on(session: Session, delivery: Delivery, failure: SendFailure, now: datetime) -> None:
    """The account that may have had it has not, or can't tell: another sends it now. Twice is better than never."""
    if delivery.state is not DeliveryState.SENDING:
        return
    if failure.maybe_accepted:
        log.warning("delivery.may_come_twice", delivery=delivery.id, account=delivery.provider)
    delivery.unsure_since = None
    _try_again_or_not(session, delivery, failure, now, now, is_whole=False)


def _record_failure(
    session: Session,
    settings: Settings,
    providers: Providers,
    delivery: Delivery,
    failure: SendFailure,
    now: datetime,
) -> None:
    """Tried again through another account at once or later, or another way at once when that is no use."""
    if delivery.state is not DeliveryState.SENDING:
        return
    if not failure.maybe_accepted:
        delivery.unsure_since = None
    at_once = not failure.maybe_accepted and providers.has_another(delivery.kind, delivery.provider, now)
    retry_at = _retry_at(settings, providers, delivery, failure, now, at_once=at_once)
    if retry_at is None or failure.permanent:
        fail(session, delivery, failure, now)
        return
    if delivery.attempts == 1:
        how = "through another account" if at_once else "again"
        tell_of(session, delivery, f"failed for now, trying {how}: {failure.reason}", now)
    _try_again_or_not(session, delivery, failure, retry_at, now, is_whole=failure.maybe_accepted)


def _retry_at(
    settings: Settings,
    providers: Providers,
    delivery: Delivery,
    failure: SendFailure,
    now: datetime,
    *,
    at_once: bool,
) -> datetime | None:
    assert delivery.first_attempt_at is not None
    rounds = providers.rounds(delivery.kind, delivery.attempts)
    give_up_after = timedelta(seconds=settings.send_give_up_after)
    wanted = timedelta(seconds=failure.retry_after)
    return next_attempt(rounds, delivery.first_attempt_at, now, give_up_after, wanted, at_once=at_once)


def _try_again_or_not(
    session: Session, delivery: Delivery, failure: SendFailure, retry_at: datetime, now: datetime, *, is_whole: bool
) -> None:
    """What may be at the provider already `is_whole`, and tried again as it is; else its pages stand for themselves."""
    delivery.due_at, delivery.error = retry_at, failure.reason[:500]
    if delivery.carries and not is_whole:
        dissolve(session, delivery, retry_at, now)
    if delivery.carries:
        wait_with(session, delivery)
    if delivery.carries or is_wanted(session, delivery):
        delivery.state = DeliveryState.PENDING
        once_committed(session, DELIVERIES.labels(delivery.kind, "put off").inc)
    else:
        delivery.state, delivery.finished_at = DeliveryState.CANCELLED, now
    session.add(delivery)

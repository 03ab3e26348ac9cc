"""What our own requests came to: recorded once, and tried again where that is any use.

If nothing is ever recorded for a request (a crash), its lease runs out and it is looked up before it is sent again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from notifiers.base import Receipt, SendFailure
from oncall.db.database import once_committed
from oncall.delivery.asking import next_ask
from oncall.delivery.carried import dissolve, wait_with
from oncall.delivery.fate import (
    fail,
    go_another_way_meanwhile,
    go_another_way_while_it_fails,
    is_wanted,
    lock_alerts_of,
    locked,
    move,
    tell_of,
)
from oncall.delivery.gone_addresses import is_gone
from oncall.delivery.providers import Providers
from oncall.delivery.retry import next_attempt
from oncall.delivery.sender import LeaseLost, Result
from oncall.delivery.unsure import STILL_HELD, next_look
from oncall.lifecycle.delivery import DeliveryState, may_become
from oncall.metrics import DELIVERIES
from oncall.models import Delivery
from oncall.settings import Settings

log = structlog.get_logger(__name__)

LASTING = timedelta(seconds=45)
"""Since the first attempt. A provider that is tried again only later may be away for long, or its account dry."""


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
        if not result.claim.only_asks:
            providers.note(result.claim.kind, result.claim.provider, result.claim.at, result.answer, now)
    for result in results:
        delivery, _ = deliveries[result.claim.delivery_id]
        if delivery.attempts != result.claim.attempt:
            continue  # the lease ran out and another process has it: that one looks it up
        if isinstance(result.answer, Receipt):
            _record_accepted(session, settings, delivery, result.claim.provider, result.answer, now)
        elif result.claim.only_asks:
            _record_not_found(session, providers, delivery, result.answer, now)
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


def _record_not_found(
    session: Session, providers: Providers, delivery: Delivery, failure: SendFailure, now: datetime
) -> None:
    """Looked for again while it may still come, unless another account sends it now: twice is better than never."""
    if delivery.state is not DeliveryState.SENDING:
        return
    until = delivery.unsure_until
    if until is not None and not _goes_elsewhere(providers, delivery, now):
        _try_again_or_not(session, delivery, failure, next_look(until, now), now, is_whole=True)
        return
    if failure.maybe_accepted or until is not None:
        log.warning("delivery.may_come_twice", delivery=delivery.id, account=delivery.provider)
    delivery.unsure_since = delivery.unsure_until = None
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
    at_once = _goes_elsewhere(providers, delivery, now)
    retry_at = _retry_at(settings, providers, delivery, failure, now, at_once=at_once)
    if retry_at is None or failure.permanent or is_gone(session, delivery):
        fail(session, delivery, failure, now)
        return
    is_unsure = failure.maybe_accepted and not (at_once and failure.may_come_late)
    if not is_unsure:
        delivery.unsure_since = None
    if is_held := is_unsure and failure.may_come_late:
        delivery.unsure_until = now + STILL_HELD
        retry_at = next_look(delivery.unsure_until, now)
    if delivery.attempts == 1:
        tell_of(session, delivery, f"{_what_next(is_held=is_held, at_once=at_once)}: {failure.reason}", now)
    if not is_held and _begins_to_last(delivery, retry_at, now):
        go_another_way_while_it_fails(session, delivery, now)
    _try_again_or_not(session, delivery, failure, retry_at, now, is_whole=is_unsure)
    if is_held:
        go_another_way_meanwhile(session, delivery, now)


def _begins_to_last(delivery: Delivery, retry_at: datetime, now: datetime) -> bool:
    """Once, with the last attempt before that."""
    since = delivery.first_attempt_at or now
    return now - since < LASTING <= retry_at - since


def _goes_elsewhere(providers: Providers, delivery: Delivery, now: datetime) -> bool:
    """Whether another account sends it now."""
    return delivery.only_by is None and providers.goes_elsewhere(delivery.kind, delivery.provider, now)


def _what_next(*, is_held: bool, at_once: bool) -> str:
    if is_held:
        return "may have been sent, and is looked for before it is sent again"
    return f"failed for now, trying {'through another account' if at_once else 'again'}"


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
    rounds = delivery.attempts if delivery.only_by else providers.rounds(delivery.kind, delivery.attempts)
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

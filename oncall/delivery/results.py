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
from oncall.delivery.addressee import addressee
from oncall.delivery.asking import next_ask
from oncall.delivery.carried import carried, dissolve, follow, tell_carried, wait_with
from oncall.delivery.outbox import try_next_methods
from oncall.delivery.providers import Providers
from oncall.delivery.retry import next_attempt
from oncall.delivery.sender import LeaseLost, Result
from oncall.escalation.progress import begin_again, go_on_at, is_over
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState, may_become
from oncall.metrics import DELIVERIES, RECEIPT
from oncall.models import Alert, ContactMethod, Delivery, Page, TimelineKind, User
from oncall.notices.lost_address import lose_address
from oncall.settings import Settings
from oncall.timeline import spell, tell

log = structlog.get_logger(__name__)


def record_results(
    session: Session, settings: Settings, providers: Providers, results: Sequence[Result], now: datetime
) -> None:
    """What our own requests came to, many in one transaction. A result whose lease was lost counts no more.

    If this is never called for a result (a crash), the lease runs out and the delivery is looked up before a resend.
    """
    results = [result for result in results if not isinstance(result.answer, LeaseLost)]
    if not results:
        return
    failed = [result for result in results if isinstance(result.answer, SendFailure)]
    _lock_alerts_of(session, [result.claim.delivery_id for result in failed])
    deliveries = _locked(session, [result.claim.delivery_id for result in results])
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
        _move(session, delivery, DeliveryState.SENT, now)
    if receipt.delivered and may_become(delivery.state, DeliveryState.DELIVERED):
        _move(session, delivery, DeliveryState.DELIVERED, now)
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
        _fail(session, delivery, failure, now)
        return
    if delivery.attempts == 1:
        how = "through another account" if at_once else "again"
        _tell(session, delivery, f"failed for now, trying {how}: {failure.reason}", now)
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
    if delivery.carries or _is_wanted(session, delivery):
        delivery.state = DeliveryState.PENDING
        once_committed(session, DELIVERIES.labels(delivery.kind, "put off").inc)
    else:
        delivery.state, delivery.finished_at = DeliveryState.CANCELLED, now
    session.add(delivery)


def record_receipt(session: Session, delivery_id: int, report: StatusReport, now: datetime, provider: str) -> None:
    """The provider says what became of it. What can't follow from the present state is old news and changes nothing.

    `provider` is the account that says so. One that is no longer meant to have the message may still bring good news.
    """
    _lock_alerts_of(session, [delivery_id])
    found = _locked(session, [delivery_id])
    if delivery_id not in found:
        log.info("receipt.of_an_unknown_delivery", delivery=delivery_id)
        return
    delivery, _ = found[delivery_id]
    if delivery.provider_id and delivery.provider_id != report.provider_id:
        log.info("receipt.of_an_earlier_attempt", delivery=delivery_id)
        return
    if delivery.provider not in ("", delivery.kind, provider) and report.failure is not None:
        log.info("receipt.of_an_earlier_account", delivery=delivery_id)
        return
    if not delivery.provider_id:
        delivery.provider, delivery.provider_id = provider, report.provider_id
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
        try_next_methods(session, [delivery], now)
        return
    others = carried(session, delivery, DeliveryState.FAILED) if delivery.carries else []
    wanted = [each for each in (delivery, *others) if _is_wanted(session, each)]
    for each, following in zip(wanted, try_next_methods(session, wanted, now), strict=True):
        if following is not None:
            when = "now" if following.due_at <= now else "when their quiet hours end"
            _tell(session, following, f"comes {when}, since the way before failed", now)
        else:
            _move_on_if_nothing_arrived(session, each, failure, now)
    session.flush()


def _move_on_if_nothing_arrived(session: Session, delivery: Delivery, failure: SendFailure, now: datetime) -> None:
    """Waiting for an answer makes no sense when no message can have arrived.

    In a step whose ways have all failed for good, the next step runs at once. When the whole policy has come to its end
    that way (the provider was away, the account is refused), it begins again until something arrives.
    """
    if delivery.page_id is None:
        return  # nobody was to answer what is posted to a team
    alert = session.get_one(Alert, delivery.alert_id)
    page = session.get_one(Page, delivery.page_id)
    if is_over(alert):
        if not _may_have_arrived(session, Delivery.alert_id == alert.id):
            begin_again(session, alert, "No message about this alert can have arrived: starting again", now)
    elif failure.permanent and not _may_have_arrived(
        session, Delivery.alert_id == alert.id, Page.created_at == page.created_at
    ):
        text = "Nobody paged in this step could be reached: moving on"
        tell(session, alert.id, TimelineKind.NOT_PAGED, text, now)
        go_on_at(alert, now)
        session.add(alert)


def _may_have_arrived(session: Session, *where: ColumnElement[bool] | bool) -> bool:
    dead = [DeliveryState.FAILED, DeliveryState.CANCELLED]
    found = select(Delivery.id).join(Page).where(*where, col(Delivery.state).not_in(dead))
    return session.exec(found.limit(1)).first() is not None


def _disable(session: Session, delivery: Delivery, reason: str, now: datetime) -> None:
    """A permanent failure is the address's: no page is wasted on it again until its owner verifies it anew."""
    method = session.get(ContactMethod, delivery.contact_method_id) if delivery.contact_method_id else None
    if method is not None:
        lose_address(session, method, reason, now)


def _move(session: Session, delivery: Delivery, state: DeliveryState, now: datetime) -> None:
    delivery.state = state
    once_committed(session, DELIVERIES.labels(delivery.kind, state).inc)
    if state is DeliveryState.SENT:
        delivery.sent_at = now
        delivery.status_due_at = next_ask(delivery.kind, now, 0, now, has_callbacks=True)
        _tell_all(session, delivery, "sent", now)
    else:
        delivery.finished_at, delivery.status_due_at = now, None
        took = now - (delivery.sent_at or now)
        if state is DeliveryState.DELIVERED:
            once_committed(session, partial(RECEIPT.labels(delivery.kind).observe, took.total_seconds()))
        is_worth_telling = state is DeliveryState.DELIVERED and took >= timedelta(seconds=1)
        since = f" in {spell(took)}" if is_worth_telling else ""
        why = f": {delivery.error}" if state is DeliveryState.FAILED else ""
        _tell_all(session, delivery, f"{state}{since}{why}", now)
    session.add(delivery)


def _tell_all(session: Session, delivery: Delivery, what: str, now: datetime) -> None:
    """On the timelines of all that its message tells of; those it carries move with it."""
    together = f" together with {delivery.carries} other{'s' if delivery.carries > 1 else ''}"
    is_sent = delivery.state is DeliveryState.SENT
    plainly = f"{what}{together}" if is_sent and delivery.carries else what
    if_held = f"held back, {plainly}" if is_sent else plainly
    _tell(session, delivery, if_held if delivery.held_since else plainly, now)
    if delivery.carries:
        session.flush()
        follow(session, delivery)
        tell_carried(session, delivery, _said(session, delivery, plainly), now, _said(session, delivery, if_held))


def _tell(session: Session, delivery: Delivery, what: str, now: datetime) -> None:
    if delivery.alert_id is not None:
        said = _said(session, delivery, what)
        tell(session, delivery.alert_id, TimelineKind.DELIVERY, said, now, delivery.user_id)


def _said(session: Session, delivery: Delivery, what: str) -> str:
    label = KINDS[delivery.kind].label
    return f"{label[:1].upper()}{label[1:]} to {addressee(session, delivery)} {what}"


def _is_wanted(session: Session, delivery: Delivery) -> bool:
    """Whether it is still worth trying: nobody has answered, and nobody has taken over from this person."""
    if delivery.alert_id is None:
        return True
    is_relieved = delivery.page_id is not None and session.get_one(Page, delivery.page_id).relieved_at is not None
    return session.get_one(Alert, delivery.alert_id).status is AlertStatus.TRIGGERED and not is_relieved


def _locked(session: Session, delivery_ids: Collection[int]) -> dict[int, tuple[Delivery, User | None]]:
    """By id, held with the person each is for, whose name every result is told with: or each would be asked for again.

    Nobody, for what goes to a team's own address and for a canary.
    """
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
        told = col(Delivery.id).in_(delivery_ids) | col(Delivery.carried_by).in_(delivery_ids)
        ids = select(Delivery.alert_id).where(told)
        session.exec(
            select(Alert).where(col(Alert.id).in_(ids)).order_by(col(Alert.id)).with_for_update(key_share=True)
        ).all()

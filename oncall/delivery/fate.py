"""What becomes of a delivery: told on the alert's timeline, and followed by the next way if it failed.

News comes from our own requests and from the provider's receipts; the lifecycle's transition table says what still
counts.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from notifiers.base import SendFailure
from oncall.db.database import once_committed
from oncall.delivery.addressee import addressee, said_to
from oncall.delivery.asking import next_ask
from oncall.delivery.carried import carried, follow, tell_carried
from oncall.delivery.outbox import try_next_methods
from oncall.escalation.progress import begin_again, go_on_at, is_over, may_have_arrived, nobody_knows
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.metrics import DELIVERIES, RECEIPT
from oncall.models import Alert, ContactMethod, Delivery, Page, TimelineKind, Urgency, User
from oncall.notices.lost_address import lose_address
from oncall.timeline import spell, tell

LEFT = [DeliveryState.SENT, DeliveryState.DELIVERED]


def fail(session: Session, delivery: Delivery, failure: SendFailure, now: datetime) -> None:
    delivery.error = failure.reason[:500]
    move(session, delivery, DeliveryState.FAILED, now)
    if failure.bad_address:
        _disable(session, delivery, failure.reason, now)
    if delivery.alert_id is None:
        try_next_methods(session, [delivery], now)
        return
    told = _with_carried(session, delivery)
    if failure.is_absence:
        told = [each for each in told if not _is_told_elsewhere(session, each)]
    for each in go_another_way(session, told, "since the way before failed", now):
        move_on_if_nothing_arrived(session, each, failure, now)
    session.flush()


def go_another_way_meanwhile(session: Session, delivery: Delivery, now: datetime) -> None:
    """Nobody knows whether it arrives: what is urgent does not wait for it."""
    go_another_way(session, _urgent(session, delivery), "since the way before may not have worked", now)
    session.flush()


def go_another_way_while_it_fails(session: Session, delivery: Delivery, now: datetime) -> None:
    """It is tried again, and may be for long: of what is urgent they are told otherwise, unless they are already."""
    untold = [each for each in _urgent(session, delivery) if not _has_left_elsewhere(session, each)]
    go_another_way(session, untold, "since the way before does not work for now", now)
    session.flush()


def _urgent(session: Session, delivery: Delivery) -> list[Delivery]:
    told = [each for each in _with_carried(session, delivery) if each.page_id is not None]
    return [each for each in told if session.get_one(Alert, each.alert_id).urgency is Urgency.HIGH]


def _is_told_elsewhere(session: Session, delivery: Delivery) -> bool:
    """By another way of the same page, whose failure would bring the next one forward."""
    return _is_elsewhere(session, delivery, [DeliveryState.SENDING, *LEFT])


def _has_left_elsewhere(session: Session, delivery: Delivery) -> bool:
    return _is_elsewhere(session, delivery, LEFT)


def _is_elsewhere(session: Session, delivery: Delivery, states: Collection[DeliveryState]) -> bool:
    same_page = (col(Delivery.page_id) == delivery.page_id, Delivery.contact_method_id != delivery.contact_method_id)
    found = select(Delivery.id).where(*same_page, col(Delivery.state).in_(states))
    return session.exec(found.limit(1)).first() is not None


def _with_carried(session: Session, delivery: Delivery) -> list[Delivery]:
    return [delivery, *(carried(session, delivery, delivery.state) if delivery.carries else [])]


def go_another_way(session: Session, deliveries: Sequence[Delivery], why: str, now: datetime) -> list[Delivery]:
    """For those that are still worth it. Gives those that have no other way."""
    wanted = [each for each in deliveries if is_wanted(session, each)]
    stuck = []
    for each, following in zip(wanted, try_next_methods(session, wanted, now), strict=True):
        if following is None:
            stuck.append(each)
            continue
        if following.attempts:
            continue
        when = "is next" if following.due_at <= now else "comes when their quiet hours end"
        tell_of(session, following, f"{when}, {why}", now)
    return stuck


def move_on_if_nothing_arrived(session: Session, delivery: Delivery, failure: SendFailure, now: datetime) -> None:
    """Waiting for an answer makes no sense when no message can have arrived.

    In a step whose ways have all failed for good, the next step runs at once, unless it has run by now. When the whole
    policy has come to its end that way (the provider was away, the account is refused), it begins again until something
    arrives; so it does when its end comes later (`oncall.escalation.steps`).
    """
    if delivery.page_id is None:
        return  # nobody was to answer what is posted to a team
    alert = session.get_one(Alert, delivery.alert_id)
    page = session.get_one(Page, delivery.page_id)
    if is_over(alert):
        if nobody_knows(session, alert):
            begin_again(session, alert, now)
    elif failure.permanent and not may_have_arrived(
        session, Delivery.alert_id == alert.id, col(Page.created_at) >= page.created_at
    ):
        text = "Nobody paged in this step could be reached: moving on"
        tell(session, alert.id, TimelineKind.NOT_PAGED, text, now)
        go_on_at(alert, now)
        session.add(alert)


def _disable(session: Session, delivery: Delivery, reason: str, now: datetime) -> None:
    """A permanent failure is the address's: no page is wasted on it again until its owner verifies it anew."""
    method = session.get(ContactMethod, delivery.contact_method_id) if delivery.contact_method_id else None
    if method is not None and not _is_proven_since(method, delivery):
        lose_address(session, method, reason, now)


def _is_proven_since(method: ContactMethod, delivery: Delivery) -> bool:
    """A mail may come back days later, when its owner has verified the address anew."""
    tried_at = delivery.first_attempt_at
    return method.verified_at is not None and tried_at is not None and method.verified_at > tried_at


def move(session: Session, delivery: Delivery, state: DeliveryState, now: datetime) -> None:
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
    tell_of(session, delivery, if_held if delivery.held_since else plainly, now)
    if delivery.carries:
        session.flush()
        follow(session, delivery)
        tell_carried(session, delivery, _said(session, delivery, plainly), now, _said(session, delivery, if_held))


def tell_of(session: Session, delivery: Delivery, what: str, now: datetime) -> None:
    if delivery.alert_id is not None:
        said = _said(session, delivery, what)
        tell(session, delivery.alert_id, TimelineKind.DELIVERY, said, now, delivery.user_id)


def _said(session: Session, delivery: Delivery, what: str) -> str:
    return f"{said_to(delivery.kind, addressee(session, delivery))} {what}"


def is_wanted(session: Session, delivery: Delivery) -> bool:
    """Whether it is still worth trying: nobody has answered, and nobody has taken over from this person."""
    if delivery.alert_id is None:
        return True
    is_relieved = delivery.page_id is not None and session.get_one(Page, delivery.page_id).relieved_at is not None
    return session.get_one(Alert, delivery.alert_id).status is AlertStatus.TRIGGERED and not is_relieved


_WITH_ADDRESSEES = (
    select(Delivery, User)
    .join(User, col(User.id) == col(Delivery.user_id), isouter=True)
    .where(col(Delivery.id).in_(bindparam("delivery_ids", expanding=True)))
    .order_by(col(Delivery.id))
    .with_for_update(of=Delivery, key_share=True)
)


def locked(session: Session, delivery_ids: Collection[int]) -> dict[int, tuple[Delivery, User | None]]:
    """By id, held with the person each is for, whose name every result is told with: or each would be asked for again.

    Nobody, for what goes to a team's own address and for a canary.
    """
    rows = session.exec(_WITH_ADDRESSEES, params={"delivery_ids": delivery_ids})
    return {delivery.id or 0: (delivery, user) for delivery, user in rows}


def lock_alerts_of(session: Session, delivery_ids: Collection[int]) -> None:
    """The alerts before their deliveries, as everybody locks them, so that no acknowledge slips in between."""
    if delivery_ids:
        told = col(Delivery.id).in_(delivery_ids) | col(Delivery.carried_by).in_(delivery_ids)
        ids = select(Delivery.alert_id).where(told)
        session.exec(
            select(Alert).where(col(Alert.id).in_(ids)).order_by(col(Alert.id)).with_for_update(key_share=True)
        ).all()

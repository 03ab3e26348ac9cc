"""Trying out a contact method: a test message goes the way of a page, and what became of it is shown to its owner."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from oncall.db.database import notify_engines
from oncall.delivery.outbox import send_notice
from oncall.errors import BadInput, NotFound, TooManyRequests
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, Notice, NoticeKind
from oncall.timeline import spell

TEXT = "This is a test of oncall, which you asked for. Pages reach you here. There is nothing to answer."
MOST, WINDOW = 10, timedelta(hours=1)
"""Test messages to one person: each may cost."""


def send_test(session: Session, method: ContactMethod, now: datetime) -> Delivery:
    """Put a message on its way. Raises BadInput for an address that pages would not go to either, TooManyRequests."""
    if method.disabled_at is not None:
        raise BadInput(f"{method.name} is off: {method.disabled_reason}. Send a new code and type it to use it again.")
    if method.verified_at is None:
        raise BadInput(f"{method.name} is not confirmed yet: send a code and type it first.")
    _check_rate(session, method.user_id, now)
    notice = Notice(user_id=method.user_id, kind=NoticeKind.TEST, text=TEXT, created_at=now)
    session.add(notice)
    session.flush()
    assert notice.id is not None
    send_notice(session, notice.id, method, now)
    session.flush()
    notify_engines(session)
    return last_test(session, method)


def last_test(session: Session, method: ContactMethod) -> Delivery:
    """Raises NotFound."""
    found = last_tests(session, [method]).get(method.id or 0)
    if found is None:
        raise NotFound(f"{method.name} has not been tried out: send a test message to it.")
    return found


def last_tests(session: Session, methods: Sequence[ContactMethod]) -> dict[int, Delivery]:
    """By contact method, how its last test message went."""
    ids = [method.id for method in methods]
    tests = (
        select(func.max(Delivery.id))
        .join(Notice, col(Notice.id) == col(Delivery.notice_id))
        .where(Notice.kind == NoticeKind.TEST, col(Delivery.contact_method_id).in_(ids))
        .where(col(Notice.user_id).in_([method.user_id for method in methods]))
        .group_by(col(Delivery.contact_method_id))
    )
    found = session.exec(select(Delivery).where(col(Delivery.id).in_(tests)))
    return {delivery.contact_method_id or 0: delivery for delivery in found}


def said_of(test: Delivery) -> str:
    """What became of it, for people."""
    match test.state:
        case DeliveryState.DELIVERED:
            return f"delivered in {spell((test.finished_at or test.created_at) - test.created_at)}"
        case DeliveryState.SENT:
            return "handed to the provider, which has not said yet whether it was delivered"
        case DeliveryState.FAILED | DeliveryState.CANCELLED:
            return f"failed: {test.error}" if test.error else "failed"
        case _:
            return f"on its way, tried again after: {test.error}" if test.error else "on its way"


def _check_rate(session: Session, user_id: int, now: datetime) -> None:
    own = select(func.count()).select_from(Notice).where(Notice.user_id == user_id, Notice.kind == NoticeKind.TEST)
    if session.exec(own.where(col(Notice.created_at) > now - WINDOW)).one() >= MOST:
        wait = int(WINDOW.total_seconds())
        raise TooManyRequests(f"{MOST} test messages an hour are the most. Try again later.", retry_after=wait)

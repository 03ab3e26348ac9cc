"""Receipts that are overdue: the provider is asked what became of a message, where no callback came or can come.

Due work like any other: a due time in the database, claimed with a lease, asked outside any transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from notifiers.base import SendFailure, StatusReport
from oncall.delivery.asking import Ask, Asked, next_ask
from oncall.delivery.receipts import record_receipt
from oncall.delivery.shares import Shares
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery
from oncall.settings import Settings


def claim_asks(session: Session, settings: Settings, now: datetime, limit: int, shares: Shares) -> list[Ask]:
    """Take up to `limit` messages whose receipt is overdue, as many as have room, skipping those that another process
    takes.
    """
    if limit <= 0:
        return []
    found = session.exec(
        select(Delivery)
        .where(col(Delivery.status_due_at) <= now, col(Delivery.kind).not_in(shares.full))
        .order_by(col(Delivery.status_due_at))
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    until = now + timedelta(seconds=settings.send_lease)
    fitting = shares.fit(found, lambda delivery: delivery.kind)
    for delivery in fitting:
        shares.take(delivery.kind)
        delivery.status_due_at, delivery.status_asks = until, delivery.status_asks + 1
        session.add(delivery)
    session.flush()
    return [Ask(each.id or 0, each.kind, each.provider, each.provider_id or "", until) for each in fitting]


def record_asked(session: Session, settings: Settings, done: Sequence[Asked], now: datetime) -> None:
    """What is final is recorded as a callback's receipt would be; about the rest it is asked again, less often."""
    for each in done:
        if isinstance(each.answer, StatusReport):
            record_receipt(session, each.ask.delivery_id, each.answer, now, each.ask.provider)
        _ask_again(session, settings, each, now)


def _ask_again(session: Session, settings: Settings, asked: Asked, now: datetime) -> None:
    delivery = session.get(Delivery, asked.ask.delivery_id)
    if delivery is None or delivery.state is not DeliveryState.SENT or delivery.status_due_at != asked.ask.until:
        return
    sent_at = delivery.sent_at or delivery.created_at
    at = next_ask(delivery.kind, sent_at, delivery.status_asks, now, has_callbacks=bool(settings.public_url))
    if at is not None and isinstance(asked.answer, SendFailure):
        at = max(at, now + timedelta(seconds=asked.answer.retry_after))
    session.execute(
        sa.update(Delivery)
        .where(col(Delivery.id) == delivery.id, col(Delivery.status_due_at) == asked.ask.until)
        .values(status_due_at=at)
    )

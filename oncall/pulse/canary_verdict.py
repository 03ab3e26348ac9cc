"""Pure: what the last message of a canary says of the account that it tries, and how long it took."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifiers.registry import KINDS
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery
from oncall.timeline import spell

ACCEPTED_WITHIN = timedelta(minutes=5)
"""A page that takes longer to be taken by the provider has been too long on its way to be of use."""
RECEIPT_WITHIN = timedelta(minutes=10)
"""After it was taken, where the provider gives receipts. By then it has been asked several times, too."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Since it was planned; None for what has not happened."""

    accepted: timedelta | None
    delivered: timedelta | None


NOT_KNOWN = Latency(None, None)


def latency(delivery: Delivery) -> Latency:
    if is_by_another(delivery):
        return NOT_KNOWN
    is_delivered = delivery.state is DeliveryState.DELIVERED and delivery.finished_at is not None
    return Latency(
        delivery.sent_at - delivery.created_at if delivery.sent_at else None,
        delivery.finished_at - delivery.created_at if is_delivered and delivery.finished_at else None,
    )


def is_by_another(delivery: Delivery) -> bool:
    """An older version, at work during an upgrade, sends by any account: that tells nothing of this one."""
    is_done = delivery.state in (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED)
    return is_done and delivery.only_by is not None and delivery.provider != delivery.only_by


def tells_nothing(delivery: Delivery) -> bool:
    """Now and later."""
    return is_by_another(delivery) or delivery.state is DeliveryState.CANCELLED


def problem(delivery: Delivery, now: datetime) -> str | None:
    """Why it failed; "" when it arrived as far as can be known, and None while nothing can be said yet, or ever."""
    if tells_nothing(delivery):
        return None
    if delivery.state is DeliveryState.FAILED:
        return delivery.error or "the provider says that it failed"
    if delivery.state is DeliveryState.DELIVERED:
        return ""
    if delivery.state is DeliveryState.SENT:
        return _without_receipt(delivery, now)
    if now - delivery.created_at <= ACCEPTED_WITHIN:
        return None
    why = f": {delivery.error}" if delivery.error else ""
    return f"not taken by the provider for {spell(ACCEPTED_WITHIN)}{why}"


def _without_receipt(delivery: Delivery, now: datetime) -> str | None:
    if KINDS[delivery.kind].first_ask is None:
        return ""  # its provider gives none
    is_overdue = now - (delivery.sent_at or delivery.created_at) > RECEIPT_WITHIN
    return f"sent, no receipt for {spell(RECEIPT_WITHIN)}" if is_overdue else None

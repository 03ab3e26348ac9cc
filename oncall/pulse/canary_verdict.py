"""Pure: what the last message of a canary says of its way of paging, and how long it took."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery
from oncall.timeline import spell

ACCEPTED_WITHIN = timedelta(minutes=5)
"""A page that takes longer to be taken by the provider has been too long on its way to be of use."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Since it was planned; None for what has not happened."""

    accepted: timedelta | None
    delivered: timedelta | None


def latency(delivery: Delivery) -> Latency:
    is_delivered = delivery.state is DeliveryState.DELIVERED and delivery.finished_at is not None
    return Latency(
        delivery.sent_at - delivery.created_at if delivery.sent_at else None,
        delivery.finished_at - delivery.created_at if is_delivered and delivery.finished_at else None,
    )


def problem(delivery: Delivery, now: datetime) -> str | None:
    """Why it failed; "" when it arrived as far as can be known, and None while nothing can be said yet."""
    if delivery.state is DeliveryState.FAILED:
        return delivery.error or "the provider says that it failed"
    if delivery.state in (DeliveryState.SENT, DeliveryState.DELIVERED):
        return ""
    if delivery.state is not DeliveryState.CANCELLED and now - delivery.created_at > ACCEPTED_WITHIN:
        why = f": {delivery.error}" if delivery.error else ""
        return f"no provider has taken it for {spell(ACCEPTED_WITHIN)}{why}"
    return None

"""Pure: the states that a delivery has been in, each with its time, and whether news of it are to come."""

from datetime import datetime

from oncall.lifecycle.delivery import DeliveryState
from oncall.models.delivery import Delivery

FINAL = {DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.CANCELLED}


def proof(delivery: Delivery) -> list[tuple[DeliveryState, datetime]]:
    """In order. Sending is the first attempt; a state that was passed over (a receipt may come first) is left out."""
    times = [
        (DeliveryState.PENDING, delivery.created_at),
        (DeliveryState.SENDING, delivery.first_attempt_at),
        (DeliveryState.SENT, delivery.sent_at),
    ]
    if delivery.state in FINAL:
        times.append((delivery.state, delivery.finished_at))
    return [(state, at) for state, at in times if at is not None]


def is_planned(delivery: Delivery) -> bool:
    """Whether it is still to leave; it may have been tried before."""
    return delivery.state is DeliveryState.PENDING


def is_under_way(delivery: Delivery) -> bool:
    """Whether what became of it is not known yet."""
    return delivery.state not in FINAL

"""Lifecycle of a delivery: one attempt to reach a person on one contact method.

::

    pending ──claim──▶ sending ──accepted──▶ sent ──receipt──▶ delivered
       │  ▲              │  │                 │
       │  └──try again───┘  └──refused──▶ failed ◀──receipt──┘
       └──cancel──▶ cancelled

Receipts overtake the provider's answer to our own request, or tell what a lost answer would have told, so they are
taken in `sending` and `pending` too. Delivered, failed and cancelled are final.
"""

from enum import StrEnum


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = DeliveryState

TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.PENDING: frozenset({_S.SENDING, _S.SENT, _S.DELIVERED, _S.CANCELLED, _S.FAILED}),
    _S.SENDING: frozenset({_S.PENDING, _S.SENT, _S.DELIVERED, _S.FAILED, _S.CANCELLED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.FAILED}),
    _S.DELIVERED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
}


def may_become(old: DeliveryState, new: DeliveryState) -> bool:
    """Whether news that arrives late, twice or out of order still changes anything."""
    return new in TRANSITIONS[old]

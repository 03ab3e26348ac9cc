"""Addresses that are a person's or a team's no more, while something waits to be sent there: it goes another way of
theirs, and to the team's new address.

A number may be somebody else's by now, so nothing is sent to the old one, not even once more.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from notifiers.base import PermanentFailure
from oncall.delivery.addressee import goes_to, method_of
from oncall.delivery.fate import go_another_way, lock_alerts_of, locked, move_on_if_nothing_arrived, tell_of
from oncall.delivery.outbox import try_next_methods
from oncall.delivery.places import COLUMNS
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery

GONE = PermanentFailure("The contact method was removed, or has another address now")


def call_off(
    session: Session, method_ids: Collection[int | None], now: datetime, *, of_team: bool = False
) -> list[Delivery]:
    """What waits for these contact methods is cancelled. To be sent another way once they are gone, or changed."""
    waiting = (COLUMNS[of_team].in_(method_ids), col(Delivery.state) == DeliveryState.PENDING)
    ids = [each for each in session.exec(select(Delivery.id).where(*waiting)) if each is not None]
    lock_alerts_of(session, ids)
    deliveries = [delivery for delivery, _ in locked(session, ids).values() if delivery.state is DeliveryState.PENDING]
    for delivery in deliveries:
        delivery.state, delivery.finished_at, delivery.error = DeliveryState.CANCELLED, now, f"{GONE.reason}."
        delivery.contact_method_id = None  # by its new address the method has not been tried
        session.add(delivery)
    session.flush()
    return deliveries


def send_another_way(session: Session, called_off: Sequence[Delivery], now: datetime) -> None:
    """Pages and posts that are still wanted, and notices; a page that has no other way is waited for no longer."""
    for delivery in called_off:
        if delivery.alert_id is None:
            try_next_methods(session, [delivery], now)
    about_alerts = [delivery for delivery in called_off if delivery.alert_id is not None]
    for stuck in go_another_way(session, about_alerts, "since the address before is theirs no more", now):
        if stuck.page_id is None:
            tell_of(session, stuck, "is not sent any more", now)
        move_on_if_nothing_arrived(session, stuck, GONE, now)
    session.flush()


def is_gone(session: Session, delivery: Delivery) -> bool:
    """Whether what is sent to a person or a team goes to an address that is theirs no more."""
    return delivery.canary_id is None and not goes_to(delivery, method_of(session, delivery))

"""Receipts: what a provider says became of a message; late, twice, and in any order."""

from datetime import datetime

import structlog
from sqlmodel import Session

from notifiers.base import StatusReport
from notifiers.registry import KINDS
from oncall.delivery.addressee import addressee
from oncall.delivery.carried import tell_carried
from oncall.delivery.fate import fail, lock_alerts_of, locked, move
from oncall.delivery.proof import is_under_way
from oncall.lifecycle.delivery import DeliveryState, may_become
from oncall.models import Delivery, TimelineKind
from oncall.timeline import tell, was_told

log = structlog.get_logger(__name__)


def record_receipt(session: Session, delivery_id: int, report: StatusReport, now: datetime, provider: str) -> None:
    """The provider says what became of it. What can't follow from the present state is old news and changes nothing.

    `provider` is the account that says so. One that is no longer meant to have the message may still bring good news.
    """
    lock_alerts_of(session, [delivery_id])
    found = locked(session, [delivery_id])
    if delivery_id not in found:
        log.info("receipt.of_an_unknown_delivery", delivery=delivery_id)
        return
    delivery, _ = found[delivery_id]
    if not delivery.attempts:  # a backup was restored, and its number is given again
        log.info("receipt.of_another_delivery_of_its_number", delivery=delivery_id)
        return
    if report.provider_id and delivery.provider_id and delivery.provider_id != report.provider_id:
        log.info("receipt.of_an_earlier_attempt", delivery=delivery_id)
        return
    if delivery.provider not in ("", delivery.kind, provider) and report.failure is not None:
        log.info("receipt.of_an_earlier_account", delivery=delivery_id)
        return
    if not delivery.provider_id:
        delivery.provider, delivery.provider_id = provider, report.provider_id or None
    session.add(delivery)
    if report.late:
        _tell_late(session, delivery, report.late, now)
    if not may_become(delivery.state, DeliveryState(report.state)):
        return
    if report.failure is not None:
        fail(session, delivery, report.failure, now)
    else:
        move(session, delivery, DeliveryState(report.state), now)
    session.flush()


def _tell_late(session: Session, delivery: Delivery, why: str, now: datetime) -> None:
    """Once, however often it is said. Nothing else is done: it may arrive, and the alert has its own time-outs."""
    said = f"Late: {KINDS[delivery.kind].label} to {addressee(session, delivery)}. {why}"
    about = (delivery.alert_id, TimelineKind.DELIVERY, said)
    if delivery.alert_id is None or not is_under_way(delivery) or was_told(session, *about):
        return
    tell(session, *about, now)
    if delivery.carries:
        tell_carried(session, delivery, said, now, said)
    session.flush()

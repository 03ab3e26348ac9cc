"""Receipts: what a provider says became of a message; late, twice, and in any order."""

from datetime import datetime

import structlog
from sqlmodel import Session

from notifiers.base import StatusReport
from oncall.delivery.fate import fail, lock_alerts_of, locked, move
from oncall.lifecycle.delivery import DeliveryState, may_become

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
        fail(session, delivery, report.failure, now)
    else:
        move(session, delivery, DeliveryState(report.state), now)
    session.flush()

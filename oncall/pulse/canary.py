"""Canaries: sent when they are due through the same outbox, claim and sender as a page, and judged by what came of it.

One whose last message failed raises an alert on ONCALL_CANARY_SERVICE; the next that arrives resolves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from notifiers.registry import KINDS
from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.db import notify_engines
from oncall.models import Canary, Delivery, Service, Severity
from oncall.pulse.canary_verdict import Latency, latency, problem
from oncall.settings import Settings

log = structlog.get_logger(__name__)

KEPT = timedelta(days=90)
_canaries: sa.Table = Canary.__table__  # type: ignore[attr-defined]


def follow_canaries(session: Session, settings: Settings, now: datetime) -> bool:
    """Send those that are due, judge the last of each. Whether there is anything to send. Of several processes that do
    this at once each canary has one.
    """
    if not settings.canary_every:
        return False
    _store_new(session, settings.canaries, now)
    rows = session.exec(
        select(Canary)
        .where(sa.tuple_(col(Canary.kind), col(Canary.address)).in_(settings.canaries))
        .with_for_update(skip_locked=True)
    ).all()
    every = timedelta(seconds=settings.canary_every)
    for canary in rows:
        _judge(session, settings, canary, now)
    sent = [canary for canary in rows if _send_if_due(session, canary, now, every)]
    return bool(sent)


def _store_new(session: Session, addresses: Sequence[tuple[str, str]], now: datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"kind": kind, "address": address, "due_at": now} for kind, address in addresses]
    session.execute(insert(_canaries).values(rows).on_conflict_do_nothing(index_elements=["kind", "address"]))


def _send_if_due(session: Session, canary: Canary, now: datetime, every: timedelta) -> bool:
    """Also where the setting has changed, so that it would be due later than by the new one."""
    if now < canary.due_at <= now + every:
        return False
    session.add(Delivery(canary_id=canary.id, kind=canary.kind, address=canary.address, created_at=now, due_at=now))
    canary.due_at = now + every
    session.add(canary)
    session.flush()
    notify_engines(session)
    return True


def _judge(session: Session, settings: Settings, canary: Canary, now: datetime) -> None:
    last = last_delivery(session, canary)
    found = problem(last, now) if last is not None else None
    if found and canary.failing_since is None:
        canary.failing_since = now
        _say(session, settings, canary, EventAction.TRIGGER, found, now)
    elif found == "" and canary.failing_since is not None:
        canary.failing_since = None
        _say(session, settings, canary, EventAction.RESOLVE, "", now)
    session.add(canary)


def _say(session: Session, settings: Settings, canary: Canary, action: EventAction, why: str, now: datetime) -> None:
    service_id = session.exec(select(Service.id).where(Service.name == settings.canary_service)).first()
    if service_id is None:
        log.error("canary.without_service", service=settings.canary_service, kind=canary.kind, problem=why)
        return
    label = KINDS[canary.kind].label
    event = Event(
        action,
        f"canary:{canary.id}",
        summary=f"Pages by {label} may not arrive, the canary failed: {why}",
        severity=Severity.ERROR,
        source=f"canary by {label}",
    )
    take_in(session, [(source_of(session, service_id, f"canary by {label}"), event)], now)


def last_delivery(session: Session, canary: Canary) -> Delivery | None:
    own = select(Delivery).where(Delivery.canary_id == canary.id)
    return session.exec(own.order_by(col(Delivery.id).desc()).limit(1)).first()


@dataclass(frozen=True, slots=True)
class CanaryReport:
    """A canary with its last message, if there is one, and how long that took."""

    canary: Canary
    last: Delivery | None
    latency: Latency


def canaries(session: Session, settings: Settings) -> list[CanaryReport]:
    """Those of the settings that have been sent, in the order of their first time."""
    if not settings.canary_every:
        return []
    place = sa.tuple_(col(Canary.kind), col(Canary.address))
    rows = session.exec(select(Canary).where(place.in_(settings.canaries)).order_by(col(Canary.id)))
    found = [(row, last_delivery(session, row)) for row in rows.all()]
    return [CanaryReport(row, last, latency(last) if last else Latency(None, None)) for row, last in found]


def delete_old(session: Session, now: datetime) -> None:
    old = col(Delivery.canary_id).is_not(None) & (col(Delivery.created_at) < now - KEPT)
    session.exec(delete(Delivery).where(old))

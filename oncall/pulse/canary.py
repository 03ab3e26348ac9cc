"""Canaries: sent when they are due through the same outbox, claim and sender as a page, by each account in its own
name, and judged by what came of it.

An account whose last one failed raises an alert on ONCALL_CANARY_SERVICE; the next that arrives resolves it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, delete, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.db.database import notify_engines
from oncall.db.upsert import insert
from oncall.delivery.accounts import accounts_of_kind
from oncall.delivery.words import way
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Canary, CanaryAccount, Delivery, Service, Severity
from oncall.models.service import IN_USE
from oncall.pulse.canary_report import CanaryReport, canaries, is_of
from oncall.pulse.canary_verdict import tells_nothing
from oncall.settings import Settings

log = structlog.get_logger(__name__)

KEPT = timedelta(days=90)
_canaries: sa.Table = Canary.__table__  # type: ignore[attr-defined]
_accounts: sa.Table = CanaryAccount.__table__  # type: ignore[attr-defined]


def follow_canaries(session: Session, settings: Settings, now: datetime) -> bool:
    """Send those that are due, judge the last of each. Whether there is anything to send. Of several processes that do
    this at once each account of a canary has one.
    """
    if not settings.canary_every:
        return False
    _store_new(session, settings, now)
    ours = _locked(session, settings)
    every = timedelta(seconds=settings.canary_every)
    found = [each for each in canaries(session, settings, now) if (each.canary.id, each.tried.account) in ours]
    for each in found:
        _judge(session, settings, each, now)
    for canary in {each.canary.id: each.canary for each in found}.values():
        _end_what_an_older_version_found(session, settings, canary, now)
    due = [each for each in found if _is_due(each, now, every)]
    for each in reversed(due):  # the first account last: an older version, at work beside this one, judges the newest
        _send(session, each, now, every)
    if due:
        notify_engines(session)
    return bool(due)


def _store_new(session: Session, settings: Settings, now: datetime) -> None:
    places = [{"kind": kind, "address": address, "due_at": now} for kind, address in settings.canaries]
    _add(session, _canaries, ["kind", "address"], places)
    known = session.exec(select(Canary).where(is_of(settings))).all()
    tried = [
        {"canary_id": canary.id, "account": account, "due_at": now}
        for canary in known
        for account in accounts_of_kind(settings, canary.kind)
    ]
    _add(session, _accounts, ["canary_id", "account"], tried)


def _add(session: Session, table: sa.Table, key: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Those that are not there yet."""
    session.execute(insert(session, table).values(rows).on_conflict_do_nothing(index_elements=key))


def _locked(session: Session, settings: Settings) -> set[tuple[int | None, str]]:
    """Those that no other process follows just now. What became of their messages is asked afterwards: what another has
    just learnt is seen then.
    """
    rows = select(CanaryAccount).join(Canary).where(is_of(settings))
    found = session.exec(rows.with_for_update(of=CanaryAccount, skip_locked=True))
    return {(each.canary_id, each.account) for each in found}


def _is_due(found: CanaryReport, now: datetime, every: timedelta) -> bool:
    """Also where the setting has changed, so that it would be due later than by the new one. Never before it is known
    what became of the last: else, sent often enough, none would ever be late.
    """
    if now < found.tried.due_at <= now + every:
        return False
    return found.last is None or found.problem is not None or tells_nothing(found.last)


def _send(session: Session, found: CanaryReport, now: datetime, every: timedelta) -> None:
    canary = found.canary
    session.add(
        Delivery(
            canary_id=canary.id,
            only_by=found.tried.account,
            kind=canary.kind,
            address=canary.address,
            created_at=now,
            due_at=now,
        )
    )
    found.tried.due_at = now + every
    session.add(found.tried)
    session.flush()


def _judge(session: Session, settings: Settings, found: CanaryReport, now: datetime) -> None:
    tried = found.tried
    key = f"canary:{tried.canary_id}:{tried.account}"
    if found.problem and tried.failing_since is None:
        tried.failing_since = now
        _say(session, settings, found.way, Event(EventAction.TRIGGER, key, summary=_summary(found)), now)
    elif found.problem == "" and tried.failing_since is not None:
        tried.failing_since = None
        _say(session, settings, found.way, Event(EventAction.RESOLVE, key), now)
    session.add(tried)


def _summary(found: CanaryReport) -> str:
    return f"Pages by {found.way} may not arrive, the canary failed: {found.problem}"


def _say(session: Session, settings: Settings, by: str, event: Event, now: datetime) -> None:
    service_id = session.exec(select(Service.id).where(IN_USE, Service.name == settings.canary_service)).first()
    if service_id is None:
        log.error("canary.without_service", service=settings.canary_service, way=by, problem=event.summary)
        return
    sender = f"canary by {by}"
    told = replace(event, severity=Severity.ERROR, source=sender)
    take_in(session, [(source_of(session, service_id, sender), told)], now)


def _end_what_an_older_version_found(session: Session, settings: Settings, canary: Canary, now: datetime) -> None:
    """The alert that it opened for all accounts together, by its own rule: it may be at work beside this one."""
    if canary.failing_since is None:
        return
    own = select(Delivery.state).where(Delivery.canary_id == canary.id)
    newest = session.exec(own.order_by(col(Delivery.id).desc()).limit(1)).first()
    if newest in (DeliveryState.SENT, DeliveryState.DELIVERED):
        canary.failing_since = None
        session.add(canary)
        _say(session, settings, way(canary.kind, ""), Event(EventAction.RESOLVE, f"canary:{canary.id}"), now)


def delete_old_canaries(session: Session, now: datetime) -> None:
    old = col(Delivery.canary_id).is_not(None) & (col(Delivery.created_at) < now - KEPT)
    session.exec(delete(Delivery).where(old))

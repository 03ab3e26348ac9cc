"""Taking events in: folded into the open alerts they belong to, written with their timeline, first step due at once.

Core statements over whole batches; this is the path that must keep up when everything breaks at once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.grouping import AlertDraft, fold, open_alert
from oncall.db import next_ids, notify_engines
from oncall.delivery.outbox import cancel_pending
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, EscalationPolicy, Service, TimelineEntry
from oncall.models.alert import OPEN

_alerts: sa.Table = Alert.__table__  # type: ignore[attr-defined]
_timeline: sa.Table = TimelineEntry.__table__  # type: ignore[attr-defined]


KEYS_A_QUERY = 10_000
"""Databases limit the parameters of a statement, and one request may bring ten thousand alerts."""


class Source(NamedTuple):
    """Where events come from: the service they are about, its policy as it is now, and the name people know it by."""

    service_id: int
    policy: dict[str, Any]
    sender: str


def source_of(session: Session, service_id: int, sender: str) -> Source:
    """The source for events that come by no integration key: a heartbeat, a person."""
    policy = session.exec(
        select(EscalationPolicy)
        .join(Service, col(Service.escalation_policy_id) == col(EscalationPolicy.id))
        .where(Service.id == service_id)
    ).one()
    return Source(service_id, policy.snapshot(), sender)


def take_in(session: Session, work: Sequence[tuple[Source, Event]], now: datetime) -> list[AlertDraft]:
    """Store every event, in order. Gives the alerts that were opened or touched, with their ids."""
    drafts = _fold_all(session, work, now)
    _write(session, drafts, now)
    return drafts


def _fold_all(session: Session, work: Sequence[tuple[Source, Event]], now: datetime) -> list[AlertDraft]:
    """Every alert that the events open or touch."""
    open_now = _open_alerts(session, work)
    touched: dict[int, AlertDraft] = {}
    for source, event in work:
        place = (source.service_id, event.dedup_key)
        draft = open_now.get(place)
        if draft is not None:
            fold(draft, event, source.sender, now)
        elif event.action is EventAction.TRIGGER:
            draft = open_now[place] = open_alert(event, *source, now)
        else:
            continue  # nothing is open: accepted, no effect
        touched[id(draft)] = draft
        if draft.status is AlertStatus.RESOLVED:
            del open_now[place]
    return list(touched.values())


def _open_alerts(session: Session, work: Sequence[tuple[Source, Event]]) -> dict[tuple[int, str], AlertDraft]:
    columns = (_alerts.c.id, _alerts.c.service_id, _alerts.c.dedup_key, _alerts.c.status)
    statement = (
        sa.select(*columns, _alerts.c.severity, _alerts.c.summary, _alerts.c.event_count)
        .where(OPEN)
        .order_by(_alerts.c.id)  # one order for all processes, so that their locks can't cross
        .with_for_update(key_share=True)
    )
    keys = sorted({event.dedup_key for _, event in work})
    rows = [
        row
        for first in range(0, len(keys), KEYS_A_QUERY)
        for row in session.execute(statement.where(_alerts.c.dedup_key.in_(keys[first : first + KEYS_A_QUERY])))
    ]
    return {(row.service_id, row.dedup_key): AlertDraft(*row) for row in rows}


def _write(session: Session, drafts: Sequence[AlertDraft], now: datetime) -> None:
    new = [draft for draft in drafts if draft.id is None]
    for draft in drafts:  # before the new ones: one of them may take a dedup key that this sets free
        if draft.id is not None:
            session.execute(sa.update(_alerts).where(_alerts.c.id == draft.id).values(**draft.columns))
    _insert(new, session)
    entries = [
        {"alert_id": draft.id, "at": now, "kind": kind, "text": text}
        for draft in drafts
        for kind, text in draft.entries
    ]
    if entries:
        session.execute(sa.insert(_timeline), entries)
    quiet = [draft.id for draft in drafts if draft.needs_nobody_now]
    if quiet:
        cancel_pending(session, quiet, now)
    notify_engines(session)


ENDED: dict[str, Any] = {"resolved_at": None, "acknowledged_at": None, "snoozed_until": None}
"""Columns that a new alert has only if it was also acknowledged or resolved in the batch that opened it."""


def _insert(new: Sequence[AlertDraft], session: Session) -> None:
    if not new:
        return
    for draft, alert_id in zip(new, next_ids(session, _alerts, len(new)), strict=True):
        draft.id = draft.columns["id"] = alert_id
    has_ended = any(draft.status is not AlertStatus.TRIGGERED for draft in new)
    session.execute(sa.insert(_alerts), [{**ENDED, **draft.columns} if has_ended else draft.columns for draft in new])

"""Taking events in: folded into the open alerts they belong to, written with their timeline, first step due at once.

Core statements over whole batches; this is the path that must keep up when everything breaks at once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from oncall.alerts.event import Event, EventAction
from oncall.alerts.grouping import AlertDraft, fold, open_alert
from oncall.bulk import among, insert_many, next_ids
from oncall.db import notify_engines, once_committed, send_behind
from oncall.delivery.holding import let_go
from oncall.delivery.outbox import cancel_pending
from oncall.delivery.updates import outdate
from oncall.lifecycle.alert import AlertStatus
from oncall.metrics import ALERTS
from oncall.models import Alert, Delivery, Service, TimelineEntry
from oncall.models.alert import OPEN

_alerts: sa.Table = Alert.__table__  # type: ignore[attr-defined]
_timeline: sa.Table = TimelineEntry.__table__  # type: ignore[attr-defined]


class Source(NamedTuple):
    """Where events come from: the service they are about, its policy now, and the name people know it by."""

    service_id: int
    policy_id: int
    sender: str


def source_of(session: Session, service_id: int, sender: str) -> Source:
    """The source for events that come by no integration key: a heartbeat, a person."""
    return Source(service_id, session.get_one(Service, service_id).escalation_policy_id, sender)


def take_in(
    session: Session, work: Sequence[tuple[Source, Event]], now: datetime, *, is_last: bool = False
) -> list[AlertDraft]:
    """Store every event, in order. Gives the alerts that were opened or touched, with their ids.

    `is_last`: nothing follows in the transaction, so that nobody need wait before its commit.
    """
    drafts = _fold_all(session, work, now)
    new = _reserve_ids(session, drafts)
    for draft in new:
        once_committed(session, ALERTS.labels(draft.columns["urgency"]).inc)
    if urgent := [draft.id for draft in drafts if draft.has_become_urgent and draft.id is not None]:
        let_go(session, urgent, now)
    if is_last:
        send_behind(session)
    _write(session, drafts, new, now)
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


_OPEN_ALERTS = (
    sa.select(
        *(_alerts.c.id, _alerts.c.service_id, _alerts.c.dedup_key, _alerts.c.status),
        *(_alerts.c.severity, _alerts.c.summary, _alerts.c.event_count),
    )
    .where(OPEN, among(_alerts.c.dedup_key, "dedup_keys"))
    .order_by(_alerts.c.id)  # one order for all processes, so that their locks can't cross
    .with_for_update(key_share=True)
)


def _open_alerts(session: Session, work: Sequence[tuple[Source, Event]]) -> dict[tuple[int, str], AlertDraft]:
    keys = sorted({event.dedup_key for _, event in work})
    rows = session.connection().execute(_OPEN_ALERTS, {"dedup_keys": keys})
    return {(row.service_id, row.dedup_key): AlertDraft(*row) for row in rows}


def _reserve_ids(session: Session, drafts: Sequence[AlertDraft]) -> list[AlertDraft]:
    """The new alerts, each with its id."""
    new = [draft for draft in drafts if draft.id is None]
    if new:
        for draft, alert_id in zip(new, next_ids(session, _alerts, len(new)), strict=True):
            draft.id = draft.columns["id"] = alert_id
    return new


def _write(session: Session, drafts: Sequence[AlertDraft], new: Sequence[AlertDraft], now: datetime) -> None:
    opened = {draft.id for draft in new}
    for draft in drafts:  # before the new ones: one of them may take a dedup key that this sets free
        if draft.id not in opened:
            session.execute(sa.update(_alerts).where(_alerts.c.id == draft.id).values(**draft.columns))
    has_ended = any(draft.status is not AlertStatus.TRIGGERED for draft in new)
    in_order = sorted(new, key=lambda draft: draft.dedup_key)  # of all processes, as locks are taken
    insert_many(session, _alerts, [{**ENDED, **draft.columns} if has_ended else draft.columns for draft in in_order])
    entries = [
        {"alert_id": draft.id, "at": now, "kind": kind, "text": text}
        for draft in drafts
        for kind, text in draft.entries
    ]
    insert_many(session, _timeline, entries)
    quiet = [draft.id for draft in drafts if draft.needs_nobody_now]
    if quiet:
        cancel_pending(session, col(Delivery.alert_id).in_(quiet), now)
        outdate(session, quiet, now)
    notify_engines(session)


ENDED: dict[str, Any] = {"resolved_at": None, "acknowledged_at": None, "snoozed_until": None}
"""Columns that a new alert has only if it was also acknowledged or resolved in the batch that opened it."""

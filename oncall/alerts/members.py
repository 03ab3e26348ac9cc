"""The problems of alerts that hold several: events led to the alert they belong to, its members read and written.

Services without grouping take no part in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.alerts.event import DEDUP_KEY_MAX, Event, EventAction
from oncall.alerts.grouping import AlertDraft, Member
from oncall.alerts.together import PREFIX, GroupingRule, by_labels
from oncall.db.bulk import among
from oncall.db.database import json_text
from oncall.models import Alert, AlertMember
from oncall.models.alert import OPEN, SERVICE_WITHOUT_INDEX

MOST_SHOWN = 200
_alerts: sa.Table = Alert.__table__  # type: ignore[attr-defined]
_members: sa.Table = AlertMember.__table__  # type: ignore[attr-defined]

_OF_OPEN_ALERTS = (
    sa.select(_alerts.c.service_id, _members.c.dedup_key, _alerts.c.dedup_key)
    .join(_alerts, _alerts.c.id == _members.c.alert_id)
    .where(OPEN, among(_members.c.dedup_key, "dedup_keys"))
    .order_by(_alerts.c.id)
)


class Origin(Protocol):
    """What is asked of a source of events."""

    @property
    def service_id(self) -> int: ...

    @property
    def grouping(self) -> GroupingRule | None: ...


def once_grouped(session: Session) -> frozenset[int]:
    """Services with open alerts that grouping has made; it may have been turned off since.

    Those without grouping get no more of them, so that the answer holds as long as their settings do.
    """
    made = select(SERVICE_WITHOUT_INDEX).where(OPEN, col(Alert.dedup_key).startswith(PREFIX))
    return frozenset(session.exec(made.distinct()))


def lead(session: Session, work: Sequence[tuple[Origin, Event]], now: datetime) -> list[Event]:
    """The events in order: those of services with grouping with the dedup key of the alert to which they belong."""
    keys = json_text(sorted({event.dedup_key for source, event in work if source.grouping is not None}))
    rows = session.connection().execute(_OF_OPEN_ALERTS, {"dedup_keys": keys})
    known: dict[tuple[int, str], str] = {(service_id, member): key for service_id, member, key in rows}
    latest: dict[int, str] = {}
    led = []
    for source, event in work:
        place, rule = (source.service_id, event.dedup_key), source.grouping
        makes_one = rule is not None and not rule.is_off and event.action is EventAction.TRIGGER
        if rule is not None and makes_one and place not in known:
            known[place] = _alert_for(session, rule, source.service_id, event, latest, now)
        key = known.get(place) if rule is not None else None
        led.append(event if key is None else replace(event, dedup_key=key, member=event))
    return led


def _alert_for(
    session: Session, rule: GroupingRule, service_id: int, event: Event, latest: dict[int, str], now: datetime
) -> str:
    if rule.within is None:
        return by_labels(rule, event)[:DEDUP_KEY_MAX]
    if service_id not in latest:
        latest[service_id] = _latest(session, service_id, rule, now)
    return latest[service_id]


def _latest(session: Session, service_id: int, rule: GroupingRule, now: datetime) -> str:
    """The key of the open alert that new ones may still join, else of one to come, which two processes choose alike."""
    assert rule.within is not None
    mine = select(Alert.dedup_key).where(Alert.service_id == service_id, col(Alert.dedup_key).startswith(PREFIX))
    young = mine.where(OPEN, col(Alert.triggered_at) > now - rule.within)
    found = session.exec(young.order_by(col(Alert.id).desc()).limit(1)).first()
    if found is not None:
        return found
    last = select(Alert.id).where(Alert.service_id == service_id).order_by(col(Alert.id).desc())
    return f"{PREFIX}after #{session.exec(last.limit(1)).first() or 0}"


def load_members(session: Session, drafts: Iterable[AlertDraft]) -> None:
    """Of alerts that are locked, so that nobody else resolves the last but one meanwhile."""
    by_id = {draft.id: draft for draft in drafts if draft.dedup_key.startswith(PREFIX)}
    for row in session.exec(select(AlertMember).where(col(AlertMember.alert_id).in_(by_id))):
        draft = by_id[row.alert_id]
        draft.members = {} if draft.members is None else draft.members
        draft.members[row.dedup_key] = Member(
            row.summary, row.severity, row.event_count, row.first_at, row.last_at, row.resolved_at
        )


_PUT = sa.text(
    "INSERT INTO alert_members"
    " (alert_id, dedup_key, summary, severity, event_count, first_at, last_at, resolved_at)"
    " VALUES (:alert_id, :dedup_key, :summary, :severity, :event_count, :first_at, :last_at, :resolved_at)"
    " ON CONFLICT (alert_id, dedup_key) DO UPDATE SET summary = excluded.summary, severity = excluded.severity,"
    " event_count = excluded.event_count, last_at = excluded.last_at, resolved_at = excluded.resolved_at"
).bindparams(
    *(sa.bindparam(name, type_=_members.c[name].type) for name in ("severity", "first_at", "last_at", "resolved_at"))
)


def write_members(session: Session, drafts: Iterable[AlertDraft]) -> None:
    """Those that have changed."""
    rows = [
        {
            "alert_id": draft.id,
            "dedup_key": key,
            "summary": member.summary,
            "severity": member.severity,
            "event_count": member.event_count,
            "first_at": member.first_at,
            "last_at": member.last_at,
            "resolved_at": member.resolved_at,
        }
        for draft in drafts
        for key, member in (draft.members or {}).items()
        if key in draft.changed_members
    ]
    if rows:
        session.connection().execute(_PUT, rows)


def members_of(session: Session, alert_ids: Sequence[int | None]) -> dict[int, list[AlertMember]]:
    """By alert, the problems that it holds: those that are open first, then the newest."""
    found: dict[int, list[AlertMember]] = {}
    order = (col(AlertMember.resolved_at).is_not(None), col(AlertMember.first_at).desc(), col(AlertMember.dedup_key))
    rows = select(AlertMember).where(col(AlertMember.alert_id).in_(alert_ids)).order_by(*order).limit(MOST_SHOWN)
    for row in session.exec(rows):
        found.setdefault(row.alert_id, []).append(row)
    return found

"""Our alerts, their notes, story and pages as Opsgenie shows them."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from oncall.alerts.added import with_added
from oncall.ingest.store import Key
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Page, TimelineEntry, TimelineKind, User
from oncall.opsgenie.words import long_id, priority_of, spelt

OWN = frozenset(
    {
        *("description", "entity", "tags", "details", "responders", "visibleTo", "actions"),
        *("user", "note", "priority"),
    }
)
"""Details that have a field of their own there."""


def alert_views(session: Session, key: Key, alerts: Sequence[Alert], *, whole: bool = False) -> list[dict[str, Any]]:
    """As a list has them, or `whole`, as one is shown."""
    doers = {each for alert in alerts for each in (alert.acknowledged_by_id, alert.resolved_by_id)} - {None}
    names = {None: "", **_usernames(session, doers)}
    return [_alert(alert, key, names) | (_more(alert) if whole else {}) for alert in alerts]


def integration_of(key: Key) -> dict[str, str]:
    """The key, without its secret."""
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{key.service_id} {key.name}")
    return {"id": str(identity), "name": key.name, "type": "API"}


def _usernames(session: Session, ids: set[int | None]) -> dict[int | None, str]:
    users = session.exec(select(User).where(col(User.id).in_(ids))) if ids else ()
    return {user.id: user.email or user.handle for user in users}


def _alert(alert: Alert, key: Key, names: dict[int | None, str]) -> dict[str, Any]:
    details = with_added(alert.details, alert.added)
    happened = (alert.triggered_at, alert.last_event_at, alert.acknowledged_at, alert.resolved_at)
    return {
        "id": long_id(alert.id),
        "tinyId": str(alert.id),
        "alias": alert.dedup_key,
        "message": alert.summary,
        "status": "closed" if alert.status is AlertStatus.RESOLVED else "open",
        "acknowledged": alert.status is AlertStatus.ACKNOWLEDGED,
        "isSeen": alert.acknowledged_at is not None,
        "tags": _texts(details.get("tags")),
        "snoozed": alert.snoozed_until is not None,
        **({"snoozedUntil": spelt(alert.snoozed_until)} if alert.snoozed_until else {}),
        "count": alert.event_count,
        "lastOccurredAt": spelt(alert.last_event_at),
        "createdAt": spelt(alert.triggered_at),
        "updatedAt": spelt(max(at for at in happened if at is not None)),
        "source": alert.source,
        "owner": names.get(alert.acknowledged_by_id, ""),
        "priority": priority_of(alert.severity, details),
        "responders": details.get("responders", []),
        "integration": integration_of(key),
        "report": _report(alert, names),
    }


def _report(alert: Alert, names: dict[int | None, str]) -> dict[str, Any]:
    """Times in milliseconds since it triggered."""
    times = (
        ("ackTime", "acknowledgedBy", alert.acknowledged_at, alert.acknowledged_by_id),
        ("closeTime", "closedBy", alert.resolved_at, alert.resolved_by_id),
    )
    report: dict[str, Any] = {}
    for name, by, at, user_id in times:
        if at is not None:
            report |= {name: int((at - alert.triggered_at).total_seconds() * 1000), by: names.get(user_id, "")}
    return report


def _more(alert: Alert) -> dict[str, Any]:
    details = with_added(alert.details, alert.added)
    custom = details.get("details")
    others = {name: value for name, value in details.items() if name not in OWN}
    return {
        "actions": _texts(details.get("actions")),
        "entity": _text(details.get("entity", "")),
        "description": _text(details.get("description", "")),
        "visibleTo": details.get("visibleTo", []),
        "details": {
            name: _text(value) for name, value in (others | (custom if isinstance(custom, dict) else {})).items()
        },
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts(value: object) -> list[str]:
    return [_text(item) for item in value] if isinstance(value, list) else []


def log_views(session: Session, alert: Alert, after: int, limit: int, *, newest_first: bool) -> list[dict[str, Any]]:
    """Its timeline; `after` is the offset of the last line already seen, 0 at first."""
    entries = _entries(session, alert, after, limit, newest_first=newest_first)
    names = _usernames(session, {entry.user_id for entry in entries} - {None})
    return [
        {
            "log": entry.text,
            "type": "note" if entry.kind is TimelineKind.NOTE else "system",
            "owner": names.get(entry.user_id, "System"),
            "createdAt": spelt(entry.at),
            "offset": str(entry.id),
        }
        for entry in entries
    ]


def note_views(session: Session, alert: Alert, after: int, limit: int, *, newest_first: bool) -> list[dict[str, Any]]:
    entries = _entries(session, alert, after, limit, newest_first=newest_first, kind=TimelineKind.NOTE)
    return [
        {"note": note, "owner": owner, "createdAt": spelt(entry.at), "offset": str(entry.id)}
        for entry in entries
        for owner, _, note in [entry.text.partition(": ")]
    ]


def _entries(
    session: Session, alert: Alert, after: int, limit: int, *, newest_first: bool, kind: TimelineKind | None = None
) -> Sequence[TimelineEntry]:
    statement = select(TimelineEntry).where(TimelineEntry.alert_id == alert.id)
    if kind is not None:
        statement = statement.where(TimelineEntry.kind == kind)
    number = col(TimelineEntry.id)
    if after:
        statement = statement.where(number < after if newest_first else number > after)
    return session.exec(statement.order_by(number.desc() if newest_first else number).limit(limit)).all()


def recipient_views(session: Session, alert: Alert) -> list[dict[str, Any]]:
    """Who was paged."""
    rows = session.exec(select(Page, User).join(User).where(Page.alert_id == alert.id).order_by(col(Page.id)))
    return [
        {
            "user": {"id": user.handle, "username": user.email or user.handle},
            "state": "action" if user.id == alert.acknowledged_by_id else "notactive" if page.relieved_at else "active",
            "method": "Acknowledge" if user.id == alert.acknowledged_by_id else "",
            "createdAt": spelt(page.created_at),
            "updatedAt": spelt(page.relieved_at or page.created_at),
        }
        for page, user in rows
    ]

"""Change events, kept and asked for: the newest, and those that an alert follows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from oncall.ingest.change import Change
from oncall.ingest.store import UnknownKey
from oncall.models import Alert, ChangeEvent, IntegrationKey, Service, TimelineEntry, TimelineKind
from oncall.timeline import spell, tell

KEPT = timedelta(days=90)
MOST_BEFORE = 5
"""Of those before an alert: the newest."""
CHANGED = "Changed before: "


def service_of(session: Session, key: str) -> tuple[int, str]:
    """Where a live integration key leads, whichever tool it is for, and its name. Raises UnknownKey."""
    row = session.exec(
        select(IntegrationKey.service_id, IntegrationKey.name).where(
            IntegrationKey.key == key, col(IntegrationKey.revoked_at).is_(None)
        )
    ).first()
    if row is None:
        raise UnknownKey(
            "No integration key is like this one, or it was revoked. Copy it again from the service's page."
        )
    return row


def record(session: Session, service_id: int, change: Change, sender: str, now: datetime) -> ChangeEvent:
    """Keep it, and let go of those of the service that are too old."""
    at = min(change.at or now, now)
    event = ChangeEvent(
        service_id=service_id,
        at=at,
        summary=change.summary,
        author=change.author,
        source=change.source,
        sender=sender,
        links=change.links,
        details=change.details,
        received_at=now,
    )
    session.add(event)
    too_old = now - KEPT
    is_too_old = (col(ChangeEvent.at) < too_old, col(ChangeEvent.received_at) < too_old)  # the first is in the index
    session.exec(delete(ChangeEvent).where(col(ChangeEvent.service_id) == service_id, *is_too_old))
    # past the session's own rows, which would renew the revision: nothing that processes keep in memory has changed
    is_newest = sa.or_(col(Service.last_change_at).is_(None), col(Service.last_change_at) < at)
    session.execute(sa.update(Service).where(col(Service.id) == service_id, is_newest).values(last_change_at=at))
    session.flush()
    return event


def recent(
    session: Session, service: str | None, limit: int, before: int | None = None
) -> list[tuple[ChangeEvent, str]]:
    """With the name of the service, the last to come first; `before` is the id of the last one already seen."""
    statement = select(ChangeEvent, Service.name).join(Service)
    if service:
        statement = statement.where(Service.name == service)
    if before is not None:
        statement = statement.where(col(ChangeEvent.id) < before)
    return list(session.exec(statement.order_by(col(ChangeEvent.id).desc()).limit(limit)))


def before_alert(session: Session, alert: Alert, service: Service, within: timedelta) -> Sequence[ChangeEvent]:
    """Those of its service that the alert follows within that time, the newest first.

    Nothing is asked where none has come in that time: nearly always, where pages are sent.
    """
    since = alert.triggered_at - within
    if within <= timedelta() or service.last_change_at is None or service.last_change_at < since:
        return ()
    at = col(ChangeEvent.at)
    in_time = (ChangeEvent.service_id == alert.service_id, at >= since, at <= alert.triggered_at)
    return session.exec(
        select(ChangeEvent).where(*in_time).order_by(at.desc(), col(ChangeEvent.id).desc()).limit(MOST_BEFORE)
    ).all()


def what(change: ChangeEvent) -> str:
    """`deploy web #4711 by bob`"""
    is_said = not change.author or change.author.casefold() in change.summary.casefold()
    return change.summary if is_said else f"{change.summary} by {change.author}"


def how_long_before(change: ChangeEvent, alert: Alert) -> str:
    """`4 min`"""
    return spell(alert.triggered_at - change.at)


def tell_before(session: Session, alert: Alert, changes: Sequence[ChangeEvent], now: datetime) -> None:
    """On the alert's timeline, once."""
    if not changes:
        return
    of_alert = (TimelineEntry.alert_id == alert.id, TimelineEntry.kind == TimelineKind.EVENT)
    said = select(TimelineEntry.id).where(*of_alert, col(TimelineEntry.text).startswith(CHANGED, autoescape=True))
    if session.exec(said.limit(1)).first() is None:
        text = "; ".join(f"{what(change)}, {how_long_before(change, alert)} before" for change in changes)
        tell(session, alert.id, TimelineKind.EVENT, f"{CHANGED}{text}", now)

"""Heartbeats: a ping is expected every so often; silence raises an alert on the service, the next ping resolves it."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.errors import NotFound
from oncall.models import Alert, Heartbeat, Severity
from oncall.models.alert import OPEN
from oncall.pulse.fitness import PASS_IS_FRESH
from oncall.pulse.vitals import last_pass
from oncall.timeline import spell


def ping(session: Session, key: str, now: datetime) -> Heartbeat:
    """Take a ping. Raises NotFound for an unknown key."""
    heartbeat = session.exec(select(Heartbeat).where(Heartbeat.key == key).with_for_update()).first()
    if heartbeat is None:
        raise NotFound("No heartbeat has this key. Copy the address again from the service's page.")
    was_late = heartbeat.last_ping_at is not None and heartbeat.due_at is None
    heartbeat.last_ping_at = now
    heartbeat.due_at = now + timedelta(seconds=heartbeat.every_seconds + heartbeat.grace_seconds)
    session.add(heartbeat)
    if was_late:
        _say(session, heartbeat, EventAction.RESOLVE, now)
    return heartbeat


def raise_late_heartbeats(session: Session, now: datetime) -> int:
    """Raise an alert for each heartbeat that is late, once, and give how many. One never pinged is not late."""
    late = session.exec(
        select(Heartbeat).where(col(Heartbeat.due_at) <= now).limit(50).with_for_update(skip_locked=True)
    ).all()
    for heartbeat in late:
        heartbeat.due_at = None
        session.add(heartbeat)
        _say(session, heartbeat, EventAction.TRIGGER, now)
    return len(late)


def forgive_our_absence(session: Session, now: datetime) -> None:
    """No engine made its passes, or none reached the database: no ping was taken then either."""
    last = last_pass(session)
    if last is not None and now - last > PASS_IS_FRESH:
        _expect_again(session, last, now)


def _expect_again(session: Session, gone_since: datetime, now: datetime) -> None:
    """Nobody could take a ping while we were gone: what fell due since then is expected anew, not called late."""
    due = select(Heartbeat).where(col(Heartbeat.due_at) > gone_since, col(Heartbeat.due_at) <= now)
    for heartbeat in session.exec(due.with_for_update(skip_locked=True)):
        heartbeat.due_at = now + timedelta(seconds=heartbeat.every_seconds + heartbeat.grace_seconds)
        session.add(heartbeat)


def _service_of_open_alert(session: Session, heartbeat: Heartbeat) -> int:
    """The heartbeat may have been moved to another service since it raised its alert."""
    raised_on = session.exec(select(Alert.service_id).where(OPEN, Alert.dedup_key == _dedup_key(heartbeat))).first()
    return raised_on or heartbeat.service_id


def _dedup_key(heartbeat: Heartbeat) -> str:
    return f"heartbeat:{heartbeat.id}"


def _say(session: Session, heartbeat: Heartbeat, action: EventAction, now: datetime) -> None:
    every = spell(timedelta(seconds=heartbeat.every_seconds))
    event = Event(
        action,
        _dedup_key(heartbeat),
        summary=f"No sign of life from {heartbeat.name}: expected every {every}",
        severity=Severity.CRITICAL,
        source=heartbeat.name,
    )
    service_id = _service_of_open_alert(session, heartbeat)
    take_in(session, [(source_of(session, service_id, f"heartbeat {heartbeat.name}"), event)], now)

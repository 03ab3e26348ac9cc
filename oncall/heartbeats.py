"""Heartbeats: a ping is expected every so often; silence raises an alert on the service, the next ping resolves it.

A job may also say when it begins, and that it failed: a run that does not end in time is late, one that fails raises
the alert at once.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.errors import NotFound
from oncall.ingest.reading import shorten
from oncall.models import Alert, Heartbeat, Severity
from oncall.models.alert import OPEN
from oncall.pulse.fitness import PASS_IS_FRESH
from oncall.pulse.vitals import last_pass
from oncall.timeline import spell

LONGEST_LINE = 200


class Signal(StrEnum):
    START = "start"
    SUCCESS = "success"
    FAIL = "fail"


class HeartbeatState(StrEnum):
    NEW = "new"
    """It has never been pinged, and so is not late either."""
    RUNNING = "running"
    ALIVE = "alive"
    LATE = "late"
    FAILED = "failed"
    DISABLED = "disabled"


def state_of(heartbeat: Heartbeat, now: datetime) -> HeartbeatState:
    if not heartbeat.enabled:
        return HeartbeatState.DISABLED
    if _is_down(heartbeat):
        return HeartbeatState.FAILED if heartbeat.has_failed else HeartbeatState.LATE
    if heartbeat.due_at is None:
        return HeartbeatState.NEW
    if heartbeat.due_at <= now:
        return HeartbeatState.LATE
    return HeartbeatState.RUNNING if heartbeat.started_at is not None else HeartbeatState.ALIVE


def ping(session: Session, key: str, signal: Signal, output: str, now: datetime) -> Heartbeat:
    """Take a signal. `output` is what came with it. Raises NotFound for an unknown key."""
    heartbeat = session.exec(select(Heartbeat).where(Heartbeat.key == key).with_for_update()).first()
    if heartbeat is None:
        raise NotFound("No heartbeat has this key. Copy the address again from the page of heartbeats.")
    take(session, heartbeat, signal, output, now)
    return heartbeat


def take(session: Session, heartbeat: Heartbeat, signal: Signal, output: str, now: datetime) -> None:
    """A signal to a heartbeat that is locked."""
    if was_down := _is_down(heartbeat):
        heartbeat.down_since = heartbeat.down_since or now
    heartbeat.last_output = output.replace("\0", "") or None
    if heartbeat.enabled:
        heartbeat.due_at = now + _allowed(heartbeat)
    if signal is Signal.START:
        heartbeat.started_at = now
    else:
        _end_run(heartbeat, now)
        heartbeat.has_failed = signal is Signal.FAIL
    session.add(heartbeat)
    if signal is Signal.FAIL and heartbeat.enabled:
        heartbeat.down_since = heartbeat.down_since or now
        _trigger(session, heartbeat, _failure(heartbeat), now)
    elif signal is Signal.SUCCESS and was_down:
        _resolve(session, heartbeat, now)


def set_enabled(session: Session, heartbeat: Heartbeat, enabled: bool, now: datetime) -> None:
    """One that is not is expected by nobody: its alert, if one is open, is resolved. Enabled again, its time begins
    anew, unless it has never been pinged."""
    if enabled == heartbeat.enabled:
        return
    if _is_down(heartbeat):
        _resolve(session, heartbeat, now)
    heartbeat.enabled = enabled
    is_known = heartbeat.last_ping_at is not None or heartbeat.started_at is not None
    heartbeat.due_at = now + _allowed(heartbeat) if enabled and is_known else None
    session.add(heartbeat)


def set_interval(heartbeat: Heartbeat, every: timedelta, grace: timedelta) -> None:
    """It counts from the last signal on."""
    heartbeat.every_seconds, heartbeat.grace_seconds = int(every.total_seconds()), int(grace.total_seconds())
    last = max((at for at in (heartbeat.last_ping_at, heartbeat.started_at) if at is not None), default=None)
    if heartbeat.due_at is not None and last is not None:
        heartbeat.due_at = last + _allowed(heartbeat)


def delete(session: Session, heartbeat: Heartbeat, now: datetime) -> None:
    """Its alert, if one is open, is resolved, since no ping would ever."""
    if _is_down(heartbeat):
        _resolve(session, heartbeat, now)
    session.delete(heartbeat)
    session.flush()


def are_late(now: datetime) -> SelectOfScalar[Heartbeat]:
    """One never pinged is not late."""
    return select(Heartbeat).where(col(Heartbeat.due_at) <= now, col(Heartbeat.enabled))


def raise_late_heartbeats(session: Session, now: datetime) -> int:
    """Raise an alert for each heartbeat that is late, once, and give how many."""
    late = session.exec(are_late(now).limit(50).with_for_update(skip_locked=True)).all()
    for heartbeat in late:
        heartbeat.due_at = None
        heartbeat.down_since = heartbeat.down_since or now
        session.add(heartbeat)
        _trigger(session, heartbeat, _silence(heartbeat, now), now)
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
        heartbeat.due_at = now + _allowed(heartbeat)
        session.add(heartbeat)


def _is_down(heartbeat: Heartbeat) -> bool:
    """The version before knows no `down_since`: to it, what has been pinged and is not due is late."""
    was_called_late = heartbeat.enabled and heartbeat.last_ping_at is not None and heartbeat.due_at is None
    return heartbeat.down_since is not None or was_called_late


def _allowed(heartbeat: Heartbeat) -> timedelta:
    return timedelta(seconds=heartbeat.every_seconds + heartbeat.grace_seconds)


def _end_run(heartbeat: Heartbeat, now: datetime) -> None:
    if heartbeat.started_at is not None:
        heartbeat.last_run_seconds = (now - heartbeat.started_at).total_seconds()
    heartbeat.started_at, heartbeat.last_ping_at = None, now


def _failure(heartbeat: Heartbeat) -> str:
    last_line = (heartbeat.last_output or "").strip().rpartition("\n")[2].strip()
    said = f": {shorten(last_line, LONGEST_LINE)}" if last_line else ""
    return f"{heartbeat.name} failed{said}"


def _silence(heartbeat: Heartbeat, now: datetime) -> str:
    if heartbeat.alert_summary:
        return heartbeat.alert_summary
    if heartbeat.started_at is not None:
        return f"{heartbeat.name} began {spell(now - heartbeat.started_at)} ago and has not finished"
    every = spell(timedelta(seconds=heartbeat.every_seconds))
    return f"No sign of life from {heartbeat.name}: expected every {every}"


def _details(heartbeat: Heartbeat) -> dict[str, Any]:
    lasted = heartbeat.last_run_seconds
    told = {
        "description": heartbeat.description,
        "tags": heartbeat.alert_tags,
        "output": heartbeat.last_output,
        "last run": None if lasted is None else spell(timedelta(seconds=lasted)),
    }
    return {name: value for name, value in told.items() if value}


def _trigger(session: Session, heartbeat: Heartbeat, summary: str, now: datetime) -> None:
    event = Event(
        EventAction.TRIGGER,
        _dedup_key(heartbeat),
        summary=shorten(summary, SUMMARY_MAX),
        severity=heartbeat.alert_severity or Severity.CRITICAL,
        source=heartbeat.name,
        details=_details(heartbeat),
    )
    _take_in(session, heartbeat, event, now)


def _resolve(session: Session, heartbeat: Heartbeat, now: datetime) -> None:
    heartbeat.down_since = None
    _take_in(session, heartbeat, Event(EventAction.RESOLVE, _dedup_key(heartbeat)), now)


def _take_in(session: Session, heartbeat: Heartbeat, event: Event, now: datetime) -> None:
    service_id = _service_of_open_alert(session, heartbeat)
    take_in(session, [(source_of(session, service_id, f"heartbeat {heartbeat.name}"), event)], now)


def _service_of_open_alert(session: Session, heartbeat: Heartbeat) -> int:
    """The heartbeat may have been moved to another service since it raised its alert."""
    raised_on = session.exec(select(Alert.service_id).where(OPEN, Alert.dedup_key == _dedup_key(heartbeat))).first()
    return raised_on or heartbeat.service_id


def _dedup_key(heartbeat: Heartbeat) -> str:
    return f"heartbeat:{heartbeat.id}"

"""Opsgenie's Heartbeat API over the heartbeats of the key's own service. An interval is our `every`, no grace."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from oncall import heartbeats
from oncall.config.values import LONGEST, check_name
from oncall.config.write_services import generated_key
from oncall.errors import Conflict, Forbidden, NotFound
from oncall.heartbeats import HeartbeatState, Signal, set_enabled, set_interval, state_of
from oncall.ingest.opsgenie import MESSAGE_MAX, MOST_TAGS, TAG_MAX
from oncall.ingest.store import Key
from oncall.models import Heartbeat, Service, Severity, Team
from oncall.names import is_storable
from oncall.opsgenie.fields import Fields
from oncall.opsgenie.words import PRIORITIES, SEVERITIES, USUAL, spelt

UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
MOST = int(LONGEST / UNITS["minutes"])
DESCRIPTION_MAX = 10_000
MOST_HEARTBEATS = 1000
"""Of one service, made by its keys: a script that names a new one at each run would make them for ever."""


def find(session: Session, key: Key, name: str) -> Heartbeat:
    """Locked. Raises NotFound."""
    mine = select(Heartbeat).where(Heartbeat.service_id == key.service_id, Heartbeat.name == name)
    found = session.exec(mine.with_for_update()).first() if is_storable(name) else None
    if found is None:
        raise NotFound(f"Heartbeat with name [{name}] does not exist on the service of this key.")
    return found


def list_all(session: Session, key: Key) -> Sequence[Heartbeat]:
    mine = select(Heartbeat).where(Heartbeat.service_id == key.service_id)
    return session.exec(mine.order_by(col(Heartbeat.name))).all()


def create(session: Session, key: Key, fields: Fields) -> Heartbeat:
    """On the key's service. Raises BadFields with every fault, Conflict for a name that is taken, Forbidden."""
    name = fields.text("name", 1000, required=True)
    _check_name(fields, name)
    changes = _changes(fields, is_new=True)
    every, enabled = _every(fields, None), fields.flag("enabled", required=True)
    fields.check()
    if session.exec(select(Heartbeat.id).where(Heartbeat.name == name)).first() is not None:
        raise Conflict(f"There is a heartbeat “{name}” already: choose another name.", field="name")
    count = select(func.count()).select_from(Heartbeat).where(Heartbeat.service_id == key.service_id)
    if session.exec(count).one() >= MOST_HEARTBEATS:
        raise Forbidden(f"The service of this key has {MOST_HEARTBEATS:,} heartbeats already: delete some first.")
    created = Heartbeat(
        name=name, service_id=key.service_id, every_seconds=0, key=generated_key(), enabled=bool(enabled)
    )
    set_interval(created, every, timedelta())
    return _keep(session, created, changes)


def update(session: Session, key: Key, name: str, fields: Fields, now: datetime) -> Heartbeat:
    """Only what is given changes."""
    heartbeat = find(session, key, name)
    changes, enabled = _changes(fields, is_new=False), fields.flag("enabled")
    every = _every(fields, heartbeat)
    fields.check()
    set_interval(heartbeat, every, timedelta(seconds=heartbeat.grace_seconds))
    changes["as_written"] = {**(heartbeat.as_written or {}), **changes["as_written"]}
    _keep(session, heartbeat, changes)
    if enabled is not None:
        set_enabled(session, heartbeat, enabled, now)
    return heartbeat


def enable(session: Session, key: Key, name: str, enabled: bool, now: datetime) -> Heartbeat:
    heartbeat = find(session, key, name)
    set_enabled(session, heartbeat, enabled, now)
    return heartbeat


def ping(session: Session, key: Key, name: str, now: datetime) -> None:
    """Raises NotFound. Opsgenie answers as if it existed, and nobody notices that nothing is watched."""
    heartbeats.take(session, find(session, key, name), Signal.SUCCESS, "", now)


def delete(session: Session, key: Key, name: str, now: datetime) -> None:
    heartbeats.delete(session, find(session, key, name), now)


def short_view(heartbeat: Heartbeat, now: datetime) -> dict[str, Any]:
    is_expired = state_of(heartbeat, now) in (HeartbeatState.LATE, HeartbeatState.FAILED)
    return {"name": heartbeat.name, "enabled": heartbeat.enabled, "expired": is_expired}


def view(session: Session, heartbeat: Heartbeat, now: datetime) -> dict[str, Any]:
    written = heartbeat.as_written or {}
    interval, unit = _interval(heartbeat, written.get("intervalUnit", ""))
    severity, priority = heartbeat.alert_severity or Severity.CRITICAL, written.get("alertPriority", "")
    team = session.exec(select(Team).join(Service).where(Service.id == heartbeat.service_id)).first()
    return {
        **short_view(heartbeat, now),
        "description": heartbeat.description,
        "interval": interval,
        "intervalUnit": unit,
        **({"lastPingTime": spelt(heartbeat.last_ping_at)} if heartbeat.last_ping_at else {}),
        "ownerTeam": {"id": str(team.id), "name": team.name} if team else {},
        "alertMessage": heartbeat.alert_summary or f"{heartbeat.name} is expired",
        "alertTags": heartbeat.alert_tags or [],
        "alertPriority": priority if SEVERITIES.get(priority) is severity else PRIORITIES[severity],
    }


def _interval(heartbeat: Heartbeat, unit: str) -> tuple[int, str]:
    """In the unit in which it was written, or the largest that says it exactly."""
    for name in (unit, *reversed(UNITS)):
        seconds = int(UNITS[name].total_seconds()) if name in UNITS else 0
        if seconds and heartbeat.every_seconds % seconds == 0:
            return heartbeat.every_seconds // seconds, name
    return -(-heartbeat.every_seconds // 60), "minutes"


def _check_name(fields: Fields, name: str) -> None:
    try:
        check_name(name)
    except ValueError as error:
        fields.fault("name", f"can't be used: {error}")


def _every(fields: Fields, now_is: Heartbeat | None) -> timedelta:
    written = (now_is.as_written or {}).get("intervalUnit", "") if now_is else ""
    before, unit_before = _interval(now_is, written) if now_is else (1, "minutes")
    unit = fields.choice("intervalUnit", tuple(UNITS), required=now_is is None) or unit_before
    interval = fields.whole("interval", 1, MOST, required=now_is is None)
    every = (before if interval is None else interval) * UNITS[unit]
    if every > LONGEST:
        fields.fault("interval", f"must be {LONGEST.days} days at most")
    is_asked = fields.is_given("interval") or fields.is_given("intervalUnit")
    return every if now_is is None or is_asked else timedelta(seconds=now_is.every_seconds)


def _changes(fields: Fields, *, is_new: bool) -> dict[str, Any]:
    """Columns. Fields that are not given are those of a new one, or stay."""
    priority = fields.choice("alertPriority", tuple(SEVERITIES))
    owner = fields.named("ownerTeam")
    read = {
        "description": fields.text("description", DESCRIPTION_MAX),
        "alert_summary": fields.text("alertMessage", MESSAGE_MAX, refuse=True) or None,
        "alert_tags": fields.texts("alertTags", MOST_TAGS, TAG_MAX) or None,
        "alert_severity": SEVERITIES[priority or USUAL],
    }
    given = {"description": "description", "alertMessage": "alert_summary", "alertTags": "alert_tags"}
    given["alertPriority"] = "alert_severity"
    changes = {column: read[column] for name, column in given.items() if is_new or fields.is_given(name)}
    unit = fields.choice("intervalUnit", tuple(UNITS))
    written = {"intervalUnit": unit, "alertPriority": priority, "ownerTeam": owner.get("name", owner.get("id", ""))}
    return changes | {"as_written": {name: text for name, text in written.items() if text}}


def _keep(session: Session, heartbeat: Heartbeat, changes: dict[str, Any]) -> Heartbeat:
    for column, value in changes.items():
        setattr(heartbeat, column, value)
    session.add(heartbeat)
    session.flush()
    return heartbeat

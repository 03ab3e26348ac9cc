"""PRTG Network Monitor, notification method “Execute HTTP Action”
(https://www.paessler.com/manuals/prtg/notifications_based_on_sensor_states): a form whose fields the recipe names."""

import re
from typing import Any
from urllib.parse import urlencode

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_PLACEHOLDER = re.compile(r"%[a-z_]+")
_NOW = re.compile(r"\(now: ([^)]*)")
_SEVERITIES = {
    "down": Severity.CRITICAL,
    "down (partial)": Severity.ERROR,
    "warning": Severity.WARNING,
    "unusual": Severity.WARNING,
}
_COLOURS = {
    "#b4cc38": "up",
    "#d71920": "down",
    "#e77579": "down (acknowledged)",
    "#ffcb05": "warning",
    "#f59c00": "unusual",
    "#447fc1": "paused",
    "#808282": "unknown",
}
"""Of states. They mean the same in every language, which the names of states don't."""
_NO_PROBLEM = ("paused", "unknown", "collecting")


def parse(inbound: Inbound) -> list[Event]:
    sent = read_fields(inbound.body)
    fields = {name: value for name, value in sent.items() if not _is_unfilled(value)}
    sensor = text_of(fields, "sensorid") or "/".join(
        part for part in (text_of(fields, "device"), text_of(fields, "sensor", "name")) if part
    )
    state = _state(fields)
    problems = blank(("sensorid", sensor), ("status", state))
    if problems:
        raise BadEvent(problems)
    action = _action(state)
    if action is None:
        return []
    return [
        Event(
            action,
            dedup_key(sensor),
            summary=_summary(fields, sensor, state),
            severity=_SEVERITIES.get(state, Severity.ERROR),
            source=text_of(fields, "host", "device")[:300],
            details=fields,
            links=web_links((fields.get("linksensor"), "Sensor in PRTG")),
        )
    ]


def _is_unfilled(value: Any) -> bool:
    """PRTG leaves a placeholder as it is where it has nothing for it, as in a test notification."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value.strip()) is not None


def _state(fields: dict[str, Any]) -> str:
    """The state that it is in now, in English small letters; “Down ended (now: Up)” says it behind “now”."""
    said = text_of(fields, "status").lower()
    now = _NOW.search(said)
    state = now.group(1).strip() if now else said
    is_known = state in ("up", *_SEVERITIES) or state.startswith(("down", "up", *_NO_PROBLEM))
    return state if is_known else _COLOURS.get(text_of(fields, "colorofstate").lower(), state)


def _action(state: str) -> EventAction | None:
    """None where it is about no problem. What is not known pages: it may be a limit that somebody set."""
    if state.startswith("up"):
        return EventAction.RESOLVE
    if state.startswith("down (acknowledged"):
        return EventAction.ACKNOWLEDGE
    return None if state.startswith(_NO_PROBLEM) else EventAction.TRIGGER


def _summary(fields: dict[str, Any], sensor: str, state: str) -> str:
    names = [text_of(fields, "device"), text_of(fields, "sensor", "name")]
    what = " ".join(name for name in names if name) or f"Sensor {sensor}"
    message = text_of(fields, "message", "lastmessage")
    return shorten(f"{what} is {state}: {message}" if message else f"{what} is {state}", SUMMARY_MAX)


def _sample(status: str, message: str) -> Sample:
    fields = {
        "sensorid": "2042",
        "sensor": "Ping",
        "device": "core-switch-1",
        "host": "192.0.2.1",
        "group": "Network",
        "status": status,
        "message": message,
        "priority": "*****",
        "datetime": "1/5/2026 10:00:00 AM (UTC)",
        "linksensor": "https://prtg.example.com/sensor.htm?id=2042",
    }
    return Sample(urlencode(fields).encode())


_PAYLOAD = "&".join(
    f"{name}=%{name}"
    for name in (
        *("sensorid", "sensor", "device", "host", "group", "status", "colorofstate"),
        *("message", "priority", "datetime", "linksensor"),
    )
)

TOOL = Tool(
    "PRTG Network Monitor",
    parse,
    trigger=_sample("Down", "Request timed out (ICMP error # 11010)"),
    resolve=_sample("Down ended (now: Up)", "OK"),
    counts=True,
    recipe=(
        Step(
            "In PRTG, Setup > Account Settings > Notification Templates, add one with “Execute HTTP Action” for",
            URL,
        ),
        Step("Set its method to POST and its payload to", _PAYLOAD),
        Step(
            "On the root group, Notification Triggers, add a State Trigger that performs it when a sensor is Down, and "
            "again when it is no longer"
        ),
    ),
)

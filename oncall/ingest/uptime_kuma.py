"""Uptime Kuma's webhook notification, as JSON or as a form whose field `data` holds it.

https://github.com/louislam/uptime-kuma/blob/master/server/notification-providers/webhook.js

Where there is no heartbeat, the text is about a certificate or domain that expires, or is the test of the notification.
"""

import json
import re
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, read_fields, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_object, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_ACTIONS = {"0": EventAction.TRIGGER, "1": EventAction.RESOLVE, "2": None, "3": None}
"""Down, up, pending, maintenance."""
_EXPIRES = re.compile(r"(.+) will expire in -?\d+ days?", re.DOTALL)


def parse(inbound: Inbound) -> list[Event]:
    """One Event; none for a test, pending and maintenance. Raises BadEvent with every fault."""
    message = read_fields(inbound.body)
    if isinstance(message.get("data"), str):
        message = read_object(message["data"].encode())
    heartbeat, monitor = object_of(message, "heartbeat"), object_of(message, "monitor")
    text = text_of(message, "msg")
    if not heartbeat:
        return _without_heartbeat(text)
    status = text_of(heartbeat, "status")
    number = text_of(monitor, "id") or text_of(heartbeat, "monitorID")
    problems = blank(("monitor.id", number))
    if status not in _ACTIONS:
        problems.append("'heartbeat.status' must be 0 (down), 1 (up), 2 (pending) or 3 (maintenance)")
    if problems:
        raise BadEvent(problems)
    action = _ACTIONS[status]
    return [] if action is None else [_event(action, number, heartbeat, monitor)]


def _event(action: EventAction, number: str, heartbeat: dict[str, Any], monitor: dict[str, Any]) -> Event:
    name = text_of(monitor, "pathName", "name") or f"Monitor {number}"
    said = text_of(heartbeat, "msg")
    url = text_of(monitor, "url")
    return Event(
        action,
        dedup_key(number),
        summary=shorten(f"{name} is down: {said}" if said else f"{name} is down", SUMMARY_MAX),
        source=(text_of(monitor, "hostname") or url)[:300],
        details={"heartbeat": heartbeat, "monitor": {n: monitor[n] for n in _SHOWN if monitor.get(n)}},
        links=web_links((url if url not in ("http://", "https://") else "", "Monitored address")),
    )


_SHOWN = ("id", "name", "pathName", "description", "type", "url", "hostname", "port", "keyword", "tags")
"""Of the many settings of a monitor, some of them secret, those that help whoever is paged."""


def _without_heartbeat(text: str) -> list[Event]:
    if not text:
        raise BadEvent(
            ["'heartbeat' and 'msg' are missing: one of them must say what happened (Uptime Kuma's webhook)"]
        )
    expires = _EXPIRES.match(text)
    if expires is None:  # “My notification Testing”
        return []
    return [
        Event(
            EventAction.TRIGGER,
            dedup_key(f"expires:{expires[1]}"),
            summary=shorten(text, SUMMARY_MAX),
            severity=Severity.WARNING,
        )
    ]


def _sample(status: int, said: str) -> Sample:
    message = {
        "heartbeat": {
            "monitorID": 4,
            "status": status,
            "time": "2026-01-05 10:00:00.000",
            "msg": said,
            "important": True,
        },
        "monitor": {"id": 4, "name": "Shop", "type": "http", "url": "https://shop.example.com", "interval": 60},
        "msg": f"[Shop] [{'✅ Up' if status else '🔴 Down'}] {said}",
    }
    return Sample(json.dumps(message, ensure_ascii=False).encode())


TOOL = Tool(
    "Uptime Kuma",
    parse,
    trigger=_sample(0, "timeout of 48000ms exceeded"),
    resolve=_sample(1, "200 - OK"),
    counts=True,
    recipe=(
        Step(
            "In Uptime Kuma, under Settings → Notifications → Setup Notification, choose Webhook with the Post URL", URL
        ),
        Step("and the request body “Preset - application/json”"),
        Step("Turn on “Default enabled” and “Apply on all existing monitors”, or tick it in what should page"),
    ),
)

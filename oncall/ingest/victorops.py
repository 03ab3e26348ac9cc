"""VictorOps, now Splunk On-Call: its REST endpoint.

Source: https://help.splunk.com/en/splunk-enterprise/alert-and-respond/splunk-on-call, "REST Endpoint integration".
Only `message_type` is required there. CRITICAL and WARNING open an alert; INFO goes to the timeline of the open alert
with its entity_id, and is kept nowhere if there is none. Zabbix' own media type says OK for RECOVERY, and Grafana lets
its users write the type, so that words of the same meaning are taken too.
"""

import json
import uuid
from typing import Any

from oncall.alerts.event import NOTE_MAX, SUMMARY_MAX, Event, EventAction
from oncall.ingest.generic import ACTION_WORDS
from oncall.ingest.reading import (
    SEVERITY_WORDS,
    BadEvent,
    Inbound,
    dedup_key,
    read_object,
    severity_of,
    shorten,
    web_links,
)
from oncall.ingest.tool import KEY, URL, Sample, Step, Tool
from oncall.models.alert import Severity

ROUTING_KEY = "routing_key"
"""In the query of an Inbound, and in the details: the end of the address, which there chooses the team."""

ACTIONS = {
    "CRITICAL": EventAction.TRIGGER,
    "WARNING": EventAction.TRIGGER,
    "INFO": EventAction.NOTE,
    "ACKNOWLEDGEMENT": EventAction.ACKNOWLEDGE,
    "RECOVERY": EventAction.RESOLVE,
}
ANNOTATIONS = ("vo_annotate.u.", "vo_annotate.i.")
"""How fields begin that hold the address of a page or a picture, and end in what to call it."""
PAGES = (("alert_url", "Open in the sending tool"), ("event_info", "Event in Zabbix"), ("image_url", "Image"))
"""Fields in which Grafana and Zabbix have the address of a page or a picture."""
SHOWN_ELSEWHERE = {"message_type", "entity_id", "entity_display_name", "ack_msg", "ack_author"}


def parse(inbound: Inbound) -> list[Event]:
    """One Event. Raises BadEvent."""
    fields = read_object(inbound.body)
    word = _text(fields, "message_type")
    action = _action(word)
    if action is None:
        raise BadEvent([f"'message_type' must be one of {', '.join(ACTIONS)}"])
    entity = _text(fields, "entity_id") or uuid.uuid4().hex
    if action is not EventAction.TRIGGER:
        return [Event(action, dedup_key(entity), note=shorten(_note(action, fields), NOTE_MAX))]
    routed = {ROUTING_KEY: inbound.query[ROUTING_KEY]} if inbound.query.get(ROUTING_KEY) else {}
    return [
        Event(
            action,
            dedup_key(entity),
            summary=shorten(_summary(fields, entity), SUMMARY_MAX),
            severity=severity_of(word, Severity.CRITICAL),
            source=(_text(fields, "host_name", "monitoring_tool"))[:300],
            details={name: value for name, value in fields.items() if name not in SHOWN_ELSEWHERE} | routed,
            links=web_links(*((fields.get(name), text) for name, text in PAGES), *_annotations(fields)),
        )
    ]


def _action(word: str) -> EventAction | None:
    action = ACTIONS.get(word.upper()) or ACTION_WORDS.get(word.lower())
    if action is not None or word.lower() not in SEVERITY_WORDS:
        return action
    return EventAction.NOTE if severity_of(word) is Severity.INFO else EventAction.TRIGGER


def _text(fields: dict[str, Any], *names: str) -> str:
    """The first that says something; numbers are taken for what they look like."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _summary(fields: dict[str, Any], entity: str) -> str:
    """What it is called; else its entity_id, which may say nothing, and the first line of its state."""
    name = _text(fields, "entity_display_name")
    first_line = _text(fields, "state_message").partition("\n")[0].strip()
    if name or not first_line:
        return name or (entity if _text(fields, "entity_id") else "An alert without a name")
    return f"{entity}: {first_line}" if _text(fields, "entity_id") else first_line


def _note(action: EventAction, fields: dict[str, Any]) -> str:
    if action is EventAction.ACKNOWLEDGE:
        said = _text(fields, "ack_msg", "state_message").partition("\n")[0].strip()
        return ": ".join(part for part in (_text(fields, "ack_author"), said) if part)
    if action is EventAction.NOTE:
        return _text(fields, "state_message", "entity_display_name") or "information without a text"
    return ""


def _annotations(fields: dict[str, Any]) -> list[tuple[object, str]]:
    found = [(name, value) for name, value in fields.items() if name.startswith(ANNOTATIONS)]
    return [(value, name[len(ANNOTATIONS[0]) :] or "Link") for name, value in found]


def _sample(kind: str) -> Sample:
    message = {
        "message_type": kind,
        "entity_id": "disk/db1.example.com",
        "entity_display_name": "Disk almost full on db1",
        "state_message": "95 % used on /var",
        "monitoring_tool": "Monitoring",
        "state_start_time": 1767607200,
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "Splunk On-Call (VictorOps)",
    parse,
    trigger=_sample("CRITICAL"),
    resolve=_sample("RECOVERY"),
    recipe=(
        Step("In the tool's VictorOps or Splunk On-Call settings, set the address of the REST endpoint to", URL),
        Step("A tool that asks for an API key and a routing key apart: the API key is", KEY),
        Step("and the routing key is any word; it is kept in the alert's details", "oncall"),
    ),
)

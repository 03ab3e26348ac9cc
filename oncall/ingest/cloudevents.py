"""CloudEvents 1.0 over HTTP (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md):
structured (all in a JSON object), batched (a list of these), or binary (attributes in `ce-` headers, the body is data).

Told apart by what they are, since senders get the Content-Type wrong. `type` says what an event means: by the key's
options, else by its last word, as in `com.example.disk.resolved`.
"""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, text_of
from oncall.ingest.generic import ACTION_WORDS
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_json, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool

_PREFIX = "ce-"
_BY_OPTION = {
    "ignore": None,
    "resolve": EventAction.RESOLVE,
    "acknowledge": EventAction.ACKNOWLEDGE,
    "trigger": EventAction.TRIGGER,
}


def parse(inbound: Inbound) -> list[Event]:
    messages = _read(inbound)
    problems = [problem for place, message in messages for problem in _problems(place, message)]
    if problems:
        raise BadEvent(problems)
    events = (_event(message, inbound.options) for _, message in messages)
    return [event for event in events if event is not None]


def _read(inbound: Inbound) -> list[tuple[str, Any]]:
    """Each event's attributes and data, and where it is in the body."""
    headers = {name.lower(): value for name, value in inbound.headers.items()}
    attributes = {name[len(_PREFIX) :]: _decoded(value) for name, value in headers.items() if name.startswith(_PREFIX)}
    if "specversion" in attributes:
        return [("", {**attributes, "data": _data(inbound.body)})]
    body = read_json(inbound.body)
    if not isinstance(body, list):
        return [("", body)]
    if not body:
        raise BadEvent(["the batch is empty"])
    return [(f"[{number}].", message) for number, message in enumerate(body)]


def _decoded(header: str) -> str:
    return unquote(header.strip().strip('"')).replace("\0", "")


def _data(body: bytes) -> Any:
    """JSON where it is, else text."""
    try:
        return read_json(body)
    except BadEvent:
        return body.decode(errors="replace").replace("\0", "")


def _problems(place: str, message: Any) -> list[str]:
    if not isinstance(message, dict):
        return [f"'{place.rstrip('.') or 'the body'}' must be an object with the attributes of a CloudEvent"]
    faults = blank(*((f"{place}{name}", text_of(message, name)) for name in ("id", "source", "type")))
    if not text_of(message, "specversion").startswith("1."):
        faults.append(f"'{place}specversion' must be 1.0")
    return faults


def _event(message: Mapping[str, Any], options: Mapping[str, str]) -> Event | None:
    action = _action(text_of(message, "type"), options)
    if action is None:
        return None
    source, subject = text_of(message, "source"), text_of(message, "subject")
    data = message.get("data")
    fields = data if isinstance(data, dict) else {}
    about = subject or text_of(fields, "dedup_key", "key", "alias", "fingerprint")
    said = text_of(fields, "summary", "title", "message", "text", "description")
    return Event(
        action,
        dedup_key(f"{source}#{about}" if about else source),
        summary=shorten(said or f"{text_of(message, 'type')}: {about or source}", SUMMARY_MAX),
        severity=severity_of(fields.get("severity") or fields.get("priority") or message.get("severity")),
        source=source[:300],
        details=dict(message),
        links=web_links(*((fields.get(name), "Open in the sending tool") for name in ("url", "link"))),
    )


def _action(kind: str, options: Mapping[str, str]) -> EventAction | None:
    """None for an event that is about no problem."""
    for name, action in _BY_OPTION.items():
        patterns = options.get(name, "")
        if patterns and any(fnmatchcase(kind, pattern.strip()) for pattern in patterns.split(",")):
            return action
    if options.get("trigger"):
        return None
    word = kind.lower().replace("/", ".").rsplit(".", 1)[-1]
    return ACTION_WORDS.get(word, EventAction.TRIGGER)


def _sample(word: str) -> Sample:
    message = {
        "specversion": "1.0",
        "id": f"A234-1234-{word}",
        "source": "/probe/db1",
        "type": f"com.example.alert.{word}",
        "subject": "disk",
        "time": "2026-01-05T10:00:00Z",
        "datacontenttype": "application/json",
        "data": {"summary": "Disk full on db1", "severity": "critical"},
    }
    return Sample(json.dumps(message).encode(), {"content-type": "application/cloudevents+json"})


TOOL = Tool(
    "CloudEvents",
    parse,
    trigger=_sample("fired"),
    resolve=_sample("resolved"),
    recipe=(
        Step("Send CloudEvents 1.0 over HTTP, structured, binary or batched, to", URL),
        Step(
            "For instance",
            f"""curl {URL} -H 'Content-Type: application/cloudevents+json' -d '{{"specversion": "1.0", "id": "1",
  "source": "/probe/db1", "subject": "disk", "type": "com.example.alert.fired",
  "data": {{"summary": "Disk full"}}}}'""",
        ),
        Step(
            "Events of the same source and subject are one alert. Set the options where types don't end in such words"
        ),
    ),
    options={
        "trigger": "types that trigger, with commas and * as in “com.example.*.failed”; others are then ignored",
        "acknowledge": "types that acknowledge",
        "resolve": "types that resolve",
        "ignore": "types that are about no problem",
    },
)

"""Any JSON object: the sensible fields of the many tools that let one write the body oneself.

`summary` (or title, message, text, name) is needed to trigger. `dedup_key` (or key, alias, id, fingerprint) says which
events belong together; without one, the summary and source do. `action` (or `status`) is trigger, acknowledge or
resolve.
"""

import hashlib
import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, labels_of, read_object, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool

ACTION_WORDS: dict[str, EventAction] = {
    word: action
    for action, words in {
        EventAction.TRIGGER: "trigger triggered firing fire alert alerting open opened problem down failed create",
        EventAction.ACKNOWLEDGE: "acknowledge acknowledged ack",
        EventAction.RESOLVE: "resolve resolved recovery recovered ok up close closed clear cleared normal",
    }.items()
    for word in words.split()
}


def parse(inbound: Inbound) -> list[Event]:
    """One Event. Raises BadEvent with every fault."""
    fields = read_object(inbound.body)
    action, summary = _action(fields), _first(fields, "summary", "title", "message", "text", "name")
    key, source = _first(fields, "dedup_key", "key", "alias", "id", "fingerprint"), _first(fields, "source", "host")
    problems = []
    if action is None:
        problems.append("'action' (or 'status') must be trigger, acknowledge or resolve")
    elif action is EventAction.TRIGGER and not summary:
        problems.append("'summary' is missing or blank: one sentence that says what is wrong")
    elif not key and not summary:
        problems.append(f"'dedup_key' is missing or blank: it says what to {action}")
    if action is None or problems:
        raise BadEvent(problems)
    return [
        Event(
            action,
            dedup_key(key or _fingerprint(summary, source)),
            summary=shorten(summary, SUMMARY_MAX),
            severity=severity_of(fields.get("severity") or fields.get("priority")),
            source=source[:300],
            details=_details(fields),
            links=web_links((fields.get("url") or fields.get("link"), "Open in the sending tool")),
            labels=labels_of(fields.get("labels")),
        )
    ]


def _action(fields: dict[str, Any]) -> EventAction | None:
    word = _first(fields, "action", "event_action", "status", "state")
    return ACTION_WORDS.get(word.lower()) if word else EventAction.TRIGGER


def _first(fields: dict[str, Any], *names: str) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _details(fields: dict[str, Any]) -> dict[str, Any]:
    extra = {k: v for k, v in fields.items() if k not in {"summary", "dedup_key", "action", "severity", "source"}}
    nested = extra.pop("details", None)
    return {**extra, **(nested if isinstance(nested, dict) else {"details": nested} if nested is not None else {})}


def _fingerprint(summary: str, source: str) -> str:
    return hashlib.sha256(f"{source}\n{summary}".encode()).hexdigest()[:32]


def _sample(action: str) -> Sample:
    message = {
        "action": action,
        "dedup_key": "db1-disk",
        "summary": "Disk full on db1",
        "severity": "critical",
        "source": "db1",
        "url": "https://wiki.example.com/runbooks/disk",
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "Any JSON",
    parse,
    trigger=_sample("trigger"),
    resolve=_sample("resolve"),
    recipe=(
        Step(
            "To raise an alert, post JSON from any script",
            f"""curl -H 'Content-Type: application/json' {URL} \\
  -d '{{"summary": "Disk full on db1", "severity": "critical", "dedup_key": "db1-disk"}}'""",
        ),
        Step(
            "When it is over, send the same dedup_key with another action",
            f"""curl -H 'Content-Type: application/json' {URL} \\
  -d '{{"action": "resolve", "dedup_key": "db1-disk"}}'""",
        ),
    ),
)

"""Any JSON: the sensible fields of the many tools that let one write the body oneself, or what expressions pick.

`summary` (or title, message, text, name) is needed to trigger. `dedup_key` (or key, alias, id, fingerprint, or
alert_uid, of Grafana OnCall's formatted webhook) says which events belong together; without one, the summary and source
do. `action` (or `status`) is trigger, acknowledge or resolve. An option of the same name on the key says with JMESPath
where each of these is (see generic.md).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.expression_work import Work
from oncall.ingest.expressions import evaluate, problem_in
from oncall.ingest.fields import text_of
from oncall.ingest.reading import (
    BadEvent,
    Inbound,
    dedup_key,
    labels_of,
    read_json,
    read_object,
    severity_of,
    shorten,
    web_links,
)
from oncall.ingest.tool import URL, Sample, Step, Tool

ACTION_WORDS: dict[str, EventAction] = {
    word: action
    for action, words in {
        EventAction.TRIGGER: "trigger triggered firing fired fire alert alerting open opened problem down failed "
        "create",
        EventAction.ACKNOWLEDGE: "acknowledge acknowledged ack",
        EventAction.RESOLVE: "resolve resolved recovery recovered ok up close closed clear cleared normal",
    }.items()
    for word in words.split()
}
IGNORE = "ignore"
"""What an expression for the action gives where the message is about no problem."""
MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class Picked:
    """A part of a message that is about one thing, and what the key's expressions pick of it."""

    part: Any
    whole: Any
    options: Mapping[str, str]
    work: Work

    @property
    def fields(self) -> dict[str, Any]:
        return self.part if isinstance(self.part, dict) else {}

    def value(self, name: str) -> Any:
        """What the option `name` picks; None without such an option."""
        expression = self.options.get(name)
        return evaluate(name, expression, self.part, self.whole, self.work) if expression else None

    def text(self, name: str, *fields: str) -> str:
        """What the option `name` picks; without one, the first of these fields that says something."""
        if name not in self.options:
            return text_of(self.fields, *fields)
        value = self.value(name)
        return str(value).lower() if isinstance(value, bool) else text_of({name: value}, name)


def parse(inbound: Inbound) -> list[Event]:
    """An Event, or with the option `each` one of each part. Raises BadEvent with every fault."""
    options = {name: expression for name, expression in inbound.options.items() if expression}
    work = Work()
    if "each" not in options:
        whole: Any = read_object(inbound.body)
        event = _event(Picked(whole, whole, options, work))
        return [event] if event else []
    whole = read_json(inbound.body)
    parts = evaluate("each", options["each"], whole, whole, work)
    if not isinstance(parts, list):
        raise BadEvent([f"the option each finds no list in this message: “{shorten(options['each'], 100)}”"])
    return _several([Picked(part, whole, options, work) for part in parts])


def _several(parts: list[Picked]) -> list[Event]:
    events, problems = [], []
    for number, picked in enumerate(parts):
        try:
            events.append(_event(picked))
        except BadEvent as error:
            problems += [f"part {number}: {problem}" for problem in error.problems]
    if problems:
        raise BadEvent(problems)
    return [event for event in events if event]


def _event(picked: Picked) -> Event | None:
    """None where the message is about no problem."""
    word = picked.text("action", "action", "event_action", "status", "state").lower()
    if word == IGNORE and "action" in picked.options:
        return None
    action = ACTION_WORDS.get(word) if word else EventAction.TRIGGER
    summary = picked.text("summary", "summary", "title", "message", "text", "name")
    key = picked.text("dedup_key", "dedup_key", "key", "alias", "id", "alert_uid", "fingerprint")
    source = picked.text("source", "source", "host")
    problems = []
    if action is None:
        problems.append(f"'action' (or 'status') must be trigger, acknowledge or resolve, not “{shorten(word, 100)}”")
    elif action is EventAction.TRIGGER and not summary:
        problems.append("'summary' is missing or blank: one sentence that says what is wrong")
    elif not key and not summary:
        problems.append(f"'dedup_key' is missing or blank: it says what to {action}")
    if action is None or problems:
        raise BadEvent(problems)
    return Event(
        action,
        dedup_key(key or _fingerprint(summary, source)),
        summary=shorten(summary, SUMMARY_MAX),
        severity=severity_of(picked.text("severity", "severity", "priority")),
        source=source[:300],
        details=_details(picked),
        links=_links(picked),
        labels=labels_of(picked.fields.get("labels")),
    )


def _details(picked: Picked) -> dict[str, Any]:
    if "details" in picked.options:
        chosen = picked.value("details")
        return chosen if isinstance(chosen, dict) else {} if chosen is None else {"details": chosen}
    shown_elsewhere = {"summary", "dedup_key", "action", "severity", "source"}
    extra = {name: value for name, value in picked.fields.items() if name not in shown_elsewhere}
    nested = extra.pop("details", None)
    return {**extra, **(nested if isinstance(nested, dict) else {"details": nested} if nested is not None else {})}


def _links(picked: Picked) -> list[dict[str, str]]:
    """Of an address, of an object with an address and a text, or of a list of these."""
    if "links" not in picked.options:
        url = text_of(picked.fields, "url", "link", "link_to_upstream_details")
        return web_links((url, "Open in the sending tool"))
    chosen = picked.value("links")
    return web_links(*(_link(link) for link in (chosen if isinstance(chosen, list) else [chosen])[:MOST_LINKS]))


def _link(link: Any) -> tuple[object, str]:
    if isinstance(link, dict):
        return text_of(link, "href", "url", "link"), text_of(
            link, "text", "title", "name"
        ) or "Open in the sending tool"
    return link, "Open in the sending tool"


def _fingerprint(summary: str, source: str) -> str:
    return hashlib.sha256(f"{source}\n{summary}".encode()).hexdigest()[:32]


def _check(options: Mapping[str, str]) -> str:
    """The first expression that can't be used."""
    for name, expression in options.items():
        problem = problem_in(expression) if expression else ""
        if problem:
            return f"the option {name} {problem}"
    return ""


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
        Step("Where a tool has a form of its own, say with the options, in JMESPath, where in it each field is"),
    ),
    options={
        "summary": "where the sentence is that says what is wrong, as in “alert.title”",
        "dedup_key": "where the text is that events of the same problem share, as in “join('/', [host, check])”",
        "action": "where trigger, acknowledge, resolve or ignore is told, as in “firing && 'trigger' || 'resolve'”",
        "severity": "where critical, error, warning or info is told",
        "source": "where the host or service is named that has the problem",
        "links": "where the address of a page about it is, or a list of these",
        "details": "what is kept of the message, as in “{rate: rate, labels: labels}”; all of it unless set",
        "each": "the list of which each part is an event of its own, as in “alerts[*]”; the others are then about the "
        "part, or with “$.” in front about the whole message",
    },
    check=_check,
)

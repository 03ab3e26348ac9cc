"""CloudEvents in its three modes, as the Python SDK sends them and as the specification allows."""

import json
from pathlib import Path
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import cloudevents
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

CAPTURED = sorted((Path(__file__).parent.parent / "payloads" / "cloudevents").glob("*.json"))
DISK: dict[str, Any] = {
    "specversion": "1.0",
    "id": "A234-1234-1234",
    "source": "/probe/db1",
    "type": "com.example.alert.fired",
    "subject": "disk",
    "time": "2026-01-05T10:00:00Z",
    "data": {"summary": "Disk full", "severity": "critical"},
}


def parse(*messages: Any, **options: str) -> list[Any]:
    body = messages[0] if len(messages) == 1 else list(messages)
    return cloudevents.parse(Inbound(json.dumps(body).encode(), options))


@pytest.mark.parametrize("file", CAPTURED, ids=lambda file: file.stem)
def test_what_the_sdk_sends_is_read_in_either_mode(file: Path) -> None:
    request = json.loads(file.read_text())
    headers = {name.lower(): value for name, value in request["headers"].items()}
    (event,) = cloudevents.parse(Inbound(request["body"].encode(), {}, headers))
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, "/probe/db1#disk")
    assert (event.summary, event.details["type"]) == ("Disk full", "com.example.alert.fired")


def test_both_modes_say_the_same() -> None:
    headers = {f"ce-{name}": value for name, value in DISK.items() if name != "data"}
    binary = cloudevents.parse(Inbound(json.dumps(DISK["data"]).encode(), {}, headers))
    assert binary == parse(DISK)


def test_headers_are_percent_encoded_and_may_be_written_in_any_case() -> None:
    headers = {"CE-SpecVersion": "1.0", "ce-id": "1", "ce-source": "/probe/K%C3%B6ln", "ce-type": "a.failed"}
    (event,) = cloudevents.parse(Inbound(b"disk full", {}, headers))
    assert (event.source, event.details["data"]) == ("/probe/Köln", "disk full")
    assert event.summary == "a.failed: /probe/Köln"


def test_an_event_may_come_without_data() -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/probe", "ce-type": "a.resolved"}
    (event,) = cloudevents.parse(Inbound(b"", {}, headers))
    assert event.action is EventAction.RESOLVE


def test_a_batch_is_an_event_each() -> None:
    events = parse(DISK, DISK | {"subject": "memory", "type": "com.example.alert.resolved"})
    assert [(event.action, event.dedup_key) for event in events] == [
        (EventAction.TRIGGER, "/probe/db1#disk"),
        (EventAction.RESOLVE, "/probe/db1#memory"),
    ]


def test_the_type_says_by_its_last_word_what_happened() -> None:
    words = {"fired": "trigger", "acknowledged": "acknowledge", "recovered": "resolve", "whatever": "trigger"}
    assert {word: parse(DISK | {"type": f"com.example.{word}"})[0].action.value for word in words} == words


def test_the_key_may_say_which_types_mean_what() -> None:
    options = {"trigger": "com.example.*.broken", "resolve": "com.example.*.mended, *.fine"}
    assert parse(DISK | {"type": "com.example.disk.broken"}, **options)[0].action is EventAction.TRIGGER
    assert parse(DISK | {"type": "org.example.fine"}, **options)[0].action is EventAction.RESOLVE
    assert parse(DISK | {"type": "com.example.deploy"}, **options) == []
    assert parse(DISK, ignore="*.fired") == []


def test_without_a_subject_the_source_is_what_has_the_problem() -> None:
    message = {name: value for name, value in DISK.items() if name != "subject"}
    assert parse(message)[0].dedup_key == "/probe/db1"
    assert parse(message | {"data": {"key": "disk"}})[0].dedup_key == "/probe/db1#disk"


def test_severity_is_in_the_data_or_an_extension() -> None:
    assert parse(DISK)[0].severity is Severity.CRITICAL
    assert parse(DISK | {"data": None, "severity": "warning"})[0].severity is Severity.WARNING


def test_every_fault_is_named_with_its_place() -> None:
    with pytest.raises(BadEvent) as refused:
        parse(DISK | {"specversion": "0.3", "source": ""}, "no object")
    assert refused.value.problems == [
        "'[0].source' is missing or blank",
        "'[0].specversion' must be 1.0",
        "'[1]' must be an object with the attributes of a CloudEvent",
    ]

"""Monit's events, as captured from the real program and in the words of its table."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import monit
from oncall.ingest.reading import BadEvent, Inbound

CAPTURED = sorted((Path(__file__).parent.parent / "payloads" / "monit").glob("*.json"))


def parse(event: str, **changes: Any) -> list[Any]:
    message = {"service": "nginx", "event": event, "description": "what happened", "host": "web1"}
    return monit.parse(Inbound(urlencode(message | changes).encode()))


def test_what_the_real_program_sent_triggers_and_resolves_the_same() -> None:
    failed, succeeded = (monit.parse(Inbound(json.loads(file.read_text())["body"].encode()))[0] for file in CAPTURED)
    assert (failed.action, succeeded.action) == (EventAction.TRIGGER, EventAction.RESOLVE)
    assert failed.dedup_key == succeeded.dedup_key
    assert failed.summary == "webhook_probe on vm: status failed (1) -- no output"


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("Connection failed", "Connection succeeded"),
        ("Does not exist", "Exists"),
        ("Resource limit matched", "Resource limit succeeded"),
        ("Timeout", "Timeout recovery"),
        ("Link down", "Link up"),
        ("Saturation exceeded", "Saturation ok"),
        ("Invalid type", "Type succeeded"),
        ("Data access error", "Data access succeeded"),
        ("Content match", "Content doesn't match"),
        ("Checksum changed", "Checksum not changed"),
    ],
)
def test_the_two_ends_of_a_problem_are_one_alert(begins: str, ends: str) -> None:
    (begin,), (end,) = parse(begins), parse(ends)
    assert (begin.action, end.action) == (EventAction.TRIGGER, EventAction.RESOLVE)
    assert begin.dedup_key == end.dedup_key


def test_one_check_that_succeeds_does_not_resolve_another_of_the_service() -> None:
    assert parse("Resource limit succeeded")[0].dedup_key != parse("Connection failed")[0].dedup_key


@pytest.mark.parametrize("event", ["Action done", "Monit instance changed"])
def test_what_monit_does_itself_is_no_problem(event: str) -> None:
    assert parse(event) == []


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        parse(" ", host="")
    assert refused.value.problems == ["'host' is missing or blank", "'event' is missing or blank"]

"""Opsgenie's Create Alert, as the real Alertmanager sends it and as it can go wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.alerts.urgency import BY_SEVERITY
from oncall.ingest import opsgenie
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import IntegrationKey, Severity, Urgency
from oncall.opsgenie.fields import BadFields
from oncall.setup.integration_keys import address

CAPTURED = Path(__file__).parent.parent / "payloads" / "opsgenie"


def parse(**fields: Any) -> Any:
    (event,) = opsgenie.parse(Inbound(json.dumps({"message": "Disk full"} | fields).encode()))
    return event


def faults(**fields: Any) -> dict[str, str]:
    with pytest.raises(BadFields) as refused:
        parse(**fields)
    return refused.value.faults


def test_what_the_real_alertmanager_sends_is_read() -> None:
    sent = json.loads((CAPTURED / "005_POST_v2_alerts.json").read_text())["body"]
    (event,) = opsgenie.parse(Inbound(sent.encode()))
    assert (event.action, event.severity) == (EventAction.TRIGGER, Severity.ERROR)
    assert event.summary == "[FIRING:1] DiskFull db (db1 critical)"
    assert event.dedup_key == "e2f8d8f07e7ff3d39084f0f3f57c92fa746be2d101700a0abe3606c64a6075a0"
    assert event.details["details"] == {
        "alertname": "DiskFull",
        "instance": "db1",
        "service": "db",
        "severity": "critical",
    }
    assert event.details["responders"] == [{"name": "ops", "type": "team"}]
    assert event.details["tags"] == ["a", "b"]
    assert [link["href"] for link in event.links] == ["http://vm:19093/#/alerts?receiver=everything"]


def test_a_responder_without_a_name_is_nobody_and_refuses_nothing() -> None:
    """Zabbix sends one where no team is set, and a blank tag."""
    blank = {"responders": [{"type": "team", "name": ""}, {"type": "user"}], "tags": [""], "visibleTo": [{"name": " "}]}
    (event,) = opsgenie.parse(Inbound(json.dumps({"message": "Problem: disk", "alias": "4711"} | blank).encode()))
    assert event.details == {"priority": "P3"}


@pytest.mark.parametrize(
    ("priority", "severity", "urgency"),
    [
        ("P1", Severity.CRITICAL, Urgency.HIGH),
        ("P2", Severity.ERROR, Urgency.HIGH),
        ("P3", Severity.ERROR, Urgency.HIGH),
        ("P4", Severity.WARNING, Urgency.LOW),
        ("P5", Severity.INFO, Urgency.LOW),
        ("p5", Severity.INFO, Urgency.LOW),
        (None, Severity.ERROR, Urgency.HIGH),
        ("{{ .Priority }}", Severity.ERROR, Urgency.HIGH),
    ],
)
def test_priorities(priority: str | None, severity: Severity, urgency: Urgency) -> None:
    event = parse(priority=priority)
    assert (event.severity, BY_SEVERITY[event.severity]) == (severity, urgency)


def test_one_without_an_alias_is_an_alert_of_its_own() -> None:
    assert parse().dedup_key != parse().dedup_key


def test_unknown_fields_and_nulls_are_no_fault() -> None:
    event = parse(entity=None, tags=None, details={"a": None, "b": 1}, runbook="https://wiki.example.com", ownerTeam=7)
    assert event.details == {
        "details": {"b": 1},
        "priority": "P3",
        "runbook": "https://wiki.example.com",
        "ownerTeam": 7,
    }


def test_what_only_describes_is_clipped() -> None:
    event = parse(
        description="d" * 20_000, entity="e" * 600, source="s" * 400, tags=[f"{n:02}" * 30 for n in range(30)]
    )
    assert len(event.details["description"]) == 15_000
    assert len(event.details["entity"]) == 512
    assert len(event.source) == 300
    assert (len(event.details["tags"]), len(event.details["tags"][0])) == (20, 50)


def test_message_and_alias_are_refused_when_they_are_too_long() -> None:
    assert parse(message="m" * 130, alias="a" * 512).summary == "m" * 130
    assert faults(message="m" * 131, alias="a" * 513) == {
        "message": "must have 130 characters at most, not 131",
        "alias": "must have 512 characters at most, not 513",
    }


def test_every_fault_is_told_by_its_field() -> None:
    assert faults(
        message={}, alias=[], description=True, tags="a", details=[], responders=[1], visibleTo=[1], priority={}
    ).keys() == {"message", "alias", "description", "tags", "details", "responders", "visibleTo", "priority"}


@pytest.mark.parametrize("message", [None, "", "  \n", "\0"])
def test_an_alert_must_say_something(message: str | None) -> None:
    assert faults(message=message) == {"message": "must not be empty"}


def test_the_address_to_paste_is_ours_in_place_of_opsgenies() -> None:
    key = IntegrationKey(service_id=1, name="monitoring", tool="opsgenie", key="k")
    assert address("https://oncall.example.com", key, "") == "https://oncall.example.com"


def test_what_is_no_json_is_another_fault() -> None:
    with pytest.raises(BadEvent) as refused:
        opsgenie.parse(Inbound(b"{"))
    assert not isinstance(refused.value, BadFields)

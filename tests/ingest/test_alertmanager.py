"""Alertmanager's webhook, as captured from the real program and as it can go wrong."""

import json
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import alertmanager
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

DISK = {
    "status": "firing",
    "labels": {"alertname": "DiskFull", "instance": "db1", "severity": "critical"},
    "annotations": {"summary": "Disk full on db1", "runbook_url": "https://wiki.example.org/disk"},
    "startsAt": "2026-11-22T21:48:20Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prom.example.org/graph",
    "fingerprint": "d40fc7db1abbc59f",
}


def parse(*alerts: dict[str, Any], **options: str) -> list[Any]:
    message = {"version": "4", "groupKey": "{}:{a}", "externalURL": "http://am.example.org", "alerts": list(alerts)}
    return alertmanager.parse(Inbound(json.dumps(message).encode(), options))


def test_a_firing_alert_triggers_by_its_fingerprint() -> None:
    (event,) = parse(DISK)
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, "d40fc7db1abbc59f")
    assert (event.summary, event.severity, event.source) == ("Disk full on db1", Severity.CRITICAL, "db1")
    assert {link["text"] for link in event.links} == {"Runbook", "Expression in Prometheus", "Alertmanager"}


def test_its_labels_are_the_alerts() -> None:
    (event,) = parse(DISK)
    assert event.labels == {"alertname": "DiskFull", "instance": "db1", "severity": "critical"}


def test_one_post_mixes_firing_and_resolved() -> None:
    events = parse(DISK, DISK | {"status": "resolved", "fingerprint": "other"})
    assert [(e.action, e.dedup_key) for e in events] == [
        (EventAction.TRIGGER, "d40fc7db1abbc59f"),
        (EventAction.RESOLVE, "other"),
    ]


def test_a_key_can_ask_for_one_alert_a_group() -> None:
    (event,) = parse(DISK, DISK | {"fingerprint": "b"}, group="true")
    assert (event.dedup_key, event.summary) == ("{}:{a}", "2 alerts: Disk full on db1")


def test_a_group_is_resolved_when_nothing_in_it_fires() -> None:
    (event,) = parse(DISK | {"status": "resolved"}, group="true")
    assert event.action is EventAction.RESOLVE


def test_an_alert_without_annotations_is_named_after_its_rule() -> None:
    (event,) = parse({"status": "firing", "labels": {"alertname": "Watchdog"}, "fingerprint": "f"})
    assert (event.summary, event.severity) == ("Watchdog", Severity.ERROR)


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    (event,) = parse(DISK | {"annotations": {"runbook_url": "javascript:alert(1)"}, "generatorURL": ""})
    assert [link["text"] for link in event.links] == ["Alertmanager"]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        parse({"status": "on fire", "labels": {}}, {"status": "firing", "labels": []})
    assert caught.value.problems == [
        "'alerts[0].status' must be firing or resolved",
        "'alerts[1].labels' must be an object",
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b'{"alerts": []}', b'{"alerts": 3}', b"\xff\xfe"])
def test_a_body_that_is_no_webhook_is_refused(body: bytes) -> None:
    with pytest.raises(BadEvent):
        alertmanager.parse(Inbound(body))

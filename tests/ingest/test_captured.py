"""What real programs sent, field by field: pdpyras, Nagios through curl, and Alertmanager's receivers."""

import json
from pathlib import Path

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import pagerduty, victorops
from oncall.ingest.reading import Inbound
from oncall.models import Severity

PAYLOADS = Path(__file__).parent.parent / "payloads"
GROUP = "e2f8d8f07e7ff3d39084f0f3f57c92fa746be2d101700a0abe3606c64a6075a0"
ALERTMANAGER = [{"href": "http://alertmanager.example.org:19093/#/alerts?receiver=everything", "text": "Alertmanager"}]


def body(name: str) -> bytes:
    (file,) = PAYLOADS.glob(f"{name}_*.json")
    sent: str = json.loads(file.read_text())["body"]
    return sent.encode()


def read(name: str) -> Event:
    return pagerduty.read(body(name)).event()


def read_victorops(name: str) -> Event:
    (event,) = victorops.parse(Inbound(body(name), query={"routing_key": "team-key"}))
    return event


def test_pdpyras() -> None:
    event = read("pdpyras/001")
    assert event == Event(
        EventAction.TRIGGER, event.dedup_key, "Old client trigger", Severity.WARNING, "host1", details={}, links=[]
    )
    assert len(event.dedup_key) == 32
    assert read("pdpyras/002") == Event(EventAction.ACKNOWLEDGE, "generated-key")
    assert read("pdpyras/003") == Event(EventAction.RESOLVE, "generated-key")


@pytest.mark.parametrize("name", ["nagios/002", "nagios/004"])
def test_nagios_by_curl_and_every_reminder(name: str) -> None:
    assert read(name) == Event(
        EventAction.TRIGGER,
        "db1/Flag file",
        "FILE_AGE CRITICAL: File not found - flagfile",
        Severity.CRITICAL,
        "db1",
    )


def test_nagios_by_curl_acknowledged_and_recovered() -> None:
    assert read("nagios/006") == Event(EventAction.ACKNOWLEDGE, "db1/Flag file")
    assert read("nagios/008") == Event(EventAction.RESOLVE, "db1/Flag file")


def test_alertmanager_by_its_pagerduty_receiver() -> None:
    one, two = read("alertmanager/004"), read("alertmanager/012")
    for event, count, title in [
        (one, "1", "[FIRING:1] DiskFull db (db1 critical)"),
        (two, "2", "[FIRING:2] DiskFull db (critical)"),
    ]:
        firing = event.details.pop("firing")
        assert event == Event(
            EventAction.TRIGGER,
            GROUP,
            title,
            Severity.ERROR,
            "Alertmanager",
            {"num_firing": count, "num_resolved": "0", "resolved": ""},
            ALERTMANAGER,
        )
        assert firing.startswith("Labels:\n - alertname = DiskFull\n")
    assert read("alertmanager/025") == Event(EventAction.RESOLVE, GROUP)


def test_alertmanager_by_its_victorops_receiver() -> None:
    one, two = read_victorops("alertmanager/007"), read_victorops("alertmanager/009")
    for event, title in [
        (one, "[FIRING:1] DiskFull db (db1 critical)"),
        (two, "[FIRING:2] DiskFull db (critical)"),
    ]:
        state = event.details.pop("state_message")
        details = {"monitoring_tool": "Alertmanager", "routing_key": "team-key"}
        assert event == Event(EventAction.TRIGGER, GROUP, title, Severity.CRITICAL, "Alertmanager", details)
        assert "Alerts Firing:\nLabels:\n - alertname = DiskFull\n" in state
    assert read_victorops("alertmanager/030") == Event(EventAction.RESOLVE, GROUP)

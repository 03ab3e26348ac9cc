"""PagerDuty Events v1: what is accepted, and what is said of the rest."""

import json
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import pagerduty_v1
from oncall.ingest.reading import BadEvent
from oncall.models import Severity

TRIGGER: dict[str, Any] = {
    "service_key": "k" * 32,
    "event_type": "trigger",
    "incident_key": "srv01/HTTP",
    "description": "FAILURE for production/HTTP on machine srv01.acme.com",
    "client": "Sample Monitoring Service",
    "client_url": "https://monitoring.service.com",
    "details": {"ping time": "1500ms", "load avg": 0.75},
    "contexts": [
        {"type": "link", "href": "http://acme.pagerduty.com", "text": "View in custom tool"},
        {"type": "link", "href": "javascript:alert(1)"},
        {"type": "image", "src": "https://chart.example.com/load.png", "alt": "Load"},
    ],
}


def read(message: Any) -> Event:
    return pagerduty_v1.read(json.dumps(message).encode()).event()


def problems(message: Any) -> list[str]:
    with pytest.raises(BadEvent) as caught:
        read(message)
    return caught.value.problems


def test_a_trigger_is_read_and_pages_since_v1_knows_no_severity() -> None:
    event = read(TRIGGER)
    assert (event.action, event.dedup_key, event.summary) == (
        EventAction.TRIGGER,
        "srv01/HTTP",
        "FAILURE for production/HTTP on machine srv01.acme.com",
    )
    assert (event.severity, event.details) == (Severity.ERROR, {"ping time": "1500ms", "load avg": 0.75})
    assert [link["text"] for link in event.links] == ["Sample Monitoring Service", "View in custom tool", "Load"]


def test_a_trigger_without_an_incident_key_is_given_one() -> None:
    event = read({"service_key": "k", "event_type": "trigger", "description": "Disk full"})
    assert len(event.dedup_key) == 32


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_what_acknowledges_or_resolves_may_say_why(action: str) -> None:
    event = read({"service_key": "k", "event_type": action, "incident_key": "a", "description": " Bob is on it "})
    assert (event.action, event.dedup_key, event.note) == (EventAction(action), "a", "Bob is on it")


def test_details_may_be_of_any_kind_and_unknown_fields_are_kept() -> None:
    assert read(TRIGGER | {"details": "95 %", "host": "srv01"}).details == {"details": "95 %", "host": "srv01"}


@pytest.mark.parametrize(
    ("message", "faults"),
    [
        ({}, ["'service_key' is missing or blank", "'event_type' is missing or blank"]),
        (
            {"event_type": "trigger"},
            [
                "'service_key' is missing or blank",
                "'description' is missing or blank: one sentence that says what is wrong",
            ],
        ),
        (
            {"service_key": "k", "event_type": "resolve"},
            ["'incident_key' is missing or blank: it says what to resolve"],
        ),
        (
            TRIGGER | {"description": "x" * 1025, "incident_key": "x" * 256},
            [
                "'incident_key' is too long (maximum is 255 characters)",
                "'description' is too long (maximum is 1024 characters)",
            ],
        ),
        (TRIGGER | {"event_type": "explode"}, ["'event_type': Input should be 'trigger', 'acknowledge' or 'resolve'"]),
        (TRIGGER | {"contexts": [1]}, ["'contexts.0': Input should be an object"]),
        ([], ["the body must be a JSON object, not a list"]),
    ],
)
def test_every_fault_is_named(message: Any, faults: list[str]) -> None:
    assert problems(message) == faults

"""PagerDuty Events v2: what is accepted, and what is said of the rest."""

import json
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import pagerduty
from oncall.ingest.reading import BadEvent
from oncall.models import Severity

PAYLOAD: dict[str, Any] = {"summary": "Error rate 12 %", "source": "web1", "severity": "error"}
TRIGGER: dict[str, Any] = {"routing_key": "k" * 32, "event_action": "trigger", "payload": PAYLOAD}


def read(message: Any) -> Any:
    return pagerduty.read(json.dumps(message).encode()).event()


def problems(message: Any) -> list[str]:
    with pytest.raises(BadEvent) as caught:
        read(message)
    return caught.value.problems


def test_a_trigger_is_read() -> None:
    event = read(TRIGGER | {"dedup_key": "web1/errors", "payload": PAYLOAD | {"custom_details": {"rate": 12}}})
    assert (event.action, event.dedup_key, event.summary) == (EventAction.TRIGGER, "web1/errors", "Error rate 12 %")
    assert (event.severity, event.source, event.details) == (Severity.ERROR, "web1", {"rate": 12})


def test_a_trigger_without_a_dedup_key_is_given_one() -> None:
    assert len(read(TRIGGER).dedup_key) == 32
    assert read(TRIGGER).dedup_key != read(TRIGGER).dedup_key


def test_links_images_and_the_client_are_kept_if_they_are_web_addresses() -> None:
    event = read(
        TRIGGER
        | {
            "client": "Grafana",
            "client_url": "https://grafana.example.org",
            "links": [{"href": "https://wiki.example.org", "text": "Runbook"}, {"href": "javascript:alert(1)"}],
            "images": [{"src": "https://img.example.org/1.png"}],
        }
    )
    assert [link["text"] for link in event.links] == ["Grafana", "Runbook", "Image"]


def test_unknown_fields_go_to_the_details() -> None:
    event = read(TRIGGER | {"surprise": 1, "payload": PAYLOAD | {"component": "db", "class": "disk", "extra": [1]}})
    assert event.details == {"surprise": 1, "component": "db", "class": "disk", "extra": [1]}


@pytest.mark.parametrize("kind", ["garbage", "2015-07-17T08:42:58.315+0000", 0, -1, 1e300, 10**40, [1], {"a": 1}])
def test_no_kind_of_timestamp_refuses_an_event(kind: Any) -> None:
    assert read(TRIGGER | {"payload": PAYLOAD | {"timestamp": kind}}).details == {"timestamp": kind}


@pytest.mark.parametrize("kind", ["95 %", 0, False, 1.5, ["a", {"b": 1}], 10**400])
def test_custom_details_may_be_of_any_kind(kind: Any) -> None:
    assert read(TRIGGER | {"payload": PAYLOAD | {"custom_details": kind}}).details == {"details": kind}


def test_what_is_only_shown_may_be_null_or_of_another_kind_than_documented() -> None:
    nothing = {"client": None, "client_url": None, "links": None, "images": None, "dedup_key": None}
    event = read(TRIGGER | nothing | {"payload": PAYLOAD | {"component": 3, "group": None, "custom_details": None}})
    assert (event.details, event.links) == ({"component": 3}, [])


def test_a_severity_is_understood_in_capitals_too() -> None:
    assert read(TRIGGER | {"payload": PAYLOAD | {"severity": "CRITICAL"}}).severity is Severity.CRITICAL


def test_the_payload_of_what_resolves_is_not_looked_at() -> None:
    message = {"routing_key": "k", "event_action": "resolve", "dedup_key": "a", "payload": {"severity": "gone"}}
    assert (read(message).action, read(message).summary) == (EventAction.RESOLVE, "")


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_dedup_key_is_none(blank: Any) -> None:
    assert len(read(TRIGGER | {"dedup_key": blank}).dedup_key) == 32
    assert problems({"routing_key": "k", "event_action": "resolve", "dedup_key": blank}) == [
        "'dedup_key' is missing or blank: it says what to resolve"
    ]


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_acknowledge_and_resolve_need_a_dedup_key(action: str) -> None:
    assert problems({"routing_key": "k", "event_action": action}) == [
        f"'dedup_key' is missing or blank: it says what to {action}"
    ]
    assert read({"routing_key": "k", "event_action": action, "dedup_key": "x"}).dedup_key == "x"


def test_every_missing_field_is_named() -> None:
    assert problems({"event_action": "trigger", "payload": {}}) == [
        "'routing_key' is missing or blank",
        "'payload.summary' is missing or blank",
        "'payload.source' is missing or blank",
        "'payload.severity' is missing or blank",
    ]
    assert problems({"event_action": "resolve"}) == [
        "'routing_key' is missing or blank",
        "'dedup_key' is missing or blank: it says what to resolve",
    ]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"event_action": "explode"}, "'event_action'"),
        ({"payload": PAYLOAD | {"severity": "apocalyptic"}}, "'payload.severity'"),
        ({"payload": PAYLOAD | {"summary": "x" * 1025}}, "'payload.summary' is too long (maximum is 1024 characters)"),
        ({"payload": PAYLOAD | {"summary": " "}}, "'payload.summary' is missing or blank"),
        ({"dedup_key": "x" * 256}, "'dedup_key' is too long (maximum is 255 characters)"),
        ({"links": "https://example.com"}, "'links'"),
        ({"images": [1]}, "'images.0'"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"routing_key": 5}, "'routing_key'"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], named: str) -> None:
    (problem,) = problems(TRIGGER | change)
    assert problem.startswith(named)


@pytest.mark.parametrize("blank", [{}, {"routing_key": None}, {"routing_key": " "}])
def test_a_routing_key_that_came_with_the_request_counts_where_the_message_has_none(blank: dict[str, Any]) -> None:
    """Kibana's connector has it in a header."""
    message = {name: value for name, value in TRIGGER.items() if name != "routing_key"} | blank
    assert pagerduty.read(json.dumps(message).encode(), "from a header").routing_key == "from a header"
    assert pagerduty.read(json.dumps(TRIGGER).encode(), "from a header").routing_key == "k" * 32
    with pytest.raises(BadEvent, match=r"'payload\.summary' is missing or blank"):
        pagerduty.read(json.dumps(message | {"payload": {**PAYLOAD, "summary": ""}}).encode(), "from a header")


def test_a_dedup_key_may_be_a_number() -> None:
    assert read(TRIGGER | {"dedup_key": 4711}).dedup_key == "4711"
    assert problems(TRIGGER | {"dedup_key": True}) == ["'dedup_key': Input should be a valid string"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 9999, b"1" * 9999])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadEvent):
        pagerduty.read(body)


def test_nul_characters_which_no_database_stores_are_taken_out() -> None:
    event = read(TRIGGER | {"dedup_key": "a\0b", "payload": PAYLOAD | {"custom_details": {"x\0": "y\0"}}})
    assert (event.dedup_key, event.details) == ("ab", {"x": "y"})

"""Pingdom's state changes, as its documents show them."""

import json
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import pingdom
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

HTTP = {
    "check_id": 12345,
    "check_name": "Name of HTTP check",
    "check_type": "HTTP",
    "check_params": {
        "basic_auth": False,
        "encryption": True,
        "full_url": "https://www.example.com/path",
        "header": "User-Agent:Pingdom.com_bot",
        "hostname": "www.example.com",
        "ipv6": False,
        "port": 443,
        "url": "/path",
    },
    "tags": ["example_tag"],
    "previous_state": "UP",
    "current_state": "DOWN",
    "importance_level": "HIGH",
    "state_changed_timestamp": 1451610061,
    "long_description": "Long error message",
    "description": "Short error message",
    "first_probe": {"ip": "123.4.5.6", "ipv6": "2001:4800:1020:209::5", "location": "Stockholm, Sweden"},
    "second_probe": {"ip": "123.4.5.6", "ipv6": "2001:4800:1020:209::5", "location": "Austin, US", "version": 1},
}


def parse(**changes: Any) -> list[Any]:
    return pingdom.parse(Inbound(json.dumps(HTTP | changes).encode()))


def test_a_check_that_is_down_triggers_with_the_reason() -> None:
    (event,) = parse()
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, "12345", Severity.CRITICAL)
    assert event.summary == "Name of HTTP check is down: Long error message"
    assert event.links == [{"href": "https://www.example.com/path", "text": "The address that was checked"}]


def test_it_resolves_when_it_is_up() -> None:
    (event,) = parse(previous_state="DOWN", current_state="UP")
    assert (event.action, event.dedup_key, event.summary) == (
        EventAction.RESOLVE,
        "12345",
        "Name of HTTP check is up",
    )


def test_a_transaction_fails_and_succeeds_in_words_of_its_own() -> None:
    assert parse(check_type="TRANSACTION", current_state="FAILING")[0].action is EventAction.TRIGGER
    assert parse(check_type="TRANSACTION", current_state="SUCCESS")[0].action is EventAction.RESOLVE


def test_what_does_not_matter_so_much_is_a_warning() -> None:
    assert parse(importance_level="LOW")[0].severity is Severity.WARNING


@pytest.mark.parametrize("state", ["PAUSED", "UNKNOWN", "UNCONFIRMED_DOWN"])
def test_a_check_that_does_not_know_is_no_problem(state: str) -> None:
    assert parse(current_state=state) == []


def test_a_ping_check_has_no_address_of_a_page() -> None:
    (event,) = parse(check_params={"hostname": "db1.example.com"}, long_description=None, description=None)
    assert (event.source, event.links) == ("db1.example.com", [])
    assert event.summary == "Name of HTTP check is down"


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        parse(check_id=None, current_state="SIDEWAYS")
    assert refused.value.problems == [
        "'check_id' is missing or blank",
        "'current_state' must be UP, DOWN, SUCCESS or FAILING",
    ]

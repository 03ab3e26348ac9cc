"""The generic tool: the sensible fields of any JSON."""

import json
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import generic
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity


def parse(**fields: Any) -> Event:
    (event,) = generic.parse(Inbound(json.dumps(fields).encode()))
    return event


def test_a_summary_alone_triggers() -> None:
    event = parse(summary="Backup failed")
    assert (event.action, event.summary, event.severity) == (EventAction.TRIGGER, "Backup failed", Severity.ERROR)


def test_the_same_summary_meets_in_the_same_alert() -> None:
    assert parse(summary="Backup failed").dedup_key == parse(summary="Backup failed", severity="info").dedup_key
    assert parse(summary="Backup failed").dedup_key != parse(summary="Backup failed", source="db2").dedup_key


@pytest.mark.parametrize(
    ("word", "action"),
    [("firing", EventAction.TRIGGER), ("OK", EventAction.RESOLVE), ("ack", EventAction.ACKNOWLEDGE)],
)
def test_the_words_that_tools_use_for_a_state_are_understood(word: str, action: EventAction) -> None:
    assert parse(summary="x", status=word).action is action


def test_resolving_needs_no_summary_but_a_key() -> None:
    assert parse(action="resolve", dedup_key="a").dedup_key == "a"
    with pytest.raises(BadEvent, match="'dedup_key' is missing"):
        parse(action="resolve")


def test_a_trigger_without_a_summary_and_an_unknown_action_are_refused() -> None:
    with pytest.raises(BadEvent, match="'summary' is missing"):
        parse(severity="critical")
    with pytest.raises(BadEvent, match="'action'"):
        parse(summary="x", action="explode")


def test_numbers_may_be_keys_and_the_rest_is_kept_as_details() -> None:
    event = parse(summary="x", id=17, team="db", details={"rate": 1.5}, priority="P1")
    assert (event.dedup_key, event.severity) == ("17", Severity.CRITICAL)
    assert event.details == {"id": 17, "team": "db", "priority": "P1", "rate": 1.5}


def test_what_grafana_oncalls_formatted_webhook_asks_for_is_understood() -> None:
    message = {
        "alert_uid": "08d6891a",
        "title": "Disk full",
        "link_to_upstream_details": "https://wiki.example.com/disk",
    }
    event = parse(**message, state="alerting", message="95 % used", image_url=None)
    assert (event.action, event.dedup_key, event.summary) == (EventAction.TRIGGER, "08d6891a", "Disk full")
    assert [link["href"] for link in event.links] == ["https://wiki.example.com/disk"]
    assert parse(**message, state="ok").action is EventAction.RESOLVE


def test_a_number_that_no_json_can_hold_is_refused() -> None:
    with pytest.raises(BadEvent, match="a number in it is too large"):
        generic.parse(Inbound(b'{"summary": "x", "details": [1e400]}'))

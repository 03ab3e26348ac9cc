"""VictorOps' REST endpoint: every type of message, and what real senders leave out."""

import json
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import victorops
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

DISK = {
    "message_type": "CRITICAL",
    "entity_id": "disk space/db01.mycompany.com",
    "entity_display_name": "Critically Low Disk Space on DB01",
    "state_message": "The disk is really really full.\nHere is a bunch of information about the disk",
    "monitoring_tool": "nagios",
    "state_start_time": 1767607200,
    "vo_annotate.u.Runbook": "https://wiki.example.org/disk",
    "vo_annotate.i.Graph": "https://graphs.example.org/disk.png",
    "vo_annotate.s.Note": "Delete the logs first",
}


def parse(message: Any, routing_key: str = "") -> Event:
    inbound = Inbound(json.dumps(message).encode(), query={"routing_key": routing_key} if routing_key else {})
    (event,) = victorops.parse(inbound)
    return event


def test_a_critical_message_triggers() -> None:
    event = parse(DISK, "database")
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, "disk space/db01.mycompany.com")
    assert (event.summary, event.severity) == ("Critically Low Disk Space on DB01", Severity.CRITICAL)
    assert (event.source, event.details["routing_key"]) == ("nagios", "database")
    assert event.details["state_message"].startswith("The disk is really")
    assert [link["text"] for link in event.links] == ["Runbook", "Graph"]


@pytest.mark.parametrize(
    ("kind", "action", "severity"),
    [
        ("WARNING", EventAction.TRIGGER, Severity.WARNING),
        ("critical", EventAction.TRIGGER, Severity.CRITICAL),
        ("RECOVERY", EventAction.RESOLVE, None),
        ("ACKNOWLEDGEMENT", EventAction.ACKNOWLEDGE, None),
        ("INFO", EventAction.NOTE, None),
    ],
)
def test_every_type_of_message_is_understood_in_any_case(kind: str, action: EventAction, severity: Any) -> None:
    event = parse(DISK | {"message_type": kind})
    assert event.action is action
    assert severity in (None, event.severity)


def test_an_acknowledgement_says_who_and_why() -> None:
    event = parse({"message_type": "ACKNOWLEDGEMENT", "entity_id": "a", "ack_author": "bob", "ack_msg": "on it"})
    assert event.note == "bob: on it"


def test_information_is_a_note_for_the_alert_that_is_open() -> None:
    assert parse({"message_type": "INFO", "entity_id": "a", "state_message": "Retrying"}).note == "Retrying"
    assert parse({"message_type": "INFO", "entity_id": "a"}).note == "information without a text"


def test_only_the_type_is_needed() -> None:
    event = parse({"message_type": "CRITICAL"})
    assert (event.summary, len(event.dedup_key)) == ("An alert without a name", 32)


@pytest.mark.parametrize(
    ("message", "summary"),
    [
        ({"entity_id": "db1/disk", "state_message": "95 % used\nand more"}, "db1/disk: 95 % used"),
        ({"state_message": "95 % used"}, "95 % used"),
        ({"entity_id": 17}, "17"),
        ({"entity_id": "db1", "entity_display_name": None, "state_message": " "}, "db1"),
    ],
)
def test_what_has_no_name_is_called_by_what_it_says(message: dict[str, Any], summary: str) -> None:
    assert parse({"message_type": "CRITICAL", **message}).summary == summary


@pytest.mark.parametrize("kind", ["explode", "", None, 7, ["CRITICAL"]])
def test_an_unknown_type_is_named(kind: Any) -> None:
    with pytest.raises(BadEvent, match="'message_type' must be one of CRITICAL, WARNING, INFO, ACKNOWLEDGEMENT"):
        parse(DISK | {"message_type": kind})


@pytest.mark.parametrize(
    ("kind", "action", "severity"),
    [
        ("OK", EventAction.RESOLVE, None),  # Zabbix, where a problem is over
        ("resolved", EventAction.RESOLVE, None),
        ("ack", EventAction.ACKNOWLEDGE, None),
        ("ERROR", EventAction.TRIGGER, Severity.ERROR),  # of a label, in Grafana's template
        ("page", EventAction.TRIGGER, Severity.CRITICAL),
        ("PROBLEM", EventAction.TRIGGER, Severity.CRITICAL),
        ("warn", EventAction.TRIGGER, Severity.WARNING),
        ("low", EventAction.NOTE, None),
    ],
)
def test_a_type_in_other_words_is_understood(kind: str, action: EventAction, severity: Any) -> None:
    event = parse(DISK | {"message_type": kind})
    assert event.action is action
    assert severity in (None, event.severity)


def test_zabbix_tells_of_an_update_as_an_acknowledgement_and_has_a_link() -> None:
    zabbix = {
        "entity_id": "4711",
        "entity_display_name": "[PROBLEM] Disk full",
        "state_message": "bob acknowledged problem at 10:00.\nCurrent problem status is PROBLEM",
        "monitoring_tool": "Zabbix",
        "event_info": "https://zabbix.example.com/tr_events.php?triggerid=1&eventid=4711",
    }
    assert parse(zabbix | {"message_type": "ACKNOWLEDGEMENT"}).note == "bob acknowledged problem at 10:00."
    assert [link["text"] for link in parse(zabbix | {"message_type": "WARNING"}).links] == ["Event in Zabbix"]

"""Zabbix' webhook: all values are texts, and an update is no new problem."""

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import zabbix
from oncall.ingest.reading import BadEvent
from oncall.models import Severity
from tests.ingest.told import as_json, gist

PROBLEM = {
    "event_id": "4711",
    "event_value": "1",
    "event_source": "0",
    "event_name": "High CPU utilization (over 90% for 5m)",
    "event_nseverity": "3",
    "event_update_status": "0",
    "event_opdata": "Current utilization: 97 %",
    "host_name": "web1",
    "trigger_id": "13926",
    "trigger_url": "{TRIGGER.URL}",
    "zabbix_url": "https://zabbix.example.com/",
}


def parse(**changed: str) -> list[tuple[str, str, str]]:
    return gist(zabbix.parse(as_json(PROBLEM | changed)))


def test_a_problem_triggers_by_its_event() -> None:
    (event,) = zabbix.parse(as_json(PROBLEM))
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, "4711", Severity.WARNING)
    assert (event.summary, event.source) == ("High CPU utilization (over 90% for 5m) on web1", "web1")
    assert event.links == [
        {"href": "https://zabbix.example.com/tr_events.php?triggerid=13926&eventid=4711", "text": "Event in Zabbix"}
    ]


@pytest.mark.parametrize(
    ("told", "action"),
    [
        ({"triggerStatus": "PROBLEM", "triggerValue": "1"}, "trigger"),
        ({"triggerStatus": "PROBLEM"}, "trigger"),
        ({"triggerStatus": "OK", "triggerValue": "0"}, "resolve"),
        ({"triggerStatus": "OK", "recoveryEventStatus": "{EVENT.RECOVERY.STATUS}"}, "resolve"),
    ],
)
def test_opsgenies_script_tells_of_the_trigger(told: dict[str, str], action: str) -> None:
    """https://github.com/opsgenie/opsgenie-integration, zabbix2opsgenie."""
    names = {"apiKey": "k", "eventId": "4711", "triggerId": "13926", "triggerName": "Disk full", "hostName": "web1"}
    (event,) = zabbix.parse(as_json(names | {"triggerSeverity": "Disaster"} | told))
    assert (event.action, event.dedup_key, event.summary) == (action, "4711", "Disk full on web1")
    assert event.severity is Severity.CRITICAL


def test_an_acknowledgement_says_who_and_what() -> None:
    done = {"event_update_status": "1", "event_update_action": "acknowledged, commented"}
    said = {"user_name": "Zabbix Administrator (Admin)", "event_update_message": "Looking into it"}
    (event,) = zabbix.parse(as_json(PROBLEM | done | said))
    assert event.note == "Zabbix Administrator (Admin): Looking into it"
    (event,) = zabbix.parse(as_json(PROBLEM | {"user_name": "*UNKNOWN*", "event_update_message": ""}))
    assert event.note == ""


def test_its_recovery_resolves_it() -> None:
    assert parse(event_value="0") == [("resolve", "4711", "warning")]


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        ("0", "error"),
        ("1", "info"),
        ("2", "warning"),
        ("3", "warning"),
        ("4", "error"),
        ("5", "critical"),
        ("", "error"),
    ],
)
def test_the_number_of_the_severity_counts(number: str, severity: str) -> None:
    assert parse(event_nseverity=number) == [("trigger", "4711", severity)]


@pytest.mark.parametrize(
    ("done", "action"),
    [
        ("acknowledged", "acknowledge"),
        ("acknowledged, commented", "acknowledge"),
        ("unacknowledged", None),
        ("commented", None),
        ("changed severity from Average to High", None),
        ("closed", None),  # its recovery follows
    ],
)
def test_an_update_acknowledges_or_does_nothing(done: str, action: str | None) -> None:
    events = parse(event_update_status="1", event_update_action=done)
    assert [event[0] for event in events] == ([action] if action else [])


@pytest.mark.parametrize("source", ["1", "2"])
def test_discovery_and_registration_are_no_problems(source: str) -> None:
    assert parse(event_source=source) == []


def test_macros_may_be_sent_by_their_own_names_and_stay_unfilled() -> None:
    sent = {"EVENT.ID": "9", "EVENT.VALUE": "1", "EVENT.NSEVERITY": "5", "EVENT.UPDATE.STATUS": "{EVENT.UPDATE.STATUS}"}
    assert gist(zabbix.parse(as_json(sent | {"EVENT.NAME": "{EVENT.NAME}"}))) == [("trigger", "9", "critical")]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        parse(event_id="{EVENT.ID}", event_value="maybe")
    assert caught.value.problems == [
        "'event_id' is missing or blank",
        "'event_value' must be 1 (problem) or 0 (recovered)",
    ]

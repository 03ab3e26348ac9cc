"""Nagios' and Icinga's notifications, as captured from a real Nagios and by the names of its macros."""

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import icinga, nagios
from oncall.ingest.reading import BadEvent
from oncall.models import Severity
from tests.ingest.told import as_form, as_json, captured, gist

MACROS = {
    "NOTIFICATIONTYPE": "PROBLEM",
    "HOSTNAME": "db1",
    "HOSTSTATE": "UP",
    "SERVICEDESC": "Disk",
    "SERVICESTATE": "WARNING",
    "SERVICEOUTPUT": "DISK WARNING",
}


@pytest.mark.parametrize(
    ("number", "action"), [("001", "trigger"), ("003", "trigger"), ("005", "acknowledge"), ("007", "resolve")]
)
def test_a_real_problem_is_repeated_acknowledged_and_recovers(number: str, action: str) -> None:
    ((did, key, _),) = gist(nagios.parse(captured(f"nagios/{number}_POST_nagios_int_key")))
    assert (did, key) == (action, "db1/Flag file")


def test_a_real_problem_says_what_is_wrong() -> None:
    (event,) = nagios.parse(captured("nagios/001_POST_nagios_int_key"))
    assert event.summary == "Flag file on db1 is CRITICAL: FILE_AGE CRITICAL: File not found - flagfile"
    assert (event.severity, event.source) == (Severity.CRITICAL, "db1")


def test_macros_by_their_own_names_are_read_from_a_form_and_from_json() -> None:
    for inbound in (as_form(**MACROS), as_json(MACROS)):
        (event,) = nagios.parse(inbound)
        assert event.summary == "Disk on db1 is WARNING: DISK WARNING"
        assert gist([event]) == [("trigger", "db1/Disk", "warning")]


@pytest.mark.parametrize("service", [{}, {"SERVICEDESC": "$SERVICEDESC$"}, {"SERVICEDESC": "", "SERVICESTATE": ""}])
def test_a_host_without_service_is_known_by_its_name(service: dict[str, str]) -> None:
    host = {"NOTIFICATIONTYPE": "PROBLEM", "HOSTNAME": "db1", "HOSTSTATE": "DOWN", "HOSTOUTPUT": "100% loss"}
    (event,) = nagios.parse(as_form(**host, **service))
    assert (event.summary, event.dedup_key, event.severity) == ("db1 is DOWN: 100% loss", "db1", Severity.CRITICAL)


@pytest.mark.parametrize(
    "kind", ["FLAPPINGSTART", "FLAPPINGSTOP", "FLAPPINGDISABLED", "DOWNTIMESTART", "DOWNTIMEEND", "DOWNTIMECANCELLED"]
)
def test_flapping_and_downtime_are_no_problems(kind: str) -> None:
    assert nagios.parse(as_form(**MACROS | {"NOTIFICATIONTYPE": kind})) == []


@pytest.mark.parametrize(
    ("kind", "action"),
    [("Problem", "trigger"), ("Recovery", "resolve"), ("Acknowledgement", "acknowledge"), ("DowntimeStart", None)],
)
def test_icinga_writes_the_types_in_its_own_way(kind: str, action: str | None) -> None:
    events = icinga.parse(as_json({"type": kind, "host": "db1", "service": "Disk", "state": "CRITICAL"}))
    assert [str(event.action) for event in events] == ([action] if action else [])


def test_a_custom_notification_pages_while_there_is_a_problem() -> None:
    assert nagios.parse(as_form(type="CUSTOM", host="db1", state="UP")) == []
    assert nagios.parse(as_form(type="CUSTOM", host="db1", state="DOWN"))[0].action is EventAction.TRIGGER


def test_without_a_type_the_state_tells() -> None:
    assert nagios.parse(as_form(host="db1", state="DOWN"))[0].action is EventAction.TRIGGER
    assert nagios.parse(as_form(host="db1", state="UP"))[0].action is EventAction.RESOLVE


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        nagios.parse(as_form(type="PARTY", host="$HOSTNAME$"))
    assert caught.value.problems == [
        "'host' is missing or blank",
        "'state' is missing or blank",
        "'type' must be PROBLEM, RECOVERY, ACKNOWLEDGEMENT, CUSTOM, FLAPPING… or DOWNTIME…, not PARTY",
    ]

"""Nagios' and Icinga's notifications, as captured from a real Nagios and by the names of its macros."""

import re

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
    assert event.summary == "Flag file on db1 is CRITICAL: File not found - flagfile"
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
    [
        ("FLAPPINGSTART", None),
        ("FLAPPINGSTOP", "resolve"),
        ("FlappingEnd", "resolve"),
        ("DOWNTIMESTART", None),
        ("DOWNTIMEEND", "resolve"),
        ("DOWNTIMECANCELLED", "resolve"),
        ("DowntimeRemoved", "resolve"),
    ],
)
def test_what_recovered_while_it_flapped_or_in_a_downtime_is_resolved_at_its_end(kind: str, action: str | None) -> None:
    """Nagios and Icinga send no recovery meanwhile."""
    for fine in ({"SERVICESTATE": "OK"}, {"SERVICEDESC": "", "SERVICESTATE": "", "HOSTSTATE": "UP"}):
        events = nagios.parse(as_form(**MACROS | fine | {"NOTIFICATIONTYPE": kind}))
        assert [str(event.action) for event in events] == ([action] if action else [])


@pytest.mark.parametrize(
    ("state", "output", "told"),
    [
        ("CRITICAL", "DISK CRITICAL - free space: /var 120 MB (1%)", "free space: /var 120 MB (1%)"),
        ("WARNING", "HTTP WARNING: HTTP/1.1 404 Not Found", "HTTP/1.1 404 Not Found"),
        ("CRITICAL", "CRITICAL - Socket timeout", "Socket timeout"),
        ("DOWN", "PING CRITICAL - Packet loss = 100%", "Packet loss = 100%"),
        ("CRITICAL", "LOAD WARNING - 12 of late", "LOAD WARNING - 12 of late"),
        ("CRITICAL", "DISK CRITICAL -", "DISK CRITICAL -"),
        ("CRITICAL", "no route to host\nlast seen 03:00", "no route to host"),
    ],
)
def test_the_summary_has_the_first_line_and_says_the_state_once(state: str, output: str, told: str) -> None:
    (event,) = icinga.parse(as_form(type="Problem", host="db1", service="Disk", state=state, output=output))
    assert event.summary == f"Disk on db1 is {state}: {told}"
    assert event.details["output"] == output


def test_an_acknowledgement_says_who_and_why_and_a_problem_has_its_notes() -> None:
    fields = {"host": "db1", "service": "Disk", "state": "CRITICAL", "url": "https://wiki.example.com/disk"}
    (event,) = nagios.parse(as_form(type="ACKNOWLEDGEMENT", author="bob", comment="Looking into it", **fields))
    assert event.note == "bob: Looking into it"
    (event,) = nagios.parse(as_form(type="PROBLEM", author="$NOTIFICATIONAUTHOR$", comment="", **fields))
    assert (event.note, event.links) == ("", [{"href": "https://wiki.example.com/disk", "text": "Notes"}])


@pytest.mark.parametrize(
    ("kind", "action"),
    [("Problem", "trigger"), ("Recovery", "resolve"), ("Acknowledgement", "acknowledge"), ("DowntimeStart", None)],
)
def test_icinga_writes_the_types_in_its_own_way(kind: str, action: str | None) -> None:
    events = icinga.parse(as_json({"type": kind, "host": "db1", "service": "Disk", "state": "CRITICAL"}))
    assert [str(event.action) for event in events] == ([action] if action else [])


def test_icinga_says_again_what_lasts() -> None:
    """What it says once, while we are away for longer than curl tries, nobody would ever hear."""
    (notifications,) = (step.paste for step in icinga.TOOL.recipe if "apply Notification" in step.paste)
    assert notifications.count("apply Notification") == len(re.findall(r"interval = [1-9]\d*m\n", notifications))


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

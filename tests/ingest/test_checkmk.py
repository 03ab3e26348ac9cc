"""Checkmk's notification variables, as the recipe's script sends them."""

import json
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import checkmk
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

SERVICE = {
    "WHAT": "SERVICE",
    "NOTIFICATIONTYPE": "PROBLEM",
    "HOSTNAME": "db1",
    "HOSTADDRESS": "192.0.2.11",
    "HOSTSTATE": "UP",
    "HOSTOUTPUT": "Packet received via smart PING",
    "SERVICEDESC": "Filesystem /var",
    "SERVICESTATE": "CRITICAL",
    "SERVICEOUTPUT": "97.30% used (48.6 of 50.0 GiB)",
    "LASTSERVICESTATE": "OK",
    "CONTACTNAME": "oncall",
    "OMD_SITE": "mysite",
}
HOST = SERVICE | {
    "WHAT": "HOST",
    "SERVICEDESC": "$SERVICEDESC$",
    "HOSTSTATE": "DOWN",
    "HOSTOUTPUT": "No IP packet received for 15.3 s",
}


def parse(message: dict[str, Any], **changes: Any) -> list[Any]:
    return checkmk.parse(Inbound(json.dumps(message | changes).encode()))


def test_a_service_with_a_problem_triggers() -> None:
    (event,) = parse(SERVICE)
    assert (event.action, event.dedup_key, event.severity) == (
        EventAction.TRIGGER,
        "db1/Filesystem /var",
        Severity.CRITICAL,
    )
    assert event.summary == "Filesystem /var on db1 is CRITICAL: 97.30% used (48.6 of 50.0 GiB)"


def test_a_host_is_a_problem_of_its_own() -> None:
    (event,) = parse(HOST)
    assert (event.dedup_key, event.severity) == ("db1", Severity.CRITICAL)
    assert event.summary == "Host db1 is DOWN: No IP packet received for 15.3 s"


def test_both_recover() -> None:
    assert parse(SERVICE, NOTIFICATIONTYPE="RECOVERY", SERVICESTATE="OK")[0].action is EventAction.RESOLVE
    assert parse(HOST, NOTIFICATIONTYPE="RECOVERY", HOSTSTATE="UP")[0].dedup_key == "db1"


@pytest.mark.parametrize(
    ("state", "severity"), [("WARNING", Severity.WARNING), ("UNKNOWN", Severity.ERROR), ("?", Severity.ERROR)]
)
def test_the_state_says_how_severe_it_is(state: str, severity: Severity) -> None:
    assert parse(SERVICE, SERVICESTATE=state)[0].severity is severity


def test_an_acknowledgement_in_checkmk_acknowledges() -> None:
    assert parse(SERVICE, NOTIFICATIONTYPE="ACKNOWLEDGEMENT")[0].action is EventAction.ACKNOWLEDGE


@pytest.mark.parametrize(
    "kind", ["FLAPPINGSTART", "FLAPPINGSTOP", "DOWNTIMESTART", "DOWNTIMEEND", "DOWNTIMECANCELLED", "ALERTHANDLER (OK)"]
)
def test_downtime_and_flapping_are_no_problems(kind: str) -> None:
    assert parse(SERVICE, NOTIFICATIONTYPE=kind) == []


def test_a_notification_by_hand_is_a_problem_while_there_is_one() -> None:
    assert parse(SERVICE, NOTIFICATIONTYPE="CUSTOM")[0].action is EventAction.TRIGGER
    assert parse(SERVICE, NOTIFICATIONTYPE="CUSTOM", SERVICESTATE="OK") == []


def test_names_may_have_the_prefix_that_checkmk_gives_them() -> None:
    assert parse({f"NOTIFY_{name}": value for name, value in SERVICE.items()}) == parse(SERVICE)


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        parse({"WHAT": "HOST", "HOSTNAME": None})
    assert refused.value.problems == ["'HOSTNAME' is missing or blank", "'NOTIFICATIONTYPE' is missing or blank"]
    with pytest.raises(BadEvent, match="must be one that Checkmk has"):
        parse(SERVICE, NOTIFICATIONTYPE="PARTY")

"""Netdata's agents and Netdata Cloud."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import netdata
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

AGENT = {
    "host": "db1",
    "name": "disk_space_usage",
    "chart": "disk_space._var",
    "status": "WARNING",
    "info": "disk / space utilization",
    "value": "91.2%",
    "goto_url": "https://registry.my-netdata.io/goto-host-from-alarm.html?host=db1",
}
CLOUD = {
    "message": "disk_space_usage on db1 is critical",
    "alert": "disk_space_usage",
    "info": "disk / space utilization",
    "chart": "disk_space._var",
    "context": "disk.space",
    "space": "Example Space",
    "rooms": {"All nodes": "https://app.netdata.cloud/spaces/example/rooms/all"},
    "family": "/var",
    "class": "Utilization",
    "severity": "critical",
    "date": "2026-01-05T10:00:00Z",
    "duration": "1 minute",
    "additional_active_critical_alerts": 0,
    "additional_active_warning_alerts": 1,
    "alert_url": "https://app.netdata.cloud/spaces/example/alerts/1",
}


def parse(message: dict[str, Any], **changes: Any) -> list[Any]:
    return netdata.parse(Inbound(json.dumps(message | changes).encode()))


def test_an_agent_sends_a_form() -> None:
    (event,) = netdata.parse(Inbound(urlencode(AGENT).encode()))
    assert (event.action, event.severity) == (EventAction.TRIGGER, Severity.WARNING)
    assert event.dedup_key == "db1/disk_space._var/disk_space_usage"
    assert event.summary == "disk_space_usage on db1 is 91.2%: disk / space utilization"
    assert event.links == [{"href": AGENT["goto_url"], "text": "Chart in Netdata"}]


@pytest.mark.parametrize("status", ["CLEAR", "REMOVED"])
def test_it_resolves_when_it_is_clear_or_not_looked_at_any_more(status: str) -> None:
    (event,) = parse(AGENT, status=status)
    assert (event.action, event.dedup_key) == (EventAction.RESOLVE, "db1/disk_space._var/disk_space_usage")


@pytest.mark.parametrize("status", ["UNDEFINED", "UNINITIALIZED"])
def test_an_alarm_that_does_not_know_yet_is_no_problem(status: str) -> None:
    assert parse(AGENT, status=status) == []


def test_netdata_cloud_says_the_same_in_other_fields() -> None:
    (event,), (clear,) = parse(CLOUD), parse(CLOUD, severity="clear")
    assert (event.action, event.severity, event.summary) == (
        EventAction.TRIGGER,
        Severity.CRITICAL,
        "disk_space_usage on db1 is critical",
    )
    assert (clear.action, clear.dedup_key) == (EventAction.RESOLVE, event.dedup_key)


def test_the_test_of_netdata_cloud_is_no_problem() -> None:
    assert parse({"title": "Test", "message": "Your token is abc", "token": "abc"}) == []


def test_a_node_that_can_t_be_reached_triggers_until_it_can() -> None:
    away = {"message": "db1 is unreachable", "host": "db1", "severity": "critical", "url": "https://app.netdata.cloud/"}
    (gone,) = parse(away, status={"reachable": False, "text": "unreachable"})
    (back,) = parse(away, status={"reachable": True, "text": "reachable"}, severity="info")
    assert (gone.action, back.action) == (EventAction.TRIGGER, EventAction.RESOLVE)
    assert gone.dedup_key == back.dedup_key
    with pytest.raises(BadEvent, match=r"'status.reachable' must be true or false"):
        parse(away, status={"text": "?"})


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        parse(AGENT, name=" ", status="ON FIRE")
    assert refused.value.problems == [
        "'name (or alert)' is missing or blank",
        "'status' (or severity) must be CRITICAL, WARNING or CLEAR",
    ]

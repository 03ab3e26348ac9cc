"""Uptime Kuma's webhook: heartbeats, and the texts that come without one."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import uptime_kuma
from oncall.ingest.reading import BadEvent, Inbound
from tests.ingest.told import as_json, gist

DOWN: dict[str, Any] = {
    "heartbeat": {
        "monitorID": 1,
        "status": 0,
        "time": "2024-02-07 10:43:26.171",
        "msg": "getaddrinfo ENOTFOUND shop.example.com",
        "ping": None,
        "important": True,
        "duration": 60,
        "timezone": "Europe/Berlin",
    },
    "monitor": {
        "id": 1,
        "name": "Shop",
        "pathName": "Public / Shop",
        "url": "https://shop.example.com",
        "hostname": None,
        "type": "http",
        "basic_auth_pass": "hunter2",
    },
    "msg": "[Shop] [🔴 Down] getaddrinfo ENOTFOUND shop.example.com",
}


def with_status(status: Any) -> Inbound:
    return as_json(DOWN | {"heartbeat": DOWN["heartbeat"] | {"status": status}})


def test_a_monitor_that_is_down_triggers_by_its_id() -> None:
    (event,) = uptime_kuma.parse(as_json(DOWN))
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, "1")
    assert event.summary == "Public / Shop is down: getaddrinfo ENOTFOUND shop.example.com"
    assert event.links == [{"href": "https://shop.example.com", "text": "Monitored address"}]


def test_no_secret_of_the_monitor_is_kept() -> None:
    (event,) = uptime_kuma.parse(as_json(DOWN))
    assert "hunter2" not in str(event.details)


@pytest.mark.parametrize(("status", "action"), [(1, "resolve"), ("1", "resolve"), (2, None), (3, None)])
def test_up_resolves_and_pending_and_maintenance_do_nothing(status: Any, action: str | None) -> None:
    assert [event[0] for event in gist(uptime_kuma.parse(with_status(status)))] == ([action] if action else [])


def test_the_form_holds_the_same_as_a_text() -> None:
    assert gist(uptime_kuma.parse(Inbound(urlencode({"data": json.dumps(DOWN)}).encode())))[0][:2] == ("trigger", "1")


def test_the_test_of_a_notification_raises_no_alert() -> None:
    assert uptime_kuma.parse(as_json({"heartbeat": None, "monitor": None, "msg": "My Alert (1) Testing"})) == []


def test_a_certificate_that_expires_warns_once_however_often_it_is_told() -> None:
    def told(days: int) -> dict[str, Any]:
        text = f"[Shop][https://shop.example.com] server certificate shop.example.com will expire in {days} days"
        return {"heartbeat": None, "monitor": None, "msg": text}

    (first,), (second,) = uptime_kuma.parse(as_json(told(14))), uptime_kuma.parse(as_json(told(7)))
    assert gist([first]) == gist([second])
    assert gist([first])[0][2] == "warning"


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        uptime_kuma.parse(as_json({"heartbeat": {"status": 9}, "monitor": None}))
    assert caught.value.problems == [
        "'monitor.id' is missing or blank",
        "'heartbeat.status' must be 0 (down), 1 (up), 2 (pending) or 3 (maintenance)",
    ]
    with pytest.raises(BadEvent, match="'heartbeat' and 'msg' are missing"):
        uptime_kuma.parse(as_json({"monitor": {"id": 1}}))

"""Healthchecks' webhook, with the body of our recipe and with less."""

from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import healthchecks
from oncall.ingest.reading import BadEvent
from tests.ingest.told import as_form, as_json, gist

CODE = "5d9e1c4e-3a6f-4bd0-9a0e-7f0b3b1f2c11"
CHECK: dict[str, Any] = {
    "name": 'Nightly "backup"',
    "slug": "nightly-backup",
    "tags": "prod db",
    "desc": "pg_dump of db1",
    "grace": 3600,
    "n_pings": 214,
    "status": "down",
    "started": False,
    "last_ping": "2026-01-04T02:00:00+00:00",
    "next_ping": None,
    "ping_url": f"https://hc-ping.com/{CODE}",
    "update_url": f"https://healthchecks.io/api/v3/checks/{CODE}",
    "schedule": "0 2 * * *",
    "tz": "UTC",
}
DOWN: dict[str, Any] = {"code": CODE, "status": "down", "name": CHECK["name"], "check": CHECK}


def test_a_check_that_is_down_triggers_by_its_code() -> None:
    (event,) = healthchecks.parse(as_json(DOWN))
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, CODE)
    assert event.summary == 'Nightly "backup" is down: pg_dump of db1'
    assert [link["href"] for link in event.links] == [f"https://healthchecks.io/checks/{CODE}/details/"]


def test_the_address_that_pings_the_check_is_not_kept() -> None:
    assert "hc-ping.com" not in str(healthchecks.parse(as_json(DOWN)))


def test_up_resolves_it() -> None:
    assert gist(healthchecks.parse(as_json(DOWN | {"status": "up"})))[0][:2] == ("resolve", CODE)


def test_the_least_is_a_code_and_a_status_as_a_form_too() -> None:
    assert gist(healthchecks.parse(as_form(code=CODE, status="down"))) == [("trigger", CODE, "error")]
    assert gist(healthchecks.parse(as_json({"check": CHECK | {"uuid": CODE}}))) == [("trigger", CODE, "error")]


def test_the_button_test_raises_no_alert() -> None:
    assert healthchecks.parse(as_json(DOWN | {"name": "TEST", "check": CHECK | {"name": "TEST", "n_pings": 42}})) == []


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        healthchecks.parse(as_json({"code": "$CODE", "status": "grace"}))
    assert caught.value.problems == ["'code' is missing or blank", "'status' must be up or down"]

"""Kapacitor's POST handler."""

from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import kapacitor
from oncall.ingest.reading import BadEvent
from oncall.models import Severity
from tests.ingest.told import as_json, gist

CPU: dict[str, Any] = {
    "id": "cpu:host=web1",
    "message": "cpu:host=web1 is CRITICAL value:97.5",
    "details": "",
    "time": "2016-12-08T16:20:58.580Z",
    "duration": 0,
    "level": "CRITICAL",
    "data": {
        "series": [
            {
                "name": "cpu",
                "tags": {"cpu": "cpu-total", "host": "web1"},
                "columns": ["time", "usage_user"],
                "values": [["2016-12-08T16:20:58.580Z", 97.5]],
            }
        ]
    },
    "previousLevel": "OK",
}


def test_a_level_triggers_by_the_id_of_the_alert() -> None:
    (event,) = kapacitor.parse(as_json(CPU))
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, "cpu:host=web1", Severity.CRITICAL)
    assert (event.summary, event.source) == ("cpu:host=web1 is CRITICAL value:97.5", "web1")


@pytest.mark.parametrize(
    ("level", "told"), [("OK", ("resolve", "info")), ("INFO", ("trigger", "info")), ("WARNING", ("trigger", "warning"))]
)
def test_ok_resolves_and_the_others_are_its_severity(level: str, told: tuple[str, str]) -> None:
    action, severity = told
    assert gist(kapacitor.parse(as_json(CPU | {"level": level}))) == [(action, "cpu:host=web1", severity)]


def test_data_of_any_shape_does_no_harm() -> None:
    for data in (None, [], {"series": None}, {"series": [None]}, {"series": [{"tags": None}]}):
        assert kapacitor.parse(as_json(CPU | {"data": data}))[0].source == ""


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        kapacitor.parse(as_json({"level": "PANIC"}))
    assert caught.value.problems == ["'id' is missing or blank", "'level' must be one of OK, INFO, WARNING, CRITICAL"]

"""Events of Sensu Go, and of Sensu 1."""

from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import sensu
from oncall.ingest.reading import BadEvent
from oncall.models import Severity
from tests.ingest.told import as_json, gist

CPU: dict[str, Any] = {
    "check": {
        "command": "check-cpu.rb -w 75 -c 90",
        "duration": 1.07055808,
        "executed": 1552594757,
        "handlers": ["oncall"],
        "history": [{"executed": 1552594757, "status": 2}],
        "interval": 60,
        "issued": 1552594757,
        "metadata": {
            "name": "check-cpu",
            "namespace": "default",
            "annotations": {"runbook": "https://wiki.example.com"},
        },
        "occurrences": 1,
        "output": "CPU CRITICAL - user=97.20%\n",
        "state": "failing",
        "status": 2,
        "is_silenced": False,
    },
    "entity": {"entity_class": "agent", "metadata": {"name": "webserver01", "namespace": "default"}},
    "id": "3a5948f3-6ffd-4ea2-a41e-334f4a72ca2f",
    "timestamp": 1552594758,
}


def with_check(**changed: Any) -> dict[str, Any]:
    return CPU | {"check": CPU["check"] | changed}


def test_a_check_that_fails_triggers_by_entity_and_check() -> None:
    (event,) = sensu.parse(as_json(CPU))
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, "webserver01/check-cpu")
    assert (event.severity, event.source) == (Severity.CRITICAL, "webserver01")
    assert event.summary == "check-cpu on webserver01: CPU CRITICAL - user=97.20%"


@pytest.mark.parametrize(
    ("status", "told"),
    [(0, ("resolve", "error")), (1, ("trigger", "warning")), (3, ("trigger", "error")), (127, ("trigger", "error"))],
)
def test_the_exit_status_tells(status: int, told: tuple[str, str]) -> None:
    ((action, _, severity),) = gist(sensu.parse(as_json(with_check(status=status))))
    assert (action, severity) == told


def test_another_namespace_is_part_of_the_key() -> None:
    entity = {"metadata": {"name": "webserver01", "namespace": "staging"}}
    assert gist(sensu.parse(as_json(CPU | {"entity": entity})))[0][1] == "staging/webserver01/check-cpu"


def test_what_is_silenced_and_metrics_alone_are_no_problems() -> None:
    assert sensu.parse(as_json(with_check(is_silenced=True))) == []
    assert sensu.parse(as_json({"entity": CPU["entity"], "metrics": {"handlers": ["influx"], "points": []}})) == []


def test_a_recovery_counts_though_it_is_silenced() -> None:
    assert gist(sensu.parse(as_json(with_check(is_silenced=True, status=0))))[0][0] == "resolve"


def test_sensu_1_is_read_too() -> None:
    event = {"client": {"name": "web1"}, "check": {"name": "disk", "status": 1, "output": "full"}, "action": "create"}
    assert gist(sensu.parse(as_json(event))) == [("trigger", "web1/disk", "warning")]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        sensu.parse(as_json({"entity": {"metadata": {}}, "check": {"status": "bad"}}))
    assert caught.value.problems == [
        "'entity.metadata.name' is missing or blank",
        "'check.metadata.name' is missing or blank",
        "'check.status' must be a number: 0 passes, 1 warns, 2 is critical",
    ]

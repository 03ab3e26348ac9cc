"""PRTG's HTTP action: the form of the recipe, with what PRTG puts into it."""

from urllib.parse import urlencode

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import prtg
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity

DOWN = {
    "sensorid": "2042",
    "sensor": "Ping",
    "device": "core-switch-1",
    "host": "192.0.2.1",
    "group": "Network",
    "status": "Down",
    "colorofstate": "#d71920",
    "message": "Request timed out (ICMP error # 11010)",
    "priority": "*****",
    "datetime": "1/5/2026 10:00:00 AM (UTC)",
    "linksensor": "https://prtg.example.com/sensor.htm?id=2042",
}


def parse(**changes: str) -> list[prtg.Event]:
    return prtg.parse(Inbound(urlencode(DOWN | changes).encode()))


def test_a_sensor_that_is_down_triggers() -> None:
    (event,) = parse()
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, "2042", Severity.CRITICAL)
    assert event.summary == "core-switch-1 Ping is down: Request timed out (ICMP error # 11010)"
    assert event.links == [{"href": DOWN["linksensor"], "text": "Sensor in PRTG"}]


@pytest.mark.parametrize("status", ["Up", "Down ended (now: Up)", "Warning ended (now: Up)", "Up (now: Up)"])
def test_it_resolves_when_it_is_up_now(status: str) -> None:
    (event,) = parse(status=status, message="OK")
    assert (event.action, event.dedup_key) == (EventAction.RESOLVE, "2042")


def test_a_state_that_ended_in_another_problem_goes_on() -> None:
    (event,) = parse(status="Down ended (now: Warning)")
    assert (event.action, event.severity) == (EventAction.TRIGGER, Severity.WARNING)


@pytest.mark.parametrize(
    ("status", "severity"),
    [("Warning", Severity.WARNING), ("Unusual", Severity.WARNING), ("Down (Partial)", Severity.ERROR)],
)
def test_the_state_says_how_severe_it_is(status: str, severity: Severity) -> None:
    assert parse(status=status)[0].severity is severity


def test_an_acknowledged_sensor_acknowledges() -> None:
    assert parse(status="Down (Acknowledged)")[0].action is EventAction.ACKNOWLEDGE


@pytest.mark.parametrize("status", ["Paused", "Paused (paused by schedule)", "Unknown"])
def test_a_paused_sensor_is_no_problem(status: str) -> None:
    assert parse(status=status) == []


def test_in_another_language_the_colour_says_the_state() -> None:
    assert parse(status="Fehler")[0].severity is Severity.CRITICAL
    assert parse(status="OK", colorofstate="#b4cc38")[0].action is EventAction.RESOLVE
    assert parse(status="Pausiert", colorofstate="#447fc1") == []


def test_placeholders_that_prtg_left_as_they_are_say_nothing() -> None:
    (event,) = parse(sensorid="%sensorid", message="%message", linksensor="%linksensor")
    assert (event.dedup_key, event.summary, event.links) == ("core-switch-1/Ping", "core-switch-1 Ping is down", [])


def test_a_limit_that_somebody_set_pages() -> None:
    assert parse(status="Limit reached", colorofstate="")[0].action is EventAction.TRIGGER


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        prtg.parse(Inbound(b"sensorid=%sensorid&status="))
    assert refused.value.problems == ["'sensorid' is missing or blank", "'status' is missing or blank"]

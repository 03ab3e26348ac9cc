"""Pure: what a condition asks, where a field is found, and which patterns can be used."""

from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.alerts.routing import Condition, RoutingRule, problem_with_field, problem_with_regex, route
from oncall.models import Severity
from tests.schedules.cast import utc

NOON = utc("2026-11-23 12:00")
EVENT = Event(
    EventAction.TRIGGER,
    "disk-db1",
    "Disk full on DB1",
    Severity.CRITICAL,
    "db1",
    labels={"app.kubernetes.io/name": "web", "cluster": "east"},
    details={
        "host": {"tags": ["linux", 7], "cpu.load": 0.5, "up": True},
        "checks": [{"name": "disk"}, "x", {"name": "memory", "hosts": [{"name": "db1"}, {"name": "db2"}]}],
        "none": None,
    },
)


def matches(**condition: Any) -> bool:
    rule = RoutingRule("rule", (Condition(**condition),), suppress=True)
    return route([rule], EVENT, NOON) is rule


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("severity", "critical"),
        ("dedup_key", "disk-db1"),
        ("labels.app.kubernetes.io/name", "web"),
        ("details.host.tags", "linux"),
        ("details.host.tags.1", "7"),
        ("details.host.cpu.load", "0.5"),
        ("details.host.up", "true"),
        ("details.checks.0.name", "disk"),
        ("details.checks.name", "disk"),
        ("details.checks.name", "memory"),
        ("details.checks.hosts.name", "db2"),
    ],
)
def test_a_field_is_found_by_its_path(field: str, text: str) -> None:
    assert matches(field=field, equals=(text,))
    assert matches(field=field, exists=True)
    assert not matches(field=field, equals=(text + "x",))


@pytest.mark.parametrize(
    "field",
    [
        "labels.none",
        "details.none",
        "details.host",
        "details.checks.9.name",
        "details.checks.up",
        "details.checks.name.x",
        "details.a.b",
    ],
)
def test_what_is_not_there_or_no_text_does_not_exist(field: str) -> None:
    assert matches(field=field, exists=False)
    assert not matches(field=field, exists=True)
    assert not matches(field=field, contains="a")


def test_contains_does_not_mind_capitals_and_a_regex_does() -> None:
    assert matches(field="summary", contains="FULL on")
    assert matches(field="summary", matches=r"on DB\d$")
    assert not matches(field="summary", matches=r"on db\d$")
    assert matches(field="summary", matches=r"(?i)on db\d$")


def test_all_that_is_said_must_hold() -> None:
    assert matches(field="labels.cluster", equals=("east", "west"), matches="^e")
    assert not matches(field="labels.cluster", equals=("east", "west"), matches="^w")


def test_a_pattern_that_would_hold_up_others_engines_does_not() -> None:
    """Catastrophic for those that go back: here it takes no time, or the test would hang."""
    evil = Event(EventAction.TRIGGER, "key", "a" * 5000 + "!")
    rule = RoutingRule("rule", (Condition("summary", matches=r"^(a+)+$"),), suppress=True)

    assert route([rule], evil, NOON) is None


@pytest.mark.parametrize(
    ("field", "parts"),
    [
        ("details.parts", ["x"] * 999 + ["a", "b"]),
        ("details.parts.name", [{}] * 999 + [{"name": "a"}, {"name": "b"}]),
        ("details.parts.n.name", [{"n": [{}] * 333}] * 3 + [{"n": [{"name": "a"}, {"name": "b"}]}]),
        ("details.parts.n.name", [{"n": []}] * 999 + [{"n": {"name": "a"}}, {"n": {"name": "b"}}]),
    ],
)
def test_a_message_of_nothing_but_parts_does_not_hold_up_others(field: str, parts: list[Any]) -> None:
    """The first thousand are looked at, however they lie in each other."""
    event = Event(EventAction.TRIGGER, "key", "Disk full", details={"parts": parts})
    rules = {text: RoutingRule(text, (Condition(field, equals=(text,)),)) for text in "ab"}

    assert route([rules["a"]], event, NOON) is rules["a"]
    assert route([rules["b"]], event, NOON) is None


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a{99999}{99999}"])
def test_a_pattern_that_can_t_be_used_is_said_so(pattern: str) -> None:
    assert "no regular expression that can be used" in problem_with_regex(pattern)


def test_fields_that_no_event_has_are_said_so() -> None:
    assert problem_with_field("labels.team") == problem_with_field("source") == ""
    assert "is no field of an event" in problem_with_field("hostname")
    assert "is no field of an event" in problem_with_field("labels")

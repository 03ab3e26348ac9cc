"""The generic tool with expressions on the key: any JSON, whatever its form."""

import json
from typing import Any

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.ingest import generic
from oncall.ingest.expressions import problem_in
from oncall.ingest.reading import BadEvent, Inbound
from oncall.ingest.tool import problem_with
from oncall.models import Severity

BACKUP = {
    "job": {"name": "nightly", "host": "db1"},
    "outcome": {"code": 2, "text": "No space left", "level": "CRIT"},
    "ok": False,
    "pages": [{"url": "https://backup.example.com/1", "title": "Log"}, "https://wiki.example.com/backup"],
}
OPTIONS = {
    "summary": "join(': ', [job.name, outcome.text])",
    "dedup_key": "join('/', [job.host, job.name])",
    "action": "ok && 'resolve' || 'trigger'",
    "severity": "outcome.level",
    "source": "job.host",
    "links": "pages",
    "details": "outcome",
}


def parse_all(message: Any, **options: str) -> list[Event]:
    return generic.parse(Inbound(json.dumps(message).encode(), options))


def parse(message: Any, **options: str) -> Event:
    (event,) = parse_all(message, **options)
    return event


def test_each_field_is_where_its_expression_says() -> None:
    assert parse(BACKUP, **OPTIONS) == Event(
        EventAction.TRIGGER,
        "db1/nightly",
        summary="nightly: No space left",
        severity=Severity.CRITICAL,
        source="db1",
        details=BACKUP["outcome"],
        links=[
            {"href": "https://backup.example.com/1", "text": "Log"},
            {"href": "https://wiki.example.com/backup", "text": "Open in the sending tool"},
        ],
    )


def test_an_expression_may_look_at_a_state_to_resolve() -> None:
    event = parse(BACKUP | {"ok": True}, **OPTIONS)
    assert (event.action, event.dedup_key) == (EventAction.RESOLVE, "db1/nightly")


def test_what_no_option_says_is_looked_for_as_without_any() -> None:
    event = parse({"summary": "Disk full", "status": "firing", "n": 7, "level": "warn"}, severity="level")
    assert (event.summary, event.severity, event.details["n"]) == ("Disk full", Severity.WARNING, 7)


def test_a_message_that_an_expression_ignores_makes_nothing() -> None:
    options = {"action": "kind == 'test' && 'ignore' || 'trigger'"}
    assert parse_all({"kind": "test", "summary": "x"}, **options) == []
    assert len(parse_all({"kind": "real", "summary": "x"}, **options)) == 1


def test_a_list_is_an_event_each_and_the_whole_is_there_with_a_dollar() -> None:
    message = {
        "cluster": "eu-1",
        "alerts": [
            {"id": 1, "title": "Disk full", "status": "firing"},
            {"id": 2, "title": "Load", "status": "resolved"},
        ],
    }
    first, second = parse_all(message, each="alerts[*]", source="$.cluster", details="{cluster: id}")
    assert (first.action, first.dedup_key, first.summary) == (EventAction.TRIGGER, "1", "Disk full")
    assert (second.action, second.dedup_key) == (EventAction.RESOLVE, "2")
    assert (first.source, second.source, first.details) == ("eu-1", "eu-1", {"cluster": 1})


def test_the_message_itself_may_be_a_list_and_an_empty_one_is_no_problem() -> None:
    assert len(parse_all([{"summary": "a"}, {"summary": "b"}], each="@")) == 2
    assert parse_all({"alerts": []}, each="alerts") == []
    with pytest.raises(BadEvent, match="each finds no list"):
        parse_all({"alerts": {}}, each="alerts.all")


def test_faults_are_told_with_the_part_that_has_them() -> None:
    with pytest.raises(BadEvent) as refused:
        parse_all([{"summary": "a"}, {"n": 1}, 7], each="@")
    assert [problem.split(":")[0] for problem in refused.value.problems] == ["part 1", "part 2"]


def test_a_message_that_an_expression_does_not_fit_is_refused_with_the_option() -> None:
    with pytest.raises(BadEvent, match="the option summary does not fit this message"):
        parse({"title": None}, summary="length(title)")
    with pytest.raises(BadEvent, match="severity makes of this message is a number that is too large"):
        parse({"summary": "x", "n": "1e400"}, severity="to_number(n)")


def test_an_expression_can_t_make_a_small_message_a_large_one() -> None:
    twice = "[@, @]"
    with pytest.raises(BadEvent, match="details makes of this message has more than 50,000 parts"):
        parse({"summary": "x"}, details=" | ".join([twice] * 16))


DOUBLED = " | ".join(["[@, @]"] * 40)


@pytest.mark.parametrize(
    "expression",
    [
        " | ".join(["[@, @][]"] * 30),
        " | ".join(["join('', [@, @])"] * 50),
        f"{DOUBLED} | to_string(@)",
        f"[{DOUBLED}, {DOUBLED}] | [0] == [1]",
    ],
)
def test_an_expression_that_doubles_what_it_has_again_and_again_is_stopped_before_memory_is(expression: str) -> None:
    assert problem_in(expression) == ""
    with pytest.raises(BadEvent, match="the option details does not fit this message: it takes more than 500,000 st"):
        parse({"summary": "x" * 64}, details=f"summary | {expression}")


def test_what_one_message_may_take_is_shared_by_all_its_parts() -> None:
    alerts = [{"title": f"Disk {number}"} for number in range(500)]
    assert len(parse_all({"alerts": alerts}, each="alerts", summary="title", source="$.length(alerts)")) == 500
    with pytest.raises(BadEvent, match="part 499: the option summary does not fit this message: it takes more than"):
        parse_all({"alerts": alerts}, each="alerts", summary="$.join(' ', alerts[*].title)")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("alert.", "is no JMESPath"),
        ("", ""),
        ("alerts[", "is no JMESPath"),
        ("nosuch(@)", "calls nosuch(), which JMESPath does not have"),
        ("a && (b || shout(c))", "calls shout()"),
        ("length(a, b)", "calls length() with 2 arguments"),
        ("merge(@)", ""),
        ("not_null(a, b, c)", ""),
        ("$.status", ""),
        ("$", ""),
        ("a" * 1_001, "is longer than 1,000 characters"),
        ("[" * 900, "is no JMESPath"),
    ],
)
def test_an_expression_that_can_t_work_is_told_before_it_is_kept(expression: str, said: str) -> None:
    problem = problem_in(expression) if expression else ""
    assert said in problem
    assert bool(said) == bool(problem)


def test_what_is_told_is_one_line_that_ends_with_the_fault() -> None:
    assert problem_in("alerts[") == "is no JMESPath: Invalid jmespath expression: Incomplete expression"
    assert problem_in("a ? b") == "is no JMESPath: Bad jmespath expression: Unknown token ?"


def test_the_option_is_named_in_what_is_told() -> None:
    assert problem_with(generic.TOOL, {"summary": "title", "links": "x["}).startswith("the option links is no JMESPath")
    assert problem_with(generic.TOOL, {"summary": "title", "links": ""}) == ""

"""What holds for every sending tool: its samples are read, its faults told, and it can be set up from its recipe."""

from datetime import UTC, datetime

import pytest

from oncall.alerts.event import DEDUP_KEY_MAX, SUMMARY_MAX, Event, EventAction
from oncall.ingest.reading import BadEvent, Inbound
from oncall.ingest.registry import TOOLS
from oncall.ingest.tool import URL, Sample, filled, problem_with

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)

every_tool = pytest.mark.parametrize("name", sorted(TOOLS))


def read(name: str, sample: Sample) -> list[Event]:
    return TOOLS[name].parse(Inbound(sample.body, {}, sample.headers, sample.query, NOW))


@every_tool
def test_a_sample_triggers(name: str) -> None:
    events = read(name, TOOLS[name].trigger)
    assert events
    for event in events:
        assert event.action is EventAction.TRIGGER
        assert 0 < len(event.summary) <= SUMMARY_MAX
        assert 0 < len(event.dedup_key) <= DEDUP_KEY_MAX


@every_tool
def test_what_the_tool_sends_when_it_is_over_resolves_the_same(name: str) -> None:
    resolve = TOOLS[name].resolve
    if resolve is None:
        return
    triggered = {event.dedup_key for event in read(name, TOOLS[name].trigger)}
    events = read(name, resolve)
    assert {event.action for event in events} == {EventAction.RESOLVE}
    assert {event.dedup_key for event in events} == triggered


@every_tool
@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"[[" * 5000, b"a=b&c=%ff"])
def test_what_is_no_message_of_the_tool_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(BadEvent) as refused:
        TOOLS[name].parse(Inbound(body, at=NOW))
    assert refused.value.problems


@every_tool
def test_its_recipe_gives_the_address(name: str) -> None:
    steps = filled(TOOLS[name].recipe, "https://oncall.example.com/ingest/it/s3cret", "s3cret")
    assert any("https://oncall.example.com/ingest/it/s3cret" in step.paste for step in steps)
    assert not any(URL in step.paste for step in steps)


def test_an_option_that_a_tool_does_not_have_is_told() -> None:
    assert problem_with(TOOLS["alertmanager"], {"group": "true"}) == ""
    assert problem_with(TOOLS["alertmanager"], {"gruop": "true"}) == (
        "Prometheus Alertmanager has no option “gruop”: known are group"
    )

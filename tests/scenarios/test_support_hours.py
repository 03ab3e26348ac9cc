"""Outside support hours an alert can wait; when they begin and nobody has answered, it can't."""

from collections.abc import Iterator

import pytest

from oncall.models import Urgency
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, World

HOURS = """
services:
  - {name: web, support_hours: {hours: "Mon-Fri 10:00-17:00", timezone: America/New_York}}
"""  # it is 09:00 there


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        world.apply(HOURS)
        yield world


def test_it_is_paged_quietly_before_and_from_the_first_step_when_they_begin(settings: Settings) -> None:
    with World(settings) as world:
        world.apply(HOURS)
        world.fire()
        assert world.alert().urgency is Urgency.LOW
        world.advance(minutes=59)
        assert world.numbers_texted()[:2] == [ALICE, BOB]
        assert {call.to for call in world.calls()} == {BOB}  # who has no rule for low urgency

        world.advance(minutes=1)

        assert world.alert().urgency is Urgency.HIGH
        assert world.numbers_texted() == [ALICE]
        assert "+60 Support hours have begun: it is urgent now, paging again from the first step" in world.story()
        assert "+60 Paged Alice Archer (dev L1): support hours have begun" in world.story()
        world.advance(minutes=2)
        assert [call.to for call in world.calls()] == [ALICE]
        world.reply(ALICE, "ack 1")


def test_whoever_has_answered_is_left_in_peace(world: World) -> None:
    world.fire()
    world.reply(ALICE, "ack 1")
    world.advance(hours=3)
    assert world.numbers_texted() == [ALICE]
    assert world.alert().urgency is Urgency.LOW


def test_a_snooze_that_ends_in_support_hours_ends_urgently(world: World) -> None:
    world.fire()
    world.snooze(minutes=90)
    world.advance(minutes=90)
    assert world.numbers_texted() == [ALICE, ALICE]
    assert world.alert().urgency is Urgency.HIGH
    assert "+90 Support hours have begun: it is urgent now" in world.story()
    world.clear()


def test_a_snooze_that_ends_outside_of_them_again_waits_for_the_next(world: World) -> None:
    world.fire()
    world.snooze(hours=9)
    world.advance(hours=9)
    assert world.alert().urgency is Urgency.LOW
    rises_at = world.alert().urgency_rises_at
    assert rises_at is not None
    assert rises_at.isoformat() == "2026-11-24T15:00:00+00:00"
    world.clear()
    world.texts()


def test_after_the_last_step_it_still_rises(world: World) -> None:
    world.apply(
        'escalation_policies: [{name: dev, repeat: 0, fallback: null, steps: [{page: ["user:alice"], wait: 5m}]}]'
    )
    world.fire()
    world.advance(minutes=59)
    assert world.numbers_texted() == [ALICE]
    assert any("Every step has been tried" in line for line in world.story())
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack 1")


def test_a_service_that_is_never_urgent_calls_nobody(world: World) -> None:
    world.apply("services: [{name: web, support_hours: null, urgency: low}]")
    world.fire(severity="critical")
    world.advance(minutes=4)
    assert (world.numbers_texted(), world.calls()) == ([ALICE], [])
    world.clear()

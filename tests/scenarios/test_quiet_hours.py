"""Alice sleeps from 22:00 to 07:00: what can wait does, and says so; what can't does not."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from oncall.models import Urgency
from oncall.settings import Settings
from tests.conftest import Contents
from tests.scenarios.world import ALICE, BEGINS, BOB, COMPANY, World

NIGHT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 23:00 in New York
QUIET = 'users: [{handle: alice, quiet_hours: {hours: "22:00-07:00"}}]'


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY, QUIET))


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        world.clock.now = NIGHT
        yield world


def test_what_can_wait_waits_until_they_end_and_the_next_step_waits_for_that(world: World) -> None:
    world.fire(severity="warning")
    assert world.story()[1:] == [
        "+0 Paged Alice Archer (dev L1): the alert triggered",
        "+0 Alice Archer has quiet hours and is told when they end, Tue 07:00 EST",
    ]
    world.advance(hours=7, minutes=59)
    assert world.texts() == []
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    world.advance(minutes=5)
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")


def test_an_urgent_alert_does_not_wait(world: World) -> None:
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_one_that_becomes_urgent_goes_at_once_and_escalates_from_then_on(world: World) -> None:
    world.fire(severity="warning")
    world.advance(hours=1)
    world.fire(severity="critical")
    assert world.alert().urgency is Urgency.HIGH
    assert world.numbers_texted() == [ALICE]
    assert "+60 It has become urgent: Alice Archer paged again, by the ways for urgent alerts" in world.story()
    world.advance(minutes=2)
    assert [call.to for call in world.calls()] == [ALICE], "as her rules for urgent alerts have it"
    world.advance(minutes=3)
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")


def test_whoever_was_told_quietly_before_is_paged_as_for_an_urgent_alert(world: World) -> None:
    world.clock.now = NIGHT.replace(hour=2)  # 21:00
    world.fire(severity="warning")
    assert world.numbers_texted() == [ALICE]
    world.advance(minutes=1)
    world.fire(severity="critical")
    ((number, text),) = world.texts()
    assert (number, text.startswith("CRITICAL")) == (ALICE, True)
    world.advance(minutes=2)
    assert [call.to for call in world.calls()] == [ALICE]
    world.reply(ALICE, "ack")


def test_whoever_has_it_is_not_paged_again_when_it_becomes_urgent(world: World) -> None:
    world.clock.now = NIGHT.replace(hour=2)
    world.fire(severity="warning")
    world.reply(ALICE, "ack")
    world.fire(severity="critical")
    world.advance(minutes=10)
    assert world.numbers_texted() == [ALICE]


def test_the_next_way_after_a_failure_waits_too(world: World) -> None:
    world.clock.now = NIGHT.replace(hour=2, minute=59)  # 21:59
    world.fire(severity="warning")
    (text,) = world.twilio.take_messages()
    world.advance(minutes=2)
    world.twilio.report(text, "undelivered", ErrorCode="30005")
    world.settle()
    assert world.calls() == []
    assert world.story()[-1] == "+2 Call to Alice Archer comes when their quiet hours end, since the way before failed"
    world.reply(BOB, "resolve 1")


def test_resolved_in_the_night_it_is_never_told(world: World) -> None:
    world.fire(severity="warning")
    world.clear()
    world.advance(hours=9)
    assert world.texts() == []


def test_whoever_escalates_to_somebody_with_quiet_hours_learns_that_nobody_is_told_yet(world: World) -> None:
    world.apply('users: [{handle: alice, quiet_hours: null}, {handle: bob, quiet_hours: {hours: "22:00-07:00"}}]')
    world.fire(severity="warning")
    assert world.numbers_texted() == [ALICE]
    answer = world.reply(ALICE, "esc")
    assert answer == "#1 escalated to Bob Nguyen (quiet hours: told when they end): Disk full on db1"
    world.reply(ALICE, "ack")

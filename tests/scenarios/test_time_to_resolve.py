"""What is acknowledged and not resolved in time pages again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.lifecycle.alert import AlertStatus
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, World


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        world.apply("escalation_policies: [{name: dev, acknowledge_timeout: 30m}]")
        yield world


def test_what_is_not_resolved_in_time_pages_again_from_the_first_step(world: World) -> None:
    world.fire()
    world.advance(minutes=5)
    world.reply(BOB, "ack 1")
    assert (world.numbers_texted(), len(world.calls())) == ([ALICE, BOB], 1)
    world.advance(minutes=29)
    assert world.texts() == []

    world.advance(minutes=1)

    assert world.numbers_texted() == [ALICE]
    assert world.alert().status is AlertStatus.TRIGGERED
    assert world.alert().acknowledged_by_id is None
    assert world.story()[-4:] == [
        "+5 Acknowledged by Bob Nguyen by text, to be resolved within 30 min",
        "+35 Acknowledged, but not resolved within 30 min: paging again from the first step",
        "+35 Paged Alice Archer (dev L1): not resolved within 30 min",
        "+35 Text to Alice Archer sent",
    ]
    world.reply(ALICE, "resolve 1")
    world.advance(hours=2)


def test_to_acknowledge_again_begins_the_time_anew(world: World) -> None:
    world.fire()
    world.reply(ALICE, "ack 1")
    world.advance(minutes=20)
    world.reply(ALICE, "ack 1")
    assert world.numbers_texted() == [ALICE]
    assert "+20 Acknowledged again by Alice Archer by text, to be resolved within 30 min" in world.story()
    world.advance(minutes=29)
    assert world.texts() == []
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    world.clear()


def test_a_snooze_takes_its_place(world: World) -> None:
    world.fire()
    world.reply(ALICE, "ack 1")
    world.snooze(minutes=60)
    world.advance(minutes=59)
    assert world.numbers_texted() == [ALICE]
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    assert "+60 The snooze has ended: paging again from the first step" in world.story()
    world.clear()


def test_monitorings_acknowledgement_ends_too(settings: Settings) -> None:
    with World(settings) as world:
        world.apply("escalation_policies: [{name: dev, acknowledge_timeout: 30m}]")
        world.fire()
        world._enqueue({"event_action": "acknowledge", "dedup_key": "disk-db1"})
        assert world.alert().status is AlertStatus.ACKNOWLEDGED
        world.advance(minutes=29)
        assert world.numbers_texted() == [ALICE]
        assert world.calls() == []
        world.advance(minutes=1)
        assert world.numbers_texted() == [ALICE]
        world.clear()


def test_an_alert_keeps_the_time_that_its_policy_had_when_it_triggered(world: World) -> None:
    world.fire()
    world.apply("escalation_policies: [{name: dev, acknowledge_timeout: null}]")
    world.reply(ALICE, "ack 1")
    world.advance(minutes=30)
    assert world.numbers_texted() == [ALICE, ALICE]
    world.clear()


def test_what_a_tool_triggers_and_acknowledges_at_once_ends_too(world: World) -> None:
    with world.database.transaction() as session:
        source = source_of(session, 1, "events")
        happened = [EventAction.TRIGGER, EventAction.ACKNOWLEDGE]
        take_in(session, [(source, Event(action, "disk", "Disk full")) for action in happened], world.clock())
    world.advance(minutes=29)
    assert world.texts() == []
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    world.clear(key="disk")


def test_many_that_are_acknowledged_at_once_have_their_time_each(world: World) -> None:
    for number in range(10):
        world.fire(key=f"disk-{number}")
    world.advance(minutes=1)
    assert world.reply(ALICE, "ack all").startswith("10 alerts acknowledged")
    world.texts()
    due = {world.alert(number).next_step_at for number in range(1, 11)}
    assert due == {world.clock.now + timedelta(minutes=30)}
    assert world.reply(ALICE, "resolve all").startswith("10 alerts resolved")

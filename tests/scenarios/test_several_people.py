"""Steps that one of several answers in turn, and alerts that more than one must acknowledge."""

from collections.abc import Iterator

import pytest

from oncall.errors import Conflict
from oncall.lifecycle.alert import AlertStatus
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, CAROL, World


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        yield world


def with_steps(world: World, *steps: str, rest: str = "") -> None:
    listed = ", ".join(f"{{{step}}}" for step in steps)
    world.apply(f"escalation_policies: [{{name: dev, steps: [{listed}]{rest}}}]")


def fire_and_resolve(world: World, times: int, key: str) -> list[str]:
    paged = []
    for number in range(times):
        world.fire(key=f"{key}{number}")
        world.advance(seconds=1)
        paged += world.numbers_texted()
        world.clear(key=f"{key}{number}")
    return paged


def test_a_round_robin_step_pages_one_person_an_alert_in_turn(settings: Settings) -> None:
    with World(settings) as world:
        with_steps(world, "page: ['team:dev', 'user:carol'], wait: 5m, round_robin: true")

        assert fire_and_resolve(world, 4, "a") == [ALICE, BOB, CAROL, ALICE]
        assert "+0 Paged Bob Nguyen (team dev), in turn: the alert triggered" in world.story(2)


def test_turns_go_on_where_they_were_after_an_edit_of_the_policy_and_a_restart(world: World) -> None:
    with_steps(world, "page: ['team:dev', 'user:carol'], wait: 5m, round_robin: true")
    assert fire_and_resolve(world, 1, "a") == [ALICE]
    with_steps(world, "page: ['team:dev', 'user:carol'], wait: 9m, round_robin: true")
    world.restart_engine()

    assert fire_and_resolve(world, 2, "b") == [BOB, CAROL]


def test_a_later_step_has_turns_of_its_own(world: World) -> None:
    with_steps(world, "page: ['user:carol'], wait: 5m", "page: ['team:dev'], wait: 5m, round_robin: true")
    world.fire()
    world.advance(minutes=5)

    assert world.numbers_texted() == [CAROL, ALICE]
    assert "+5 Paged Alice Archer (team dev), in turn: no answer from Carol Silva for 5 min" in world.story()
    world.reply(ALICE, "ack")


def test_an_alert_that_needs_two_acknowledgements_stays_triggered_after_one(world: World) -> None:
    with_steps(world, "page: ['team:dev'], wait: 5m, acknowledgements: 2", "page: ['user:carol'], wait: 5m")
    world.fire()
    assert world.numbers_texted() == [ALICE, BOB]

    said = world.reply(ALICE, "ack 1")

    assert said == "#1 acknowledged by you, 1 of 2 have acknowledged: Disk full on db1"
    assert world.alert().status is AlertStatus.TRIGGERED
    assert world.reply(ALICE, "ack 1") == said  # twice is no second person
    world.advance(minutes=4)
    assert [call.to for call in world.calls()] == [BOB]  # Alice is left in peace

    assert world.reply(BOB, "ack 1") == "#1 acknowledged: Disk full on db1"

    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    world.advance(hours=1)
    assert [line for line in world.story() if "cknowledged" in line] == [
        "+0 Acknowledged by Alice Archer by text: 1 of 2 have acknowledged",
        "+4 Acknowledged by Bob Nguyen by text: 2 of 2 have acknowledged",
    ]


def test_without_the_second_acknowledgement_it_escalates_and_leaves_the_first_in_peace(world: World) -> None:
    with_steps(world, "page: ['team:dev'], wait: 5m, acknowledgements: 2", "page: ['team:dev', 'user:carol'], wait: 5m")
    world.fire()
    world.reply(ALICE, "ack 1")
    world.advance(minutes=5)

    assert world.numbers_texted() == [ALICE, BOB, BOB, CAROL]
    assert [call.to for call in world.calls()] == [BOB]
    assert "+5 Alice Archer was not paged: has acknowledged" in world.story()
    assert "+5 Paged Carol Silva: no answer from Bob Nguyen for 5 min" in world.story()

    world.reply(CAROL, "ack 1")  # this step needs one
    assert world.alert().status is AlertStatus.ACKNOWLEDGED


def test_after_the_last_step_whoever_has_acknowledged_is_still_left_in_peace(world: World) -> None:
    with_steps(world, "page: ['team:dev'], wait: 5m, acknowledgements: 2", rest=", repeat: 0, fallback: null")
    world.fire()
    world.reply(ALICE, "ack 1")
    world.advance(minutes=10)
    assert (world.numbers_texted(), len(world.calls())) == ([ALICE, BOB], 1)

    world.reply(BOB, "esc 1")

    assert world.numbers_texted() == [BOB]
    world.clear()


def test_one_alone_can_t_snooze_what_two_must_acknowledge(world: World) -> None:
    with_steps(world, "page: ['team:dev'], wait: 5m, acknowledgements: 2")
    world.fire()
    with pytest.raises(Conflict, match="0 of 2 have acknowledged: it can be snoozed once enough people have"):
        world.snooze(minutes=30)
    world.reply(ALICE, "ack 1"), world.reply(BOB, "ack 1")
    world.snooze(minutes=30)
    world.texts()
    world.clear()


def test_monitorings_own_acknowledgement_is_enough(world: World) -> None:
    with_steps(world, "page: ['team:dev'], wait: 5m, acknowledgements: 2")
    world.fire()
    world._enqueue({"event_action": "acknowledge", "dedup_key": "disk-db1"})

    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    assert world.numbers_texted() == [ALICE, BOB]


def test_after_an_escalation_of_what_two_had_acknowledged_both_are_asked_again(world: World) -> None:
    with_steps(world, "page: ['team:dev'], wait: 5m, acknowledgements: 2", rest=", repeat: 1")
    world.fire()
    world.reply(ALICE, "ack 1"), world.reply(BOB, "ack 1")
    world.texts()

    world.reply(BOB, "esc 1")
    world.advance(seconds=1)

    assert world.numbers_texted() == [ALICE, BOB]
    world.clear()


def test_of_many_that_two_must_acknowledge_one_answer_is_one_of_two_each(settings: Settings) -> None:
    with World(settings) as world:
        with_steps(world, "page: ['team:dev'], wait: 5m, acknowledgements: 2")
        for number in range(10):
            world.fire(key=f"disk-{number}")
        world.advance(minutes=1)
        world.texts()
        said = world.reply(ALICE, "ack all")
        assert said == (
            "10 alerts acknowledged by you, waiting for others to do so, too: #1, #2, #3, #4, #5, #6, #7, #8 and 2 more"
        )
        assert {world.alert(number).status for number in range(1, 11)} == {AlertStatus.TRIGGERED}
        assert world.reply(BOB, "ack all") == "10 alerts acknowledged: #1, #2, #3, #4, #5, #6, #7, #8 and 2 more"
        assert {world.alert(number).status for number in range(1, 11)} == {AlertStatus.ACKNOWLEDGED}


@pytest.mark.parametrize("alone", [2, 20], ids=["few", "many"])
def test_of_a_mixture_it_is_said_which_wait_for_others(world: World, alone: int) -> None:
    for number in range(alone):
        world.fire(key=f"one-{number}")
    with_steps(world, "page: ['team:dev'], wait: 5m, acknowledgements: 2")
    world.fire(key="two")
    world.advance(minutes=1)
    world.texts()
    said = world.reply(ALICE, "ack all")
    assert said.startswith(f"{alone} alerts acknowledged: #1, #2")
    assert said.endswith(f"; 1 alert acknowledged by you, waiting for others to do so, too: #{alone + 1}")
    world.reply(BOB, "ack all")

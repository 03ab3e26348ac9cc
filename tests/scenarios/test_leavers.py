"""Somebody retires while they are being paged: the alert does not wait for them."""

from collections.abc import Iterator

import pytest

from oncall.people.people import find_user
from oncall.people.retiring import retire
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, World

BOTH_TOGETHER = """
escalation_policies:
  - {name: dev, steps: [{page: ["schedule:dev/L1", "schedule:dev/L2"], wait: 5m}], repeat: 1}
"""


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        yield world


def retires(world: World, handle: str) -> None:
    with world.database.transaction() as session:
        leaver, admin = find_user(session, handle), find_user(session, "carol")
        retire(session, world.settings, leaver, admin, world.clock(), confirm=True)
    world.settle()


def test_whoever_has_their_place_now_is_paged_at_once(world: World) -> None:
    world.fire()
    assert world.numbers_texted() == [ALICE]

    retires(world, "alice")

    assert world.numbers_texted() == [BOB], "who is L1 now"
    assert "+0 Alice Archer, who was paged, has retired: whoever is there now is paged" in world.story()
    assert world.reply(BOB, "ack") == "#1 acknowledged: Disk full on db1"
    world.advance(minutes=30)


def test_one_whose_steps_have_all_been_run_is_paged_once_more(world: World) -> None:
    world.apply(
        "escalation_policies: [{name: dev, repeat: 0, fallback: null, steps: [{page: ['schedule:dev/L1'], wait: 5m}]}]"
    )
    world.fire()
    world.advance(minutes=30)
    assert (world.numbers_texted(), [call.to for call in world.calls()]) == ([ALICE], [ALICE])

    retires(world, "alice")

    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")


def test_where_others_were_paged_too_they_are_not_disturbed(world: World) -> None:
    world.apply(BOTH_TOGETHER)
    world.fire()
    assert sorted(world.numbers_texted()) == [ALICE, BOB]

    retires(world, "alice")

    assert world.numbers_texted() == []
    world.reply(BOB, "ack")


def test_what_is_under_way_to_them_is_not_tried_again(world: World) -> None:
    world.twilio.fail_next(status=503)
    world.fire()

    retires(world, "alice")
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")
    world.advance(minutes=10)
    assert world.numbers_texted() == []

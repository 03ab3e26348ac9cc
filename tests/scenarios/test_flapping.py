"""A check that fails and recovers again and again pages once, and then only when it matters."""

from tests.scenarios.world import ALICE, World


def flap(world: World, times: int) -> None:
    """Triggered and resolved, a minute apart."""
    for _ in range(times):
        world.fire()
        world.advance(seconds=30)
        world.clear()
        world.advance(seconds=30)


def test_the_fifth_time_is_paged_as_flapping_and_the_next_are_not(world: World) -> None:
    flap(world, 4)
    assert world.numbers_texted() == [ALICE] * 4
    world.fire()
    ((_, text),) = world.texts()
    assert text.startswith("CRITICAL web: Flapping, 5 times: Disk full on db1. Reply 5a")
    assert world.story(5)[1] == (
        "+0 Flapping: 5 times in 4 min. Paging again only if it stays open for 5 min or gets worse"
    )
    world.clear()
    flap(world, 3)
    assert world.texts() == []
    assert [world.alert(number).flaps for number in (4, 5, 6, 8)] == [0, 5, 6, 8]
    assert [line.partition(" ")[2] for line in world.story(8)] == [
        "Triggered by events (pagerduty): Disk full on db1",
        "Flapping: 8 times in 6 min. Not paged unless it stays open for 5 min or gets worse",
        "Resolved by events (pagerduty)",
    ]


def test_one_that_stays_open_is_paged(world: World) -> None:
    flap(world, 5)
    world.texts()
    world.fire()
    world.advance(minutes=4)
    assert world.texts() == []
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    assert "+5 Paged Alice Archer (dev L1): it is flapping, and open for 5 min" in world.story(6)
    world.reply(ALICE, "ack")


def test_one_that_gets_worse_is_paged_at_once(world: World) -> None:
    flap(world, 5)
    world.texts()
    world.fire(severity="error")
    world.fire(severity="error")
    assert world.texts() == []
    world.fire(severity="critical")
    assert world.numbers_texted() == [ALICE]
    assert "+0 Flapping, and worse than before: paging now" in world.story(6)
    world.reply(ALICE, "ack")


def test_it_ends_when_it_has_been_quiet(world: World) -> None:
    flap(world, 6)
    world.texts()
    world.advance(minutes=11)
    world.fire()
    assert world.numbers_texted() == [ALICE]
    assert world.alert(7).flaps == 0
    world.reply(ALICE, "ack")


def test_other_keys_are_not_held_against_it(world: World) -> None:
    flap(world, 6)
    world.texts()
    world.advance(seconds=30)
    world.fire("Queue is long", key="queue")
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_a_service_may_have_numbers_of_its_own(world: World) -> None:
    world.apply("services: [{name: web, flapping: {times: 1, within: 30m, stays: 2m}}]")
    flap(world, 2)
    assert world.numbers_texted() == [ALICE] * 2
    assert (
        world.story(2)[1] == "+0 Flapping: 2 times in 1 min. Paging again only if it stays open for 2 min or gets worse"
    )
    world.advance(minutes=15)
    world.fire()
    assert world.texts() == []
    world.advance(minutes=2)
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_with_no_times_whatever_triggers_is_paged(world: World) -> None:
    world.apply("services: [{name: web, flapping: {times: 0}}]")
    flap(world, 7)
    assert world.numbers_texted() == [ALICE] * 7
    assert world.alert(7).flaps == 0

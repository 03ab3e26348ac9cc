"""Alerts that are resolved by themselves, and those that come back soon after."""

from datetime import timedelta

from tests.scenarios.world import ALICE, BOB, World

QUIET = "services: [{name: web, auto_resolve: 4h}]"
BACK = "services: [{name: web, reopen_within: 10m}]"


def test_so_long_after_its_last_event_it_is_resolved_by_itself(world: World) -> None:
    world.apply(QUIET)
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")
    world.advance(hours=3)
    world.fire()
    world.advance(hours=3, minutes=59)
    assert world.alert().status == "acknowledged"

    world.advance(minutes=1)
    assert world.alert().status == "resolved"
    assert world.story()[-1] == "+420 Resolved by itself: no event for 4 h"


def test_resolving_itself_stops_the_paging(world: World) -> None:
    world.apply(QUIET.replace("4h", "3m"))
    world.fire()
    world.advance(minutes=1)
    assert world.numbers_texted() == [ALICE]
    world.advance(minutes=2)
    world.calls()
    world.advance(minutes=60)
    assert world.alert().status == "resolved"


def test_what_comes_back_soon_is_the_same_alert_and_pages_again(world: World) -> None:
    world.apply(BACK)
    world.fire()
    world.advance(minutes=1)
    world.reply(ALICE, "resolve")
    world.texts()
    world.advance(minutes=9)
    world.fire("Disk full again on db1")

    assert world.alert().status == "triggered"
    assert world.alert().event_count == 2
    assert world.numbers_texted() == [ALICE]
    assert [line for line in world.story() if line.startswith("+10 ")][:2] == [
        "+10 Re-opened by events (pagerduty), 9 min after it was resolved: Disk full again on db1",
        "+10 Paged Alice Archer (dev L1): it came back after it was resolved",
    ]
    world.advance(minutes=5)
    assert world.numbers_texted() == [BOB]
    world.calls()
    world.reply(BOB, "ack")


def test_who_answered_first_did_so_before_it_came_back(world: World) -> None:
    world.apply(BACK)
    world.fire()
    world.advance(minutes=1)
    world.reply(ALICE, "ack")
    world.clear()
    world.fire()
    world.advance(minutes=1)
    world.reply(ALICE, "ack")

    alert = world.alert()
    assert (alert.first_acknowledged_at or alert.triggered_at) - alert.triggered_at == timedelta(minutes=1)
    world.texts()


def test_what_comes_back_later_is_another_alert(world: World) -> None:
    world.apply(BACK)
    world.fire()
    world.reply(ALICE, "resolve")
    world.advance(minutes=11)
    world.fire()
    assert world.alert(2).status == "triggered"
    assert world.numbers_texted() == [ALICE] * 2
    world.reply(ALICE, "ack")


def test_without_the_setting_nothing_is_reopened(world: World) -> None:
    world.fire()
    world.clear()
    world.fire()
    assert world.alert(2).status == "triggered"
    world.texts()
    world.reply(ALICE, "ack all")


def test_one_that_is_reopened_again_and_again_is_flapping(world: World) -> None:
    world.apply(BACK)
    for _ in range(7):
        world.fire()
        world.advance(seconds=30)
        world.clear()
        world.advance(seconds=30)

    assert world.numbers_texted() == [ALICE] * 5
    assert [line for line in world.story() if "Not paged unless" in line]
    assert world.alert().flaps == 7


def test_in_maintenance_what_comes_back_is_not_paged(world: World) -> None:
    world.apply(BACK)
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.clear()
    world.apply("maintenance: [{name: m, service: web, start: 2026-11-23T14:00, end: 2026-11-23T15:00, timezone: UTC}]")
    world.fire()
    assert world.texts() == []
    world.clear()

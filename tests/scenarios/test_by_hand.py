"""Somebody pages whoever is on call: nothing that is there to keep machines quiet holds it back."""

from collections.abc import Iterator

import pytest

from oncall.alerts.actions import Actor
from oncall.alerts.by_hand import page_schedule
from oncall.people.people import find_user
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, KEY, World

MAINTENANCE = """
maintenance:
  - {name: upgrade, service: web, start: 2026-11-23T08:00, end: 2026-11-23T12:00, timezone: America/New_York}
"""
QUIET = """
users: [{handle: alice, quiet_hours: {hours: "08:00-20:00"}}]
services: [{name: web, escalation_policy: dev, support_hours: {hours: Sun, timezone: UTC}}]
"""
GROUPED = "services: [{name: web, escalation_policy: dev, grouping: {within: 10m}}]"
BEHIND_DB = f"""
services:
  - {{name: web, escalation_policy: dev, depends_on: db, integration_keys: []}}
  - {{name: db, escalation_policy: dev, integration_keys: [{{name: events, tool: pagerduty, key: "{KEY}"}}]}}
"""


NOBODY = """
schedules: [{name: night, timezone: UTC, levels: [L1]}]
escalation_policies: [{name: night, repeat: 1, steps: [{page: ["schedule:night/L1"], wait: 5m}]}]
services: [{name: web, escalation_policy: night}]
"""
SOMEBODY = """
schedules:
  - {name: night, overrides: [{level: L1, user: alice, start: 2026-11-23T00:00, end: 2026-11-24T00:00}]}
"""


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        yield world


def page(world: World, press: str = "one press", schedule: str = "dev") -> int:
    with world.database.transaction() as session:
        carol = Actor(find_user(session, "carol"), "on the web")
        number, _ = page_schedule(session, schedule, "Checkout fails", press, carol, world.clock())
    world.settle()
    return number


@pytest.mark.parametrize("config", ["", MAINTENANCE, QUIET], ids=["as a rule", "in maintenance", "in quiet hours"])
def test_who_is_on_call_is_paged_at_once_and_then_the_next(world: World, config: str) -> None:
    world.apply(config or "{}")

    number = page(world)

    assert world.numbers_texted() == [ALICE]
    assert "+0 Paged Alice Archer (dev L1): Carol Silva asked for whoever is on call" in world.story(number)
    world.advance(minutes=5)
    assert [call.to for call in world.calls()] == [ALICE]
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, f"ack {number}")


@pytest.mark.parametrize("config", [GROUPED, BEHIND_DB], ids=["beside another problem", "behind another service"])
def test_what_somebody_has_already_does_not_keep_it_from_paging(world: World, config: str) -> None:
    world.apply(config)
    world.fire()
    world.reply(ALICE, "ack")
    world.texts()
    world.advance(seconds=2)  # two texts are not sent to one phone in a second

    number = page(world)

    assert number == 2
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack 2")


@pytest.mark.parametrize("config", [MAINTENANCE, BEHIND_DB], ids=["in maintenance", "behind another service"])
def test_where_nobody_was_there_the_next_try_is_not_held_back_either(world: World, config: str) -> None:
    world.apply(config)
    world.apply(NOBODY)
    if config is BEHIND_DB:
        world.fire()
        world.reply(ALICE, "ack")
        world.texts()

    number = page(world, schedule="night")
    assert "trying again until somebody can be" in world.story(number)[-1]
    world.apply(SOMEBODY)
    world.advance(minutes=5)

    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, f"ack {number}")


def test_a_form_that_is_sent_twice_pages_once(world: World) -> None:
    assert page(world) == page(world)
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")

"""Alerts of what depends on something that is down: folded into its alert, and paged when that is over."""

from collections.abc import Iterator

import pytest

from oncall.errors import BadInput
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, COMPANY, World

WITH_DB = COMPANY.replace(
    "  - name: web\n",
    """  - name: db
    escalation_policy: dev
    integration_keys:
      - {name: events, tool: pagerduty, key: key-of-the-database}
  - name: web
    depends_on: db
""",
)


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with World(settings, WITH_DB) as world:
        yield world


def db_is_down(world: World, severity: str = "critical", action: str = "trigger") -> None:
    payload = {"summary": "The database is down", "source": "db1", "severity": severity}
    event = {"routing_key": "key-of-the-database", "event_action": action, "dedup_key": "down", "payload": payload}
    assert world.client.post("/v2/enqueue", json=event).status_code == 202
    world.settle()


def test_it_is_held_while_the_cause_is_open_and_paged_when_that_is_resolved(world: World) -> None:
    db_is_down(world)
    world.advance(minutes=4)
    assert world.numbers_texted() == [ALICE]
    assert [call.to for call in world.calls()] == [ALICE]
    world.reply(ALICE, "ack 1")
    world.fire("Checkout fails", key="checkout")
    assert world.texts() == []
    assert "+0 Held: db has alert #1 open; paging if this is still open when that is resolved" in world.story(2)
    world.advance(hours=1)
    assert world.texts() == []
    db_is_down(world, action="resolve")
    assert world.numbers_texted() == [ALICE]
    assert "+60 Paged Alice Archer (dev L1): alert #1 is resolved and this one is still open" in world.story(2)
    world.reply(ALICE, "ack 2")


def test_one_that_is_over_with_its_cause_is_never_paged(world: World) -> None:
    db_is_down(world)
    world.fire("Checkout fails", key="checkout")
    world.clear("checkout")
    db_is_down(world, action="resolve")
    assert world.numbers_texted() == [ALICE], "of the cause"


def test_what_is_not_the_cause_folds_nothing(world: World) -> None:
    db_is_down(world, severity="warning")
    world.advance(minutes=1)
    world.fire("Checkout fails", key="checkout")
    assert world.numbers_texted() == [ALICE, ALICE]
    world.reply(ALICE, "ack all")
    db_is_down(world, action="resolve")
    db_is_down(world)
    world.reply(ALICE, "ack 3")
    world.texts()
    world.advance(minutes=6)
    world.fire("Search fails", key="search")
    assert world.numbers_texted() == [ALICE], "the database has been down for longer than five minutes"
    world.reply(ALICE, "ack all")


def test_whoever_wants_it_paged_escalates(world: World) -> None:
    db_is_down(world)
    world.fire("Checkout fails", key="checkout")
    world.texts()
    world.advance(seconds=5)
    world.reply(ALICE, "esc 2")
    assert world.numbers_texted() == [ALICE]
    world.advance(minutes=5, seconds=1)
    assert BOB in world.numbers_texted()
    world.calls()
    world.reply(BOB, "ack 1")
    world.reply(BOB, "ack 2")


def test_a_circle_is_refused(world: World) -> None:
    assert problems(world, "services: [{name: db, depends_on: [web]}]") == [
        "services[0].depends_on (db): db → web → db is a circle: none of them would be paged while another is down. "
        "Leave one out"
    ]
    assert problems(world, "services: [{name: db, depends_on: [nosuch]}]") == [
        "services[0].depends_on[0] (db): there is no service nosuch"
    ]


def problems(world: World, config: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        world.apply(config)
    return refused.value.problems

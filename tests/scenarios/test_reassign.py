"""An alert is given to somebody else."""

from collections.abc import Iterator

import pytest

from oncall.errors import BadInput, Conflict
from oncall.lifecycle.alert import AlertStatus
from oncall.models import EscalationPolicy
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, CAROL, World

PAYMENTS = """
escalation_policies:
  - name: payments
    steps: [{page: ["user:carol"], wait: 3m}, {page: ["user:bob"], wait: 3m}]
"""


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        yield world


def test_only_those_are_paged_and_without_an_answer_the_policy_goes_on(world: World) -> None:
    world.fire()
    world.reassign("user:carol", by="alice")

    world.advance(minutes=4)
    assert world.numbers_texted() == [ALICE, CAROL]
    assert world.calls() == []  # Alice's call was taken back
    world.advance(minutes=1)

    assert world.numbers_texted() == [BOB]
    assert world.story()[3:5] == [
        "+0 Reassigned to Carol Silva by Alice Archer by API",
        "+0 Paged Carol Silva: reassigned by Alice Archer",
    ]
    assert "+5 Paged Bob Nguyen (dev L2): no answer from Carol Silva for 5 min" in world.story()
    world.reply(CAROL, "ack 1")


def test_what_was_given_to_somebody_else_is_not_taken_back_by_an_answer_to_another_alert(world: World) -> None:
    world.fire()
    world.reassign("user:carol", by="alice")
    world.advance(minutes=1)
    world.fire("Error rate 12 %", key="errors")
    world.fire("Queue is full", key="queue")
    world.texts()

    assert world.reply(ALICE, "ack all") == "2 alerts acknowledged: #2, #3"
    assert world.reply(ALICE, "resolve all") == "2 alerts resolved: #2, #3"
    assert world.alert(1).status is AlertStatus.TRIGGERED
    world.reply(CAROL, "ack")


def test_nor_is_what_somebody_escalated(world: World) -> None:
    world.fire()
    world.reply(ALICE, "esc 1")
    world.advance(minutes=1)
    world.fire("Error rate 12 %", key="errors")
    world.texts()

    assert world.reply(ALICE, "ack") == "#2 acknowledged: Error rate 12 %"
    assert world.alert(1).status is AlertStatus.TRIGGERED
    world.reply(BOB, "ack")


def test_who_has_nothing_else_can_take_it_back(world: World) -> None:
    world.fire()
    world.reply(ALICE, "esc 1")
    world.texts()
    assert world.reply(ALICE, "ack") == "#1 acknowledged: Disk full on db1"

    world.fire("Error rate 12 %", key="errors")
    world.texts()
    assert world.reply(ALICE, "resolve all") == "2 alerts resolved: #1, #2"


def test_what_somebody_has_is_taken_from_them(world: World) -> None:
    world.fire()
    world.reply(ALICE, "ack 1")
    world.reassign("schedule:dev/L2", by="alice")

    assert world.numbers_texted() == [ALICE, BOB]
    assert (world.alert().status, world.alert().acknowledged_by_id) == (AlertStatus.TRIGGERED, None)
    assert "+0 Paged Bob Nguyen (dev L2): reassigned by Alice Archer" in world.story()
    world.reply(BOB, "ack")


def test_another_policy_begins_at_its_first_step_and_stays(world: World) -> None:
    world.apply(PAYMENTS)
    world.fire()
    world.reassign("policy:payments", by="alice")
    world.apply(PAYMENTS.replace("user:bob", "user:alice"))  # an edit changes no page in flight
    world.advance(minutes=3)

    assert world.numbers_texted() == [ALICE, CAROL, BOB]
    assert "+0 Reassigned to policy payments by Alice Archer by API" in world.story()
    assert "+0 Paged Carol Silva: reassigned by Alice Archer" in world.story()
    assert world.ask(lambda session: session.get_one(EscalationPolicy, world.alert().policy_id).name) == "payments"
    world.reply(BOB, "ack")


def test_after_the_end_of_a_policy_somebody_is_paged_still(world: World) -> None:
    world.apply(
        'escalation_policies: [{name: dev, repeat: 0, fallback: null, steps: [{page: ["user:bob"], wait: 5m}]}]'
    )
    world.fire()
    world.advance(minutes=10)
    assert (world.numbers_texted(), len(world.calls())) == ([BOB], 1)
    world.reassign("user:carol", by="bob")
    world.advance(minutes=5)
    assert world.numbers_texted() == [CAROL, BOB]
    world.clear()


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("user:zoe", "Nobody can be paged: There is nobody with the handle zoe."),
        ("schedule:dev/L9", "Nobody can be paged: Nobody is on call for dev L9."),
        ("policy:ghosts", "There is no escalation policy ghosts."),
        ("team:dev/#warroom", "#warroom of team dev is an address at which nobody can be paged: choose people."),
        ("bob", "“bob” says nobody to reassign to: write user:HANDLE, schedule:NAME/LEVEL, team:NAME or policy:NAME."),
    ],
)
def test_where_nobody_can_be_paged_nothing_is_changed(world: World, to: str, said: str) -> None:
    world.apply("teams: [{name: dev, contact_methods: [{name: '#warroom', kind: email, address: dev@example.com}]}]")
    world.fire()
    world.reply(ALICE, "ack 1")
    before = world.alert()

    with pytest.raises(BadInput) as refused:
        world.reassign(to, by="alice")

    assert (refused.value.detail, world.alert()) == (said, before)
    assert world.numbers_texted() == [ALICE]


def test_what_is_resolved_is_over(world: World) -> None:
    world.fire()
    world.clear()
    with pytest.raises(Conflict, match="This alert is resolved"):
        world.reassign("user:bob", by="alice")
    assert world.numbers_texted() == [ALICE]

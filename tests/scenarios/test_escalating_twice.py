"""Escalating by an answer: the next step as whoever answers knew it, once, however often and by how many it is said."""

from tests.scenarios.world import ALICE, BOB, CAROL, World

GONE_ON = "#1: Not escalated: it has gone on to its next step since you were told of it. {} was paged last."
AGAIN = " Escalate again to page whoever is next, too."
BOTH_AT_ONCE = (
    "escalation_policies: [{name: dev, repeat: 1, fallback: 'user:carol', steps: "
    "[{page: ['user:alice', 'user:bob'], wait: 30m}, {page: 'user:carol', wait: 30m}]}]"
)


def paged(world: World) -> None:
    world.fire()
    world.texts()
    world.advance(seconds=5)


def test_a_text_that_comes_twice_escalates_once(world: World) -> None:
    """Sent again by a phone or a carrier: with another number at the provider."""
    paged(world)
    assert world.reply(ALICE, "esc 1") == "#1 escalated to Bob Nguyen: Disk full on db1"
    world.advance(seconds=5)
    assert world.reply(ALICE, "esc 1") == (GONE_ON + AGAIN).format("Bob Nguyen")
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack 1")


def test_two_people_who_were_paged_at_once_escalate_once(world: World) -> None:
    world.apply(BOTH_AT_ONCE)
    paged(world)
    assert world.reply(ALICE, "esc 1") == "#1 escalated to Carol Silva: Disk full on db1"
    world.advance(minutes=3)
    assert world.reply(BOB, "esc 1").startswith(GONE_ON.format("Carol Silva"))
    assert CAROL in world.numbers_texted()
    world.calls()
    world.reply(CAROL, "ack 1")


def test_whoever_was_told_that_it_has_gone_on_escalates_by_saying_it_again(world: World) -> None:
    world.apply(BOTH_AT_ONCE)
    paged(world)
    world.reply(ALICE, "esc 1")
    world.advance(seconds=30)
    world.reply(BOB, "esc 1")
    world.texts()
    world.advance(seconds=10)
    assert world.reply(BOB, "esc 1").startswith("#1 escalated to Alice Archer")
    world.reply(ALICE, "ack 1")
    world.texts()


def test_whoever_escalated_goes_one_further_when_nobody_answers(world: World) -> None:
    paged(world)
    world.reply(ALICE, "esc 1")
    world.advance(seconds=61)
    assert world.reply(ALICE, "esc 1") == "#1 escalated to Alice Archer: Disk full on db1"
    world.texts()
    world.reply(ALICE, "ack 1")


def test_whoever_is_paged_by_an_escalation_may_escalate_at_once(world: World) -> None:
    paged(world)
    world.reply(ALICE, "esc 1")
    world.advance(seconds=5)
    assert world.reply(BOB, "esc 1") == "#1 escalated to Alice Archer: Disk full on db1"
    world.texts()
    world.reply(ALICE, "ack 1")


def test_a_key_does_not_skip_whom_a_text_has_paged(world: World) -> None:
    world.apply("users: [{handle: alice, notification_rules: [{urgency: high, after: 0m, contact_method: call}]}]")
    world.fire()
    (call,) = world.calls()
    world.advance(seconds=5)
    world.reply(ALICE, "esc 1")
    world.advance(seconds=5)
    said = world.twilio.answer(call, keys="5")
    assert "Not escalated" in said[-1]
    assert "Bob Nguyen was paged last" in said[-1]
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack 1")


def test_a_call_about_several_escalates_each_once(world: World) -> None:
    world.fire()
    world.fire("Error rate 12 %", key="errors")
    world.advance(minutes=2)
    (call,) = world.calls()
    world.texts()
    world.advance(seconds=5)
    world.reply(ALICE, "esc 2")
    world.advance(seconds=5)
    said = world.twilio.answer(call, keys="5")
    assert said[-1] == "1 alert escalated, 1, 1 had gone on to the next step already"
    world.texts()
    world.reply(BOB, "ack all")

"""What people answer by text and keypad, and what does not count as an answer."""

from datetime import timedelta

import pytest

from notifiers.gsm7 import is_gsm7
from oncall.delivery.replies import MOST_ANSWERS
from oncall.lifecycle.alert import AlertStatus
from oncall.models import InboundMessage
from tests.fake_twilio import NUMBER
from tests.scenarios.world import ALICE, BOB, CAROL, PUBLIC_URL, World


@pytest.mark.parametrize("text", ["ack 1", "ACK #1", " 1a ", "a1", "ack", "Acknowledge 1."])
def test_acknowledge_in_every_form(world: World, text: str) -> None:
    world.fire()
    world.texts()
    assert world.reply(ALICE, text) == "#1 acknowledged: Disk full on db1"


def test_a_bare_ack_asks_which_when_several_are_open(world: World) -> None:
    world.fire()
    world.fire("Error rate 12 %", key="errors")
    world.texts()
    assert world.reply(ALICE, "ack").startswith("2 alerts are open: #1, #2.")
    assert world.alert(1).status is AlertStatus.TRIGGERED
    assert world.reply(ALICE, "ack all") == "2 alerts acknowledged: #1, #2"
    assert {world.alert(1).status, world.alert(2).status} == {AlertStatus.ACKNOWLEDGED}


@pytest.mark.parametrize(
    ("text", "such_as"),
    [("ack", '"ack 1", or "ack all".'), ("resolve", '"resolve 1", or "resolve all".'), ("Escalate", '"esc 1".')],
)
def test_which_is_asked_in_the_word_that_was_said(world: World, text: str, such_as: str) -> None:
    world.fire()
    world.fire("Error rate 12 %", key="errors")
    world.texts()
    assert world.reply(ALICE, text) == f"2 alerts are open: #1, #2. Say which, such as {such_as}"
    world.reply(ALICE, "ack all")


def test_whoever_has_an_alert_escalates_it_without_its_number(world: World) -> None:
    world.fire()
    world.reply(BOB, "ack 1")
    assert world.reply(ALICE, "esc") == "No open alert of yours is waiting for an answer: Bob Nguyen has #1."
    world.reply(ALICE, "ack 1")
    assert world.reply(ALICE, "esc") == "#1 escalated to Bob Nguyen: Disk full on db1"
    assert world.numbers_texted() == [ALICE, BOB]
    world.reply(BOB, "ack")


def test_a_text_from_a_number_that_nobody_verified_has_no_effect(world: World) -> None:
    world.fire()
    world.texts()
    assert "not verified for anybody" in world.reply("+12025550199", "ack 1")
    assert world.alert().status is AlertStatus.TRIGGERED
    world.reply(ALICE, "ack")


def test_nonsense_is_answered_with_how_to_answer(world: World) -> None:
    world.fire()
    world.texts()
    help_text = world.reply(ALICE, "who is this?? 😀")
    assert help_text == (
        'Not understood. Reply "ack 1", "resolve 1" or "esc 1" with the alert\'s number, or "ack all".'
    )
    assert is_gsm7(help_text), "one segment, not two"
    world.reply(ALICE, "ack")


def test_an_answer_with_more_words_is_not_guessed_at_and_always_told_so(world: World) -> None:
    world.fire()
    world.texts()
    world.reply(ALICE, "hello?")
    for text, meant in (("Ack 1, but I am on a train", "ack 1"), ("1a on it", "1a"), ("ack 1 2", "ack 1")):
        assert world.reply(ALICE, text).startswith(f'Nothing was done, as there was more than "{meant}".')
    assert world.alert().status is AlertStatus.TRIGGERED
    world.reply(ALICE, "ack")


def test_two_machines_do_not_talk_to_each_other(world: World) -> None:
    """Each answers what the other says; help has an end, and what is meant is done all the same."""
    world.fire()
    world.texts()
    answers = [world.reply(ALICE, text) for text in ("I am away 🏖️", "I am away 🏖️", "Help", "  😀 ", "akc 1", "?", "12")]
    assert [bool(answer) for answer in answers] == [True] * 5 + [False] * 2
    assert world.reply(ALICE, " ACK  1 👍") == "#1 acknowledged: Disk full on db1"
    world.clock.now += timedelta(hours=1, seconds=1)
    assert world.reply(ALICE, "I am away").startswith("Not understood.")


@pytest.mark.parametrize("text", ["Yes", "yes!", "START"])
def test_yes_to_a_page_is_no_answer_and_is_told_so(world: World, text: str) -> None:
    """Carriers take it for the end of a STOP, of which there was none."""
    world.fire()
    world.texts()
    assert world.reply(ALICE, text).startswith('Not understood. Reply "ack 1"')
    assert world.alert().status is AlertStatus.TRIGGERED
    world.reply(ALICE, "ack")


def test_nobody_is_a_stranger_because_texts_do_not_reach_them(world: World) -> None:
    """Whoever replied STOP, or whose carrier gave up on their phone, has the phone in their hand when they answer."""
    world.reply(ALICE, "cancel")
    world.fire()
    assert [call.to for call in world.calls()] == [ALICE]
    assert world.reply(ALICE, "ack 1") == "#1 acknowledged: Disk full on db1"


def test_a_stranger_is_told_once_an_hour_that_nothing_was_done(world: World) -> None:
    stranger = "+12025550199"
    assert "not verified for anybody" in world.reply(stranger, "ack 1")
    assert world.reply(stranger, "ack 1") == ""
    world.clock.now += timedelta(hours=1, seconds=1)
    assert "not verified for anybody" in world.reply(stranger, "ack 1")


def test_an_address_is_not_answered_without_end_but_heard(world: World) -> None:
    with world.database.transaction() as session:
        for number in range(MOST_ANSWERS):
            said = InboundMessage(
                message_id=f"{number}", address=ALICE, text="ack", answer="No.", received_at=world.clock()
            )
            session.add(said)
    world.fire()
    world.texts()
    assert world.reply(ALICE, "ack") == ""
    assert world.alert().status is AlertStatus.ACKNOWLEDGED


def test_a_reply_that_is_posted_again_much_later_changes_nothing(world: World) -> None:
    world.fire()
    world.texts()
    first = world.reply(ALICE, "ack 1", sid="SM" + "2" * 32)
    world.clear()
    world.fire()
    world.clock.now += timedelta(days=1)
    assert world.reply(ALICE, "ack 1", sid="SM" + "2" * 32) == first
    world.texts()
    world.calls()
    assert world.alert(2).status is AlertStatus.TRIGGERED


def test_a_number_that_does_not_exist_is_said_so(world: World) -> None:
    assert world.reply(ALICE, "ack 99") == "#99: There is no alert #99."
    assert world.reply(ALICE, "ack") == "No open alert of yours is waiting for an answer."


def test_an_answer_after_it_was_resolved_says_so(world: World) -> None:
    world.fire()
    world.clear()
    world.texts()
    assert (
        world.reply(ALICE, "ack 1") == "#1: This alert is resolved already: there is nothing to acknowledge any more."
    )


def test_whoever_acknowledges_what_somebody_has_is_told_who(world: World) -> None:
    """They may go back to sleep, or speak to each other."""
    world.fire()
    world.texts()
    world.reply(BOB, "ack 1")
    assert world.reply(ALICE, "ack 1") == "#1 acknowledged, Bob Nguyen had it already: Disk full on db1"
    assert world.reply(ALICE, "ack 1") == "#1 acknowledged: Disk full on db1"
    world.snooze("bob", hours=1)
    assert world.reply(ALICE, "ack 1") == "#1 acknowledged, Bob Nguyen had snoozed it: Disk full on db1"


def test_whoever_answers_too_late_is_told_who_has_it(world: World) -> None:
    world.fire()
    world.fire("Error rate 12 %", key="errors")
    world.texts()
    world.reply(BOB, "ack 1")
    world.reply(ALICE, "ack 2")
    assert world.reply(ALICE, "ack") == (
        "No open alert of yours is waiting for an answer: Bob Nguyen has #1, you have #2."
    )
    world.clear()
    assert world.reply(ALICE, "ack") == "No open alert of yours is waiting for an answer: you have #2."


def test_a_text_posted_twice_acts_once(world: World) -> None:
    world.fire()
    world.texts()
    answers = {world.reply(ALICE, "esc 1", sid="SM" + "1" * 32) for _ in range(2)}
    assert answers == {"#1 escalated to Bob Nguyen: Disk full on db1"}
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")


def test_whoever_escalates_is_told_when_that_pages_nobody(world: World) -> None:
    world.apply(
        "escalation_policies: [{name: dev, repeat: 0, fallback: null, steps: [{page: 'user:alice', wait: 9m}]}]"
    )
    world.fire()
    world.texts()
    assert world.reply(ALICE, "esc 1") == "#1 escalated, but nobody else can be paged: Disk full on db1"
    world.reply(ALICE, "ack")


def test_a_forged_text_is_refused(world: World) -> None:
    world.fire()
    world.texts()
    with pytest.raises(AssertionError):
        world.twilio.text(ALICE, "ack 1", NUMBER, f"{PUBLIC_URL}/callbacks/twilio/sms", forge=True)
    answer = world.client.post("/callbacks/twilio/sms", data={"From": ALICE, "Body": "ack 1", "MessageSid": "SM1"})
    assert answer.status_code == 403
    assert world.alert().status is AlertStatus.TRIGGERED
    world.reply(ALICE, "ack")


def test_stop_disables_the_number_and_start_enables_it(world: World) -> None:
    assert world.reply(ALICE, "STOP") == ""
    world.fire()
    assert world.texts() == []
    assert [call.to for call in world.calls()] == [ALICE]  # at once, in place of the text
    assert world.reply(ALICE, "START") == ""
    assert world.reply(ALICE, "ack") == "#1 acknowledged: Disk full on db1"


def test_the_keypad_acknowledges(world: World) -> None:
    world.fire()
    world.advance(minutes=2)
    (call,) = world.calls()
    said = world.twilio.answer(call, keys="4")
    assert "Disk full" in said[0]
    assert said[-1] == "Alert 1 acknowledged, Disk full on d b 1"
    assert "+2 Acknowledged by Alice Archer by keypad" in world.story()
    assert world.numbers_texted() == [ALICE]


def test_the_keypad_repeats_explains_and_escalates(world: World) -> None:
    world.fire()
    world.advance(minutes=2)
    (call,) = world.calls()
    said = world.twilio.answer(call, keys="*05")
    assert said[-1] == "Alert 1 escalated to Bob Nguyen, Disk full on d b 1"
    world.settle()
    assert world.numbers_texted() == [ALICE, BOB]
    world.reply(BOB, "ack")


def test_a_call_that_nobody_answers_with_a_key_does_not_acknowledge(world: World) -> None:
    world.fire()
    world.advance(minutes=2)
    (call,) = world.calls()
    world.twilio.answer(call)
    assert world.alert().status is AlertStatus.TRIGGERED
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_whoever_picks_up_too_late_is_told_who_has_it(world: World) -> None:
    world.fire()
    world.advance(minutes=2)
    (call,) = world.calls()
    world.reply(BOB, "ack 1")
    told = "Critical alert 1 on web. Disk full on d b 1. {} There is nothing to do for you. Goodbye."
    for answered_by in ("human", "machine_end_beep"):
        assert world.twilio.answer(call, answered_by=answered_by) == [told.format("Acknowledged by Bob Nguyen.")]
    world.clear()
    assert world.twilio.answer(call) == [told.format("Resolved by monitoring.")]
    assert world.numbers_texted() == [ALICE]


def test_whoever_picks_up_too_late_for_several_is_told_once_nobody_is_waited_for(world: World) -> None:
    world.apply("users: [{handle: alice, notification_rules: [{urgency: high, after: 0m, contact_method: call}]}]")
    for key in ("disk-db1", "errors", "queue"):
        world.fire(f"{key} is bad", key=key)
    world.advance(minutes=1)
    _, call = world.calls()
    world.reply(BOB, "ack 2")
    assert "Press 4" in world.twilio.answer(call)[0]
    world.reply(BOB, "ack 3")
    assert world.twilio.answer(call)[0].endswith(
        "A key answers all 2. Somebody has all that is open, 2 of 2. There is nothing to do for you. Goodbye."
    )
    world.reply(BOB, "ack 1")


def test_a_call_without_a_key_says_only_what_it_did(world: World) -> None:
    world.fire()
    world.advance(minutes=2)
    (call,) = world.calls()
    said = world.twilio.answer(call)
    assert said[-1] == "No key was pressed, so nothing was acknowledged by this call. Goodbye."
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_voicemail_is_left_the_page_and_does_not_acknowledge(world: World) -> None:
    world.fire()
    world.advance(minutes=2)
    (call,) = world.calls()
    (left,) = world.twilio.answer(call, keys="4", answered_by="machine_end_beep")
    assert "Disk full" in left
    assert "Nobody has acknowledged it" in left
    assert world.twilio.report(call, "completed", AnsweredBy="machine_end_beep") == 204
    assert "+2 Call to Alice Archer failed: answered by voicemail" in world.story()
    assert world.alert().status is AlertStatus.TRIGGERED
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_a_viewer_who_was_not_paged_may_not_acknowledge(world: World) -> None:
    world.apply("users: [{handle: carol, role: viewer}]")
    world.fire()
    world.texts()
    assert "look but not act" in world.reply(CAROL, "ack 1")
    world.reply(ALICE, "ack")

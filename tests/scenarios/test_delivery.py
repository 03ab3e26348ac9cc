"""Deliveries through everything that can go wrong at the provider."""

from datetime import timedelta

from structlog.testing import capture_logs

from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod
from tests.fake_twilio import NUMBER
from tests.scenarios.world import ALICE, BOB, PUBLIC_URL, World
from tests.twilio_resources import Sent


def test_receipts_are_proof_on_the_timeline(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    world.clock.now = world.clock.now.replace(second=3)
    assert world.twilio.report(message, "delivered") == 204
    assert "+0.05 Text to Alice Archer delivered in 3 s" in world.story()
    assert world.deliveries()[0].state is DeliveryState.DELIVERED
    world.reply(ALICE, "ack")


def test_the_wait_before_a_call_is_not_told_as_the_time_it_took(world: World) -> None:
    world.fire()
    world.advance(minutes=2)
    (call,) = world.calls()
    assert world.twilio.report(call, "completed") == 204
    assert "+2 Call to Alice Archer delivered" in world.story()
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_a_receipt_may_overtake_the_answer_to_our_own_request(world: World) -> None:
    world.twilio.report_early_next("delivered")
    world.fire()
    assert world.numbers_texted() == [ALICE]
    assert world.deliveries()[0].state is DeliveryState.DELIVERED
    assert world.deliveries()[0].provider_id
    world.reply(ALICE, "ack")


def test_receipts_twice_and_out_of_order_change_nothing(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    for status in ("delivered", "sent", "queued", "delivered", "undelivered"):
        assert world.twilio.report(message, status) == 204
    assert world.deliveries()[0].state is DeliveryState.DELIVERED
    assert sum("delivered" in line for line in world.story()) == 1
    world.reply(ALICE, "ack")


def test_a_receipt_that_does_not_come_is_asked_for(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    message.status, message.error_code = "undelivered", 30003
    world.advance(seconds=59)
    assert world.deliveries()[0].state is DeliveryState.SENT
    world.advance(seconds=1)
    assert world.deliveries()[0].state is DeliveryState.FAILED
    assert [call.to for call in world.calls()] == [ALICE]
    world.reply(ALICE, "ack")


def test_a_forged_receipt_is_refused_and_logged(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    with capture_logs() as logs:
        assert world.twilio.report(message, "failed", forge=True) == 403
    assert [(each["event"], each["path"]) for each in logs] == [("callback.forged", "/callbacks/twilio/status")]
    assert world.deliveries()[0].state is DeliveryState.SENT
    world.reply(ALICE, "ack")


def test_a_receipt_that_is_posted_again_after_days_changes_nothing(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    world.twilio.report(message, "undelivered", ErrorCode="30005")
    world.settle()
    world.calls()
    world.reply(BOB, "resolve 1")
    with world.database.transaction() as session:
        method = session.get_one(ContactMethod, 1)
        method.disabled_at = method.disabled_reason = None  # she has confirmed it anew
        session.add(method)
    world.clock.now += timedelta(days=3)
    story = world.story()
    for status in ("undelivered", "delivered", "sent"):
        assert world.twilio.report(message, status, ErrorCode="30005") == 204
    assert world.story() == story
    assert world.ask(lambda session: session.get_one(ContactMethod, 1)).disabled_at is None


def test_a_receipt_for_a_delivery_that_is_not_ours_is_harmless(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    message.form["StatusCallback"] = [message.status_url.replace("delivery=1", "delivery=999")]
    assert world.twilio.report(message, "failed") == 204
    world.reply(ALICE, "ack")


def test_a_receipt_of_before_a_restored_backup_is_not_taken_for_that_of_a_page_which_has_its_number(
    world: World,
) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    message.form["StatusCallback"] = [message.status_url.replace("delivery=1", "delivery=2")]  # the call to come
    assert world.twilio.report(message, "delivered") == 204
    world.advance(minutes=2)
    assert [call.to for call in world.calls()] == [ALICE]
    world.reply(ALICE, "ack")


def test_a_key_in_a_call_of_before_a_restored_backup_answers_no_page_which_has_its_number(world: World) -> None:
    world.fire()
    url = f"{PUBLIC_URL}/callbacks/twilio/voice?delivery=2"  # the call to come
    call = Sent("CA1", {"To": [BOB], "From": [NUMBER], "Url": [url]}, world.clock.now)
    assert world.twilio.answer(call) == ["This call is not known here. Goodbye."]
    world.advance(minutes=2)
    assert [call.to for call in world.calls()] == [ALICE]
    world.numbers_texted()
    world.reply(ALICE, "ack")


def test_a_temporary_failure_is_tried_again_and_said(world: World) -> None:
    world.twilio.fail_next(2, status=503)
    world.fire()
    assert world.texts() == []
    world.advance(seconds=10)
    assert world.numbers_texted() == [ALICE]
    assert sum("failed for now, trying again" in line for line in world.story()) == 1
    world.reply(ALICE, "ack")


def test_a_number_that_is_not_in_use_is_disabled_and_the_call_comes_at_once(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    world.twilio.report(message, "undelivered", ErrorCode="30005")
    world.settle()
    assert [call.to for call in world.calls()] == [ALICE]
    method = world.ask(lambda session: session.get_one(ContactMethod, 1))
    assert method.disabled_reason == "The phone number is not in use (Twilio 30005)"
    assert world.story()[-3:-1] == [
        "+0 Text to Alice Archer failed: The phone number is not in use (Twilio 30005)",
        "+0 Call to Alice Archer is next, since the way before failed",
    ]
    world.reply(BOB, "ack 1")


def test_an_undelivered_text_becomes_a_call_at_once(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    world.twilio.report(message, "undelivered", ErrorCode="30003")
    world.settle()
    assert [call.to for call in world.calls()] == [ALICE]
    world.reply(ALICE, "ack")


def test_a_lost_answer_is_looked_up_and_not_sent_again(world: World) -> None:
    world.twilio.drop_reply_next()
    world.fire()
    world.advance(seconds=30)
    assert world.numbers_texted() == [ALICE]
    assert world.deliveries()[0].state is DeliveryState.SENT
    world.reply(ALICE, "ack")


def test_when_nobody_in_the_step_can_be_reached_the_next_step_runs_at_once(world: World) -> None:
    world.twilio.fail_for(ALICE, 21211)
    world.fire()
    assert world.numbers_texted() == [BOB]
    assert "+0 Nobody paged in this step could be reached: moving on" in world.story()
    world.reply(BOB, "ack")


def test_a_delivery_that_was_being_sent_when_the_process_died_is_sent_by_the_next(world: World) -> None:
    world.fire()
    (message,) = world.twilio.take_messages()
    with world.database.transaction() as session:
        delivery = session.get_one(type(world.deliveries()[0]), 1)
        delivery.state, delivery.provider_id, delivery.sent_at = DeliveryState.SENDING, None, None
        session.add(delivery)
    world.restart_engine()
    world.advance(seconds=60)
    assert world.texts() == [], "it was found at the provider"
    assert world.deliveries()[0].provider_id == message.sid
    world.reply(ALICE, "ack")

"""PUBLIC_URL is unset: receipts are asked for and replies are fetched, so that paging needs no way in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from oncall.delivery.inbox import LEASE
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod
from oncall.process.leases import take
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, Dying, World


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings, is_public=False) as world:
        world.engine.jobs.fetch_replies()
        yield world


def test_a_page_is_acknowledged_by_text(settings: Settings) -> None:
    with World(settings, is_public=False) as world:
        world.engine.jobs.fetch_replies()
        world.fire()
        ((number, text),) = world.texts()
        assert (number, text.endswith("Reply 1a to ack, 1e escalate, 1r resolve")) == (ALICE, True)
        world.advance(seconds=3)
        assert world.text_us(ALICE, "ack 1") == [(ALICE, "#1 acknowledged: Disk full on db1")]
        assert world.alert().status is AlertStatus.ACKNOWLEDGED
        assert "+0.05 Acknowledged by Alice Archer by text" in world.story()


def test_a_text_is_acted_on_once_however_often_it_is_listed(world: World) -> None:
    world.fire()
    world.texts()
    world.advance(seconds=3)
    answered, paged = world.text_us(ALICE, "esc 1")
    assert (answered, paged[0]) == ((ALICE, "#1 escalated to Bob Nguyen: Disk full on db1"), BOB)
    world.advance(seconds=3)
    world.engine.jobs.fetch_replies()
    assert world.texts() == []
    world.text_us(BOB, "ack 1")


def test_a_call_says_how_to_answer_it_where_no_key_can(world: World) -> None:
    world.fire()
    world.fire("Error rate 12 %", key="errors")
    world.texts()
    world.advance(minutes=2)
    (call,) = world.calls()
    said = world.twilio.answer(call)[0]
    assert said.endswith("Error rate 12 percent. To acknowledge, text ack all to this number.")
    world.text_us(ALICE, "ack all")


def test_what_was_texted_before_the_first_look_is_not_meant_for_us(sqlite_settings: Settings) -> None:
    with World(sqlite_settings, is_public=False) as world:
        world.twilio.receive(ALICE, "ack all")
        world.advance(minutes=2)
        world.fire()
        world.texts()
        world.engine.jobs.fetch_replies()
        assert world.alert().status is AlertStatus.TRIGGERED
        world.advance(seconds=3)
        world.text_us(ALICE, "ack 1")


def test_an_old_answer_is_not_about_what_was_said_after_it(world: World) -> None:
    world.fire("Disk full", key="old")
    world.texts()
    world.twilio.receive(ALICE, "ack all")
    world.advance(seconds=90)
    world.fire("Error rate 12 %", key="new")
    world.texts()
    world.engine.jobs.fetch_replies()
    assert world.texts() == [(ALICE, "#1 acknowledged: Disk full")]
    assert world.alert(2).status is AlertStatus.TRIGGERED
    world.advance(seconds=3)
    assert [text for _, text in world.text_us(ALICE, "ack")] == ["#2 acknowledged: Error rate 12 %"]


def test_texts_are_fetched_often_only_while_one_is_waited_for(world: World) -> None:
    world.advance(seconds=10)
    assert world.text_us(ALICE, "ack") == []
    world.fire()
    world.texts()
    world.engine.jobs.fetch_replies()
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    world.texts()


def test_an_answer_that_was_not_sent_is_sent_later_and_nonsense_is_answered_a_few_times(world: World) -> None:
    world.fire()
    world.texts()
    world.advance(seconds=3)
    world.twilio.fail_next()
    assert world.text_us(ALICE, "what?") == []
    world.advance(seconds=3)
    world.engine.jobs.fetch_replies()
    assert [text[:15] for _, text in world.texts()] == ["Not understood."]
    for is_answered in [True] * 4 + [False]:
        world.advance(seconds=3)
        assert bool(world.text_us(ALICE, "I am driving and will answer later")) is is_answered
    world.advance(seconds=3)
    world.text_us(ALICE, "ack")


def test_an_answer_whose_receipt_was_lost_is_not_sent_again(world: World) -> None:
    world.fire()
    world.texts()
    world.advance(seconds=3)
    world.twilio.drop_reply_next()
    assert world.text_us(ALICE, "ack") == [(ALICE, "#1 acknowledged: Disk full on db1")]
    world.advance(seconds=3)
    world.engine.jobs.fetch_replies()
    assert world.texts() == []


def test_one_process_fetches_at_a_time_and_the_next_when_it_has_died(world: World) -> None:
    with world.database.transaction() as session:
        take(session, LEASE, "another process", world.clock(), timedelta(seconds=30))
    world.fire()
    world.texts()
    world.advance(seconds=3)
    assert world.text_us(ALICE, "ack") == []
    world.advance(seconds=27)
    world.engine.jobs.fetch_replies()
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    world.texts()


def test_receipts_are_asked_for(world: World) -> None:
    world.fire()
    (text,) = world.twilio.take_messages()
    assert text.status_url == ""
    world.advance(seconds=4)
    text.status = "delivered"
    world.advance(seconds=1)
    assert world.deliveries()[0].state is DeliveryState.DELIVERED
    assert world.deliveries()[0].status_due_at is None
    world.advance(seconds=3)
    world.text_us(ALICE, "ack")


def test_a_text_that_was_not_delivered_becomes_a_call_within_seconds(world: World) -> None:
    world.fire()
    (text,) = world.twilio.take_messages()
    text.status, text.error_code = "undelivered", 30005
    world.advance(seconds=5)
    assert [call.to for call in world.calls()] == [ALICE]
    assert world.ask(lambda session: session.get_one(ContactMethod, 1)).disabled_at is not None
    world.advance(seconds=3)
    world.text_us(BOB, "ack 1")


def test_a_question_whose_process_died_is_asked_again(world: World) -> None:
    world.fire()
    (text,) = world.twilio.take_messages()
    text.status = "delivered"
    world.restart_engine(Dying())
    world.advance(seconds=5)
    assert world.deliveries()[0].state is DeliveryState.SENT
    world.restart_engine()
    world.advance(seconds=30)
    assert world.deliveries()[0].state is DeliveryState.DELIVERED
    world.text_us(ALICE, "ack")

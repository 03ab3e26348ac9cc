"""Two accounts at Twilio-compatible servers: the second sends while the first can't, and each is asked what it has."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from oncall.auth.tokens import create_token
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ProviderHealth, User
from oncall.settings import Settings
from tests.fake_twilio import FakeTwilio
from tests.scenarios.world import ALICE, PUBLIC_URL, SECOND_NUMBER, Dying, World


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings, with_second=True) as world:
        yield world


def second_of(world: World) -> FakeTwilio:
    assert world.second is not None
    return world.second


def texts_by(twilio: FakeTwilio) -> list[str]:
    return [sent.to for sent in twilio.take_messages()]


def health(world: World, provider: str = "twilio") -> ProviderHealth:
    found: ProviderHealth = world.ask(lambda session: session.get_one(ProviderHealth, (provider, "sms")))
    return found


def test_while_the_first_works_the_second_is_not_used(world: World) -> None:
    world.fire()
    (text,) = world.twilio.take_messages()
    assert world.twilio.report(text, "delivered") == 204
    assert (world.deliveries()[0].provider, world.deliveries()[0].state) == ("twilio", DeliveryState.DELIVERED)
    world.reply(ALICE, "ack")


def test_when_the_first_is_away_the_second_sends_at_once_and_its_callbacks_count(world: World) -> None:
    second = second_of(world)
    world.twilio.go_away()
    world.fire()
    (text,) = second.take_messages()
    assert (text.to, text.from_) == (ALICE, SECOND_NUMBER)
    assert any("failed for now, trying through another account" in line for line in world.story())
    assert second.report(text, "delivered") == 204
    delivery = world.deliveries()[0]
    assert (delivery.provider, delivery.state, delivery.attempts) == ("second", DeliveryState.DELIVERED, 2)
    answer = second.text(ALICE, "ack", SECOND_NUMBER, f"{PUBLIC_URL}/callbacks/twilio/sms")
    assert answer == "#1 acknowledged: Disk full on db1"


def test_a_callback_of_an_account_that_is_not_ours_or_that_another_signed_is_refused(world: World) -> None:
    world.fire()
    (text,) = world.twilio.take_messages()
    with FakeTwilio("AC" + "9" * 32, "a token of their own", post=world.twilio.post) as stranger:
        assert stranger.report(text, "failed") == 403
    with FakeTwilio(second_of(world).account_sid, world.twilio.auth_token, post=world.twilio.post) as mixed:
        assert mixed.report(text, "failed") == 403
    assert world.deliveries()[0].state is DeliveryState.SENT
    world.reply(ALICE, "ack")


def test_an_account_may_not_fail_what_another_has(world: World) -> None:
    world.fire()
    (text,) = world.twilio.take_messages()
    assert second_of(world).report(text, "undelivered") == 204
    assert world.deliveries()[0].state is DeliveryState.SENT
    world.reply(ALICE, "ack")


def test_an_account_that_failed_is_left_alone_for_a_while_and_then_tried_by_one_message(world: World) -> None:
    second = second_of(world)
    world.twilio.go_away()
    world.fire(key="one")
    assert (health(world).failures, health(world).last_failure) == (1, "Twilio has trouble (HTTP 503)")
    world.twilio.work_again()
    world.fire(key="two")
    world.advance(seconds=1)
    assert texts_by(second) == [ALICE, ALICE], "the first is not even asked during its pause"
    world.advance(seconds=6)
    world.fire(key="three")
    assert texts_by(world.twilio) == [ALICE]
    assert (health(world).failures, health(world).paused_until) == (0, None)
    world.reply(ALICE, "ack all")


def test_the_pause_grows_while_the_account_stays_away(world: World) -> None:
    world.twilio.go_away()
    world.fire(key="one")
    world.advance(seconds=6)
    world.fire(key="two")
    paused_until = health(world).paused_until
    assert paused_until is not None
    assert (paused_until - world.clock.now).total_seconds() == 10
    assert texts_by(second_of(world)) == [ALICE, ALICE]
    world.reply(ALICE, "ack all")


def test_a_lost_answer_is_looked_up_at_the_account_that_may_have_the_message(world: World) -> None:
    world.twilio.drop_reply_next()
    world.fire()
    world.advance(seconds=30)
    assert texts_by(world.twilio) == [ALICE]
    assert (world.deliveries()[0].provider, world.deliveries()[0].state) == ("twilio", DeliveryState.SENT)
    world.reply(ALICE, "ack")


def test_when_the_account_that_may_have_it_can_not_tell_another_sends_it(world: World) -> None:
    world.twilio.fail_next(1, status=500)
    world.fire()
    world.twilio.go_away()
    world.advance(seconds=2)
    assert texts_by(second_of(world)) == [ALICE]
    assert world.deliveries()[0].provider == "second"
    world.twilio.work_again()
    world.reply(ALICE, "ack")


def test_after_a_crash_the_account_that_had_the_delivery_is_asked_first(world: World) -> None:
    second = second_of(world)
    world.twilio.go_away()
    world.fire(key="pauses the first")
    texts_by(second)
    world.restart_engine(Dying())
    world.fire(key="dies")
    world.advance(seconds=1)
    world.twilio.work_again()
    world.restart_engine()
    world.advance(seconds=31)
    assert texts_by(second) == [], "its pause is over: the first sends what the second has not got"
    assert texts_by(world.twilio) == [ALICE]
    assert [each.provider for each in (world.deliveries(1)[0], world.deliveries(2)[0])] == ["second", "twilio"]
    world.reply(ALICE, "ack all")


def test_with_both_away_it_is_tried_again_and_again(world: World) -> None:
    second = second_of(world)
    world.twilio.go_away()
    second.go_away()
    world.fire()
    world.advance(seconds=20)
    second.work_again()
    world.advance(seconds=20)
    assert texts_by(second) == [ALICE]
    world.twilio.work_again()
    world.reply(ALICE, "ack")


def test_admins_see_how_each_account_fares_and_the_proof_says_which_sent(world: World) -> None:
    world.apply("users: [{handle: carol, role: admin}]")
    second = second_of(world)
    world.twilio.go_away()
    world.fire()
    (text,) = second.take_messages()
    world.clock.now += timedelta(seconds=2)
    second.deliver(text)
    shown = {(item["name"], item["kind"]): item for item in ask(world, "/api/v1/providers", "carol")}
    assert [(key, item["status"], item["failures"]) for key, item in shown.items()] == [
        (("twilio", "sms"), "failing", 1),
        (("second", "sms"), "working", 0),
        (("twilio", "voice"), "new", 0),
        (("second", "voice"), "new", 0),
    ]
    assert shown["twilio", "sms"]["last_failure"] == "Twilio has trouble (HTTP 503)"
    delivery = ask(world, "/api/v1/alerts/1/deliveries", "carol")[0]
    assert (delivery["provider"], delivery["attempts"]) == ("second", 2)
    assert [(each["state"], each["at"]) for each in delivery["states"]] == [
        ("pending", "2026-11-23T14:00:00Z"),
        ("sending", "2026-11-23T14:00:00Z"),
        ("sent", "2026-11-23T14:00:00Z"),
        ("delivered", "2026-11-23T14:00:02Z"),
    ]
    assert world.client.get("/api/v1/providers", headers=token_of(world, "bob")).status_code == 403
    world.reply(ALICE, "ack")


def ask(world: World, path: str, handle: str) -> list[dict[str, Any]]:
    answer = world.client.get(path, headers=token_of(world, handle))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def token_of(world: World, handle: str) -> dict[str, str]:
    with world.database.transaction() as session:
        user = session.exec(select(User).where(User.handle == handle)).one()
        return {"Authorization": f"Bearer {create_token(session, user, 'test', world.clock())[1]}"}

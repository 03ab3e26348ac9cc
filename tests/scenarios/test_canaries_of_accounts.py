"""Canaries over two accounts: each is tried in its own name, so that the second works when it is needed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Canary, Delivery, Service, Severity
from oncall.settings import Settings
from tests.fake_twilio import NUMBER, SID, FakeTwilio
from tests.scenarios.test_canaries import CANARY, HOURLY, messages, tick
from tests.scenarios.test_two_accounts import ask, health, second_of, texts_by
from tests.scenarios.world import ALICE, BEGINS, SECOND_NUMBER, SECOND_SID, World


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings.model_copy(update=HOURLY), with_second=True) as world:
        yield world


@pytest.fixture
def on_both(settings: Settings) -> Iterator[World]:
    """On each database: where a question is new."""
    with World(settings.model_copy(update=HOURLY), with_second=True) as world:
        yield world


def arrive(twilio: FakeTwilio) -> list[str]:
    """What was texted reaches the phones, whose numbers are given."""
    texts = twilio.take_messages()
    assert [twilio.deliver(text) for text in texts] == [204] * len(texts)
    return [text.to for text in texts]


def alerts(world: World) -> list[Alert]:
    found: list[Alert] = world.ask(lambda session: session.exec(select(Alert).order_by(col(Alert.id))).all())
    return found


def told(world: World) -> dict[str, Any]:
    """What the API says, by account."""
    return {item["account"]: item for item in ask(world, "/api/v1/canaries", "alice")}


def test_each_account_is_tried_in_its_own_name_and_measured(on_both: World) -> None:
    for _ in range(2):
        tick(on_both)
    (first,), (second,) = on_both.twilio.take_messages(), second_of(on_both).take_messages()
    assert [(each.to, each.from_) for each in (first, second)] == [(CANARY, NUMBER), (CANARY, SECOND_NUMBER)]
    assert first.body == "This is oncall, trying out whether it can page by text through twilio: message 2."
    assert "through second: message 1" in second.body
    on_both.clock.now += timedelta(seconds=2)
    on_both.twilio.deliver(first)
    on_both.clock.now += timedelta(seconds=3)
    second_of(on_both).deliver(second)
    assert {name: each["last"]["delivered_after"] for name, each in told(on_both).items()} == {"twilio": 2, "second": 5}
    said = on_both.client.get("/metrics").text
    assert 'oncall_canary_seconds{account="second",canary="1",kind="sms",until="delivered"} 5.0' in said
    assert 'oncall_canary_failing{account="twilio",canary="1",kind="sms"} 0.0' in said
    assert SID not in said
    assert SECOND_SID not in said
    assert alerts(on_both) == []


def test_an_account_that_fails_is_named_and_nobody_else_sends_its_canary(world: World) -> None:
    second_of(world).go_away()
    tick(world)
    assert arrive(world.twilio) == [CANARY]
    world.advance(minutes=6)
    tick(world)
    (alert,) = alerts(world)
    assert alert.summary == (
        "Pages by text through second may not arrive, the canary failed: "
        "not taken by the provider for 5 min: Twilio has trouble (HTTP 503)"
    )
    assert texts_by(world.twilio) == [ALICE], "pages go out by the first as before"
    assert (health(world).failures, health(world, "second").failures > 0) == (0, True)
    assert {name: each["last"]["problem"] == "" for name, each in told(world).items()} == {
        "twilio": True,
        "second": False,
    }
    world.reply(ALICE, "ack")
    second_of(world).work_again()
    world.advance(minutes=54)
    tick(world)
    assert (arrive(world.twilio), arrive(second_of(world))) == ([CANARY], [CANARY, CANARY])
    tick(world)
    assert alerts(world)[0].status is AlertStatus.RESOLVED


def test_a_lost_answer_is_looked_up_at_the_account_that_is_tried(world: World) -> None:
    second_of(world).drop_reply_next()
    tick(world)
    world.advance(seconds=30)
    assert (arrive(world.twilio), arrive(second_of(world))) == ([CANARY], [CANARY])
    assert [(each.provider, each.state) for each in messages(world)] == [
        ("second", DeliveryState.DELIVERED),
        ("twilio", DeliveryState.DELIVERED),
    ]


def test_what_was_sent_and_has_no_receipt_in_time_does_not_count_as_good(world: World) -> None:
    tick(world)
    assert arrive(world.twilio) == [CANARY]
    (late,) = second_of(world).take_messages()
    world.advance(minutes=10)
    tick(world)
    assert told(world)["second"]["last"]["problem"] is None
    world.advance(minutes=1)
    tick(world)
    (alert,) = alerts(world)
    assert alert.summary.endswith("through second may not arrive, the canary failed: sent, no receipt for 10 min")
    assert 'oncall_canary_failing{account="second",canary="1",kind="sms"} 1.0' in world.client.get("/metrics").text
    assert texts_by(world.twilio) == [ALICE]
    second_of(world).deliver(late)
    tick(world)
    assert alerts(world)[0].status is AlertStatus.RESOLVED


def test_an_account_that_comes_later_is_tried_at_once(sqlite_settings: Settings) -> None:
    with World(sqlite_settings.model_copy(update=HOURLY)) as before:
        tick(before)
        assert arrive(before.twilio) == [CANARY]
    with World(sqlite_settings.model_copy(update=HOURLY), with_second=True) as world:
        tick(world)
        assert arrive(second_of(world)) == [CANARY]


def test_an_upgrade_ends_the_alert_that_an_older_version_had_for_all_accounts(on_both: World) -> None:
    an_older_version_found_that_it_failed(on_both)
    tick(on_both)
    assert (arrive(on_both.twilio), arrive(second_of(on_both))) == ([CANARY, ALICE], [CANARY])
    tick(on_both)
    assert [each.status for each in alerts(on_both)] == [AlertStatus.RESOLVED]


def test_one_that_an_older_version_sent_by_another_account_says_nothing_and_the_next_is_not_held_up(
    world: World,
) -> None:
    tick(world)
    assert (arrive(world.twilio), arrive(second_of(world))) == ([CANARY], [CANARY])
    with world.database.transaction() as session:
        second = session.exec(select(Delivery).where(Delivery.only_by == "second")).one()
        second.state, second.provider, second.error = DeliveryState.FAILED, "twilio", "No such number"
        session.add(second)
    world.advance(hours=1)
    tick(world)
    assert (arrive(world.twilio), arrive(second_of(world))) == ([CANARY], [CANARY])
    assert alerts(world) == []


def an_older_version_found_that_it_failed(world: World) -> None:
    """What it has stored: one row for an address, deliveries by any account."""
    with world.database.transaction() as session:
        canary = Canary(kind="sms", address=CANARY, due_at=BEGINS, failing_since=BEGINS)
        session.add(canary)
        session.flush()
        times = dict.fromkeys(("created_at", "due_at", "finished_at"), BEGINS)
        where = {"canary_id": canary.id, "kind": "sms", "address": CANARY, "provider": "twilio"}
        session.add(Delivery(state=DeliveryState.FAILED, **where, **times))
        service_id = session.exec(select(Service.id).where(Service.name == "web")).one()
        source = source_of(session, service_id or 0, "canary by text")
        event = Event(EventAction.TRIGGER, f"canary:{canary.id}", summary="It failed", severity=Severity.ERROR)
        take_in(session, [(source, event)], BEGINS)

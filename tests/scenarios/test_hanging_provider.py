"""A provider that takes a request, says nothing, and carries it out long after we gave up on it."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from oncall.lifecycle.delivery import DeliveryState
from oncall.settings import Settings
from tests.fake_twilio import FakeTwilio
from tests.scenarios.test_team_posts import POSTS_FIRST, WARROOM
from tests.scenarios.world import ALICE, KEY, World

LONG = 60.0
"""Of real seconds; every test ends it before."""


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    return sqlite_settings.model_copy(update={"send_timeout": 0.1})


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with World(settings) as world:
        yield world


def let_go(twilio: FakeTwilio, texts: int = 1) -> None:
    """What was held is carried out now."""
    twilio.let_go()
    wait_until(lambda: len(twilio.messages) == texts)


def refuse_what_hangs(twilio: FakeTwilio) -> None:
    twilio.fail_next()
    twilio.let_go()
    wait_until(lambda: not twilio.has_faults_left)


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_what_comes_late_is_found_and_does_not_go_twice(world: World) -> None:
    world.twilio.hang(LONG, "Messages")
    world.fire()
    (call,) = world.calls()
    assert call.to == ALICE, "nobody knows whether the text comes, so she is called now and not two minutes later"
    assert world.deliveries()[0].state is DeliveryState.PENDING
    world.advance(seconds=30)
    let_go(world.twilio)
    world.advance(seconds=35)
    assert world.numbers_texted() == [ALICE]
    assert [each.state for each in world.deliveries()] == [DeliveryState.SENT] * 2
    assert [line for line in world.story() if " to Alice Archer " in line] == [
        "+0 Text to Alice Archer may have been sent, and is looked for before it is sent again: "
        "Twilio did not answer in time",
        "+0 Call to Alice Archer is next, since the way before may not have worked",
        "+0 Call to Alice Archer sent",
        "+0.533333 Text to Alice Archer sent",
    ]
    world.reply(ALICE, "ack")


def test_a_receipt_ends_the_looking(world: World) -> None:
    world.twilio.hang(LONG, "Messages")
    world.fire()
    let_go(world.twilio)
    (text,) = world.twilio.take_messages()
    assert world.twilio.deliver(text) == 204
    assert world.deliveries()[0].state is DeliveryState.DELIVERED
    world.advance(seconds=80)
    assert len(world.calls()) == 1
    world.reply(ALICE, "ack")


def test_what_never_came_is_sent_again_when_it_can_not_come_any_more(world: World) -> None:
    """Refused in the end: there is nothing to be found."""
    world.twilio.hang(LONG, "Messages")
    world.fire()
    refuse_what_hangs(world.twilio)
    world.advance(seconds=74)
    assert world.texts() == []
    world.advance(seconds=1)
    assert world.numbers_texted() == [ALICE]
    assert len(world.calls()) == 1
    world.reply(ALICE, "ack")


def test_who_answers_meanwhile_gets_it_no_more(world: World) -> None:
    world.twilio.hang(LONG, "Messages")
    world.fire()
    refuse_what_hangs(world.twilio)
    (call,) = world.calls()
    world.twilio.answer(call, "4")
    world.settle()
    assert world.deliveries()[0].state is DeliveryState.CANCELLED
    world.advance(seconds=80)


def test_what_can_wait_waits_for_the_looks_and_calls_nobody(world: World) -> None:
    world.twilio.hang(LONG, "Messages")
    world.fire(severity="info")
    assert world.calls() == []
    let_go(world.twilio)
    world.advance(seconds=2)
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_many_that_one_text_tells_of_each_go_another_way(world: World) -> None:
    world.fire(key="the first")
    assert world.numbers_texted() == [ALICE]
    world.twilio.hang(LONG, "Messages")
    for number in range(3):
        world.fire(key=f"more-{number}")
    world.advance(seconds=5)
    (call,) = world.calls()
    assert call.to == ALICE
    let_go(world.twilio, texts=2)
    world.advance(seconds=70)
    assert world.numbers_texted() == [ALICE]
    assert {each.state for number in (2, 3, 4) for each in world.deliveries(number)} == {DeliveryState.SENT}
    world.reply(ALICE, "ack all")


def test_another_account_does_not_wait_for_it_since_twice_is_better_than_silence(settings: Settings) -> None:
    with World(settings, with_second=True) as world:
        assert world.second is not None
        world.twilio.hang(LONG)
        world.fire()
        (text,) = world.second.take_messages()
        assert text.to == ALICE
        assert world.calls() == []
        let_go(world.twilio)
        assert world.numbers_texted() == [ALICE]
        world.reply(ALICE, "ack")


def test_texts_that_hang_leave_threads_for_what_goes_another_way(sqlite_settings: Settings) -> None:
    """Twenty texts, eight threads: without a share they would hold all of them."""
    settings = sqlite_settings.model_copy(update={"send_threads": 8, "hold_seconds": 0})
    with ThreadPoolExecutor(8) as threads, World(settings, with_slack=True) as world:
        assert world.slack is not None
        slack = world.slack
        world.restart_engine(threads)
        world.twilio.hang(LONG, "Messages")
        for number in range(20):
            trigger(world, f"disk-{number}")
        wait_until(lambda: passes_until(world, lambda: world.engine.sending == 4))
        world.apply(WARROOM + POSTS_FIRST)
        trigger(world, "the next")
        wait_until(lambda: passes_until(world, lambda: len(slack.take()) == 1))
        assert world.twilio.messages == []
        world.twilio.let_go()
        wait_until(lambda: passes_until(world, lambda: len(world.twilio.messages) == 21))
        assert world.numbers_texted() == [ALICE] * 21


def trigger(world: World, key: str) -> None:
    payload = {"summary": "Disk full", "source": "db1", "severity": "critical"}
    event = {"routing_key": KEY, "event_action": "trigger", "dedup_key": key, "payload": payload}
    assert world.client.post("/v2/enqueue", json=event).status_code == 202


def passes_until(world: World, is_so: Callable[[], bool]) -> bool:
    world.engine.run_pass()
    return is_so()

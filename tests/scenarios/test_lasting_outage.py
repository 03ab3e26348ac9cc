"""A provider that refuses for long, while people have other ways that work."""

from collections.abc import Iterator

import pytest

from oncall.models import Urgency
from oncall.settings import Settings
from tests.conftest import Contents
from tests.fake_slack import FakeSlack
from tests.scenarios.world import ALICE, BEGINS, COMPANY, World

CHAT = "U00ALICE"
WITH_CHAT = f"""
users:
  - handle: alice
    contact_methods:
      - {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}
      - {{name: call, kind: voice, address: "{ALICE}", verified: true}}
      - {{name: chat, kind: slack, address: {CHAT}, verified: true}}
"""


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY, WITH_CHAT))


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with World(settings, with_slack=True) as world:
        yield world


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (403, 90010), (429, 20429), (503, 0)])
def test_whoever_has_another_way_is_told_within_about_a_minute(
    world: World, slack: FakeSlack, status: int, code: int
) -> None:
    """Also by one that no rule of theirs names: before, once the text was given up, after 14 minutes."""
    world.twilio.fail_next(1000, status, code)
    world.fire()
    world.advance(seconds=90)

    (message,) = slack.take()
    assert message.to == CHAT
    assert [line for line in world.story() if "is next" in line] == [
        "+0.5 Call to Alice Archer is next, since the way before does not work for now",
        "+1 Slack message to Alice Archer is next, since the way before does not work for now",
    ]
    world.advance(minutes=3)
    assert slack.take() == []
    slack.press(CHAT, message, "acknowledge")


def test_a_provider_that_asks_for_a_minute_is_not_waited_for(world: World, slack: FakeSlack) -> None:
    rule = "{urgency: high, after: 0m, contact_method: chat}"
    world.apply(f"users: [{{handle: alice, notification_rules: [{rule}]}}]")
    slack.refuse_next("ratelimited", 429, retry_after=60)
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_what_is_tried_still_arrives_when_it_works_again(world: World, slack: FakeSlack) -> None:
    world.twilio.fail_next(1000)
    world.fire()
    world.advance(seconds=90)
    world.twilio.work_again()
    world.advance(minutes=2)

    assert (world.numbers_texted(), len(world.calls()), len(slack.take())) == ([ALICE], 1, 1)
    world.reply(ALICE, "ack")


def test_a_short_one_changes_nothing(world: World, slack: FakeSlack) -> None:
    world.twilio.fail_next(4)
    world.fire()
    world.advance(seconds=100)

    assert (world.numbers_texted(), world.calls(), slack.take()) == ([ALICE], [], [])
    world.reply(ALICE, "ack")


def test_whoever_is_told_already_is_not_told_twice(world: World, slack: FakeSlack) -> None:
    rule = "{{urgency: high, after: 0m, contact_method: {}}}"
    rules = ", ".join(rule.format(each) for each in ("mobile", "chat"))
    world.apply(f"users: [{{handle: alice, notification_rules: [{rules}]}}]")
    world.twilio.fail_next(1000)
    world.fire()
    world.advance(minutes=3)

    (message,) = slack.take()
    assert world.calls() == []
    assert not [delivery for delivery in world.deliveries() if delivery.kind == "voice"]
    slack.press(CHAT, message, "acknowledge")


def test_what_can_wait_does(world: World, slack: FakeSlack) -> None:
    world.twilio.fail_next(6)
    world.fire(severity="warning")
    world.advance(minutes=4)

    assert world.alert().urgency is Urgency.LOW
    assert (world.numbers_texted(), slack.take()) == ([ALICE], [])
    world.clear()


def test_several_that_go_together_all_go_another_way(world: World, slack: FakeSlack) -> None:
    world.apply("users: [{handle: alice, notification_rules: [{urgency: high, after: 0m, contact_method: mobile}]}]")
    world.fire("First of all", key="first")
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")
    world.twilio.fail_next(1000)
    for key in ("errors", "queue", "disk"):
        world.fire(f"{key} is bad", key=key)
    world.advance(minutes=2)

    told = {each.alert_id for number in (2, 3, 4) for each in world.deliveries(number) if each.kind == "slack"}
    assert told == {2, 3, 4}
    assert slack.take()
    world.twilio.work_again()
    world.reply(ALICE, "ack all")

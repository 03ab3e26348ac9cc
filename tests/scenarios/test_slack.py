"""Alerts that are paged, answered and followed in Slack."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from oncall.models import ContactMethod, SlackUserGroup
from oncall.settings import Settings
from tests.conftest import Contents
from tests.fake_slack import FakeSlack, Posted
from tests.scenarios.world import BEGINS, COMPANY, Dying, World

ALICE, BOB, CAROL = "U00ALICE", "U000BOB0", "U0CAROL0"


def in_slack(member: str) -> str:
    return f'contact_methods: [{{name: chat, kind: slack, address: "{member}", verified: true}}]'


COMPANY_IN_SLACK = f"""
users:
  - {{handle: alice, {in_slack(ALICE)}, notification_rules: []}}
  - {{handle: bob, {in_slack(BOB)}, notification_rules: []}}
  - {{handle: carol, {in_slack(CAROL)}}}
"""
WITH_GROUPS = """
schedules:
  - {name: dev, slack_usergroups: {L1: S00ONCALL, L2: S00ONCALL}}
"""


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY, COMPANY_IN_SLACK))


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with World(settings, with_slack=True) as world:
        yield world


def paged(world: World, slack: FakeSlack) -> Posted:
    world.fire()
    (message,) = slack.take()
    return message


def test_a_button_acknowledges_and_the_message_says_who_has_it(world: World, slack: FakeSlack) -> None:
    message = paged(world, slack)
    assert message.to == ALICE

    assert slack.press(ALICE, message, "acknowledge") == 200
    world.settle()

    assert "Acknowledged by Alice Archer" in message.said
    assert message.buttons == ["resolve", "escalate"]
    assert [told["text"] for told in slack.told] == ["#1 acknowledged: Disk full on db1"]
    assert world.story()[-2:] == [
        "+0 Slack message to Alice Archer delivered",
        "+0 Acknowledged by Alice Archer by Slack message",
    ]
    world.advance(hours=1)


def test_what_happens_elsewhere_is_shown_in_every_message(world: World, slack: FakeSlack) -> None:
    first = paged(world, slack)
    world.advance(minutes=5)
    (second,) = slack.take()
    assert second.to == BOB

    slack.press(BOB, second, "acknowledge")
    world.settle()
    assert ["Acknowledged by Bob Nguyen" in each.said for each in (first, second)] == [True, True]

    world.clear()
    assert ["Resolved by monitoring" in each.said for each in (first, second)] == [True, True]
    assert [each.buttons for each in (first, second)] == [[], []]


def test_escalate_pages_the_next_and_offers_to_acknowledge_again(world: World, slack: FakeSlack) -> None:
    message = paged(world, slack)
    slack.press(ALICE, message, "acknowledge")
    world.settle()

    slack.press(ALICE, message, "escalate")
    world.settle()

    (to_bob,) = slack.take()
    assert to_bob.to == BOB
    assert message.buttons == ["acknowledge", "escalate", "resolve"]
    slack.press(BOB, to_bob, "resolve")
    world.settle()
    assert "Resolved by Bob Nguyen" in message.said


def test_a_stranger_gets_a_sentence_and_nothing_happens(world: World, slack: FakeSlack) -> None:
    message = paged(world, slack)

    assert slack.press("U0MALLORY", message, "acknowledge") == 200

    assert ["not verified" in told["text"] for told in slack.told] == [True]
    assert slack.told[0]["member"] == "U0MALLORY"
    assert slack.told[0]["response_type"] == "ephemeral"
    assert world.alert().status == "triggered"


def test_a_press_that_is_sent_twice_acts_once(world: World, slack: FakeSlack) -> None:
    message = paged(world, slack)

    slack.press(ALICE, message, "escalate", trigger="t.1")
    slack.press(ALICE, message, "escalate", trigger="t.1")
    world.settle()

    assert [each.to for each in slack.take()] == [BOB]


def test_a_button_pressed_twice_escalates_once_and_says_who_was_paged(world: World, slack: FakeSlack) -> None:
    """Each press has a trigger of its own."""
    message = paged(world, slack)
    world.advance(seconds=5)
    slack.press(ALICE, message, "escalate")
    world.advance(seconds=2)
    slack.press(ALICE, message, "escalate")
    world.settle()

    assert [each.to for each in slack.take()] == [BOB]
    assert slack.told[-1]["text"].startswith("#1: Not escalated: it has gone on to its next step")
    assert "Bob Nguyen was paged last" in slack.told[-1]["text"]
    world.clear()


def test_whoever_reads_along_may_escalate_at_once_and_so_soon_only_one_of_them(world: World, slack: FakeSlack) -> None:
    message = paged(world, slack)
    world.advance(seconds=5)
    slack.press(BOB, message, "escalate")
    world.settle()
    (to_bob,) = slack.take()
    world.advance(seconds=10)
    slack.press(CAROL, message, "escalate")
    world.settle()

    assert (to_bob.to, slack.take()) == (BOB, [])
    world.clear()


def test_until_when_somebody_snoozes_is_on_the_clock_of_the_reader(world: World, slack: FakeSlack) -> None:
    message = paged(world, slack)

    world.snooze(hours=1)

    assert "Snoozed by Alice Archer until Mon 10:00 EST" in message.said
    world.clear()


@pytest.mark.parametrize("how", [{"secret": "guessed"}, {"age": 301}, {"age": -301}])
def test_a_forged_or_old_press_is_refused(world: World, slack: FakeSlack, how: dict[str, object]) -> None:
    message = paged(world, slack)

    assert slack.press(ALICE, message, "acknowledge", **how) == 403

    assert world.alert().status == "triggered"


def test_commands_act_and_say_who_is_on_call(world: World, slack: FakeSlack) -> None:
    paged(world, slack)

    assert slack.command(ALICE, "") == (
        "dev: L1 Alice Archer until Wed 25 Nov 10:00 EST; L2 Bob Nguyen until Wed 25 Nov 10:00 EST"
    )
    assert slack.command("U0MALLORY", "DEV").startswith("dev: L1 Alice Archer until Wed 25 Nov 15:00 UTC;")
    assert "There is no schedule “dve”" in slack.command(ALICE, "dve")
    assert "/oncall ack 12" in slack.command(ALICE, "help")
    assert "not verified" in slack.command("U0MALLORY", "ack 1")
    assert slack.command(ALICE, "ack 1, on it").startswith("Nothing was done, as there was more than “ack 1”.")
    assert slack.command(ALICE, "ack 1") == "#1 acknowledged: Disk full on db1"
    assert slack.command(ALICE, "resolve 1") == "#1 resolved: Disk full on db1"
    assert slack.command(ALICE, "escalate 99") == "#99: There is no alert #99."


def test_slack_that_is_away_for_a_while_is_told_later(world: World, slack: FakeSlack) -> None:
    message = paged(world, slack)
    slack.refuse_next("ratelimited", 429, retry_after=30)

    world.clear()
    assert "Resolved" not in message.said
    world.advance(seconds=29)
    assert "Resolved" not in message.said

    world.advance(seconds=2)
    assert "Resolved by monitoring" in message.said


def test_a_message_that_is_gone_is_left_alone(world: World, slack: FakeSlack) -> None:
    paged(world, slack)
    slack.refuse_next("message_not_found")

    world.clear()
    world.advance(hours=1)

    assert slack.calls.count("chat.update") == 1


def test_an_engine_that_dies_between_claim_and_answer_leaves_the_update_to_the_next(
    world: World, slack: FakeSlack
) -> None:
    message = paged(world, slack)
    world.restart_engine(Dying())
    world.clear()
    assert "Resolved" not in message.said

    world.restart_engine()
    world.advance(minutes=1)

    assert "Resolved by monitoring" in message.said


def test_who_is_unknown_to_slack_is_paged_another_way_and_the_address_rests(world: World, slack: FakeSlack) -> None:
    slack.members.remove(ALICE)

    world.fire()

    assert [each.to for each in slack.take()] == [BOB]
    assert any("Slack knows no such member" in line for line in world.story())
    method = world.ask(lambda session: session.get_one(ContactMethod, world.deliveries()[0].contact_method_id))
    assert method.disabled_at is not None


def test_user_groups_follow_who_is_on_call(world: World, slack: FakeSlack) -> None:
    world.apply(WITH_GROUPS)
    world.tick()
    assert slack.usergroups["S00ONCALL"] == sorted([ALICE, BOB])

    world.tick()
    world.restart_engine()
    world.tick()
    assert slack.calls.count("usergroups.users.update") == 1


def test_a_group_changes_hands_with_the_shift(world: World, slack: FakeSlack) -> None:
    world.apply(WITH_GROUPS.replace(", L2: S00ONCALL", ""))
    world.tick()
    assert slack.usergroups["S00ONCALL"] == [ALICE]

    world.advance(days=2, hours=2)
    world.tick()
    slack.take()  # what they are told of their shifts

    assert slack.usergroups["S00ONCALL"] == [BOB]


def test_a_group_whose_people_slack_does_not_know_stays_and_it_is_said(world: World, slack: FakeSlack) -> None:
    slack.usergroups["S00ONCALL"] = [CAROL]
    world.apply("users: [{handle: alice, contact_methods: []}]" + WITH_GROUPS.replace(", L2: S00ONCALL", ""))
    world.tick()

    row = world.ask(lambda session: session.get_one(SlackUserGroup, "S00ONCALL"))
    slack.take()  # what their manager is told
    assert slack.usergroups["S00ONCALL"] == [CAROL]
    assert "Alice Archer has no verified Slack contact method" in row.problem


def test_a_group_that_can_not_be_set_is_tried_calmly_and_mended(world: World, slack: FakeSlack) -> None:
    slack.refuse_next("permission_denied")
    world.apply(WITH_GROUPS)
    for _ in range(5):
        world.tick()
    assert slack.calls.count("usergroups.users.update") == 1
    row = world.ask(lambda session: session.get_one(SlackUserGroup, "S00ONCALL"))
    assert "may not change user groups" in row.problem

    world.clock.now += timedelta(hours=1)
    world.tick()

    assert slack.usergroups["S00ONCALL"] == sorted([ALICE, BOB])
    assert world.ask(lambda session: session.get_one(SlackUserGroup, "S00ONCALL")).problem == ""


def test_several_alerts_in_one_message_are_acknowledged_by_one_button_and_followed(
    world: World, slack: FakeSlack
) -> None:
    message = paged(world, slack)
    world.fire("Queue is long", key="queue")
    world.fire("Error rate 12 %", key="errors")
    assert slack.take() == []
    world.advance(seconds=1)
    (bundle,) = slack.take()
    assert "2 alerts on web" in bundle.said
    assert bundle.buttons == ["acknowledge"]

    world.clear("queue")
    assert "Nobody has 1 of 2" in bundle.said
    assert slack.press(ALICE, bundle, "acknowledge") == 200
    world.settle()

    assert "Somebody has all that is open: 1 of 2" in bundle.said
    assert bundle.buttons == []
    assert "Acknowledged by Alice Archer" in message.said, "all means all that is open"

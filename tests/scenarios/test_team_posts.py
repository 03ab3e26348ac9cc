"""Steps that post to an address of a team's own, by which nobody is paged."""

from collections.abc import Iterator

import pytest

from oncall.delivery.held import held_from
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.settings import Settings
from tests.conftest import Contents
from tests.fake_slack import FakeSlack
from tests.scenarios.test_slack import BOB as BOB_IN_SLACK
from tests.scenarios.test_slack import in_slack
from tests.scenarios.world import ALICE, BEGINS, BOB, COMPANY, PUBLIC_URL, World

WARROOM = """
teams:
  - {name: dev, contact_methods: [{name: "#warroom", kind: slack, address: C0WARROOM}]}
"""
POSTS_FIRST = """
escalation_policies:
  - name: dev
    repeat: 0
    steps:
      - {page: ["team:dev/#warroom"], wait: 5m}
      - {page: ["user:alice", "team:dev/#warroom"], wait: 5m}
      - {page: ["user:bob", "team:dev/#warroom"], wait: 5m}
"""


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY, WARROOM + POSTS_FIRST))


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings, with_slack=True) as world:
        yield world


@pytest.fixture
def either_world(settings: Settings) -> Iterator[World]:
    with World(settings, with_slack=True) as world:
        yield world


def test_a_step_that_only_posts_is_told_and_runs_on_at_once(either_world: World) -> None:
    world = either_world
    assert world.slack is not None
    world.fire()

    (message,) = world.slack.take()
    assert (message.to, world.numbers_texted()) == ("C0WARROOM", [ALICE])
    assert sorted(world.story()[1:]) == [
        "+0 Paged Alice Archer: the alert triggered",
        "+0 Posted to dev's #warroom (slack): the alert triggered",
        "+0 Slack message to dev's #warroom (slack) delivered",
        "+0 Slack message to dev's #warroom (slack) sent",
        "+0 Step 1 posts and pages nobody: running on at once",
        "+0 Text to Alice Archer sent",
    ]
    delivery = next(each for each in world.deliveries() if each.kind == "slack")
    assert (delivery.user_id, delivery.page_id, delivery.state) == (None, None, DeliveryState.DELIVERED)
    world.reply(ALICE, "ack 1")


def test_the_message_follows_the_alert_and_its_buttons_act_for_whoever_presses_them(
    world: World, slack: FakeSlack
) -> None:
    world.apply(f"users: [{{handle: bob, {in_slack(BOB_IN_SLACK)}, notification_rules: []}}]")
    world.fire()
    (message,) = slack.take()
    assert f"{PUBLIC_URL}/alerts/1" in str(message.blocks)
    assert "/answer/" not in str(message.blocks)

    slack.press("U0STRANGE", message, "acknowledge")
    assert world.alert().status is AlertStatus.TRIGGERED
    slack.press(BOB_IN_SLACK, message, "acknowledge")
    world.settle()

    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    assert "Acknowledged by Bob Nguyen" in message.said
    assert world.numbers_texted() == [ALICE]


def test_a_later_step_posts_again_and_a_round_that_reaches_nobody_does_not(world: World, slack: FakeSlack) -> None:
    world.fire()
    world.advance(minutes=5)
    assert (len(slack.take()), world.numbers_texted(), len(world.calls())) == (2, [ALICE, BOB], 1)
    world.reply(BOB, "ack 1")

    world.apply("schedules: [{name: quiet, timezone: UTC, levels: [L1]}]")
    world.apply(
        "escalation_policies: [{name: dev, fallback: null, "
        'steps: [{page: ["team:dev/#warroom", "schedule:quiet"], wait: 1m}]}]'
    )
    world.fire(key="gap")
    world.advance(minutes=5)
    assert len(slack.take()) == 1
    assert [line for line in world.story(2) if "Posted" in line or "trying again" in line] == [
        "+0 Posted to dev's #warroom (slack): the alert triggered",
        "+0 Nobody can be paged by policy dev: trying again until somebody can be",
    ]
    world.clear(key="gap")


def test_what_can_t_be_posted_is_told_and_holds_nobody_up(world: World, slack: FakeSlack) -> None:
    world.apply("teams: [{name: dev, contact_methods: [{name: '#warroom', kind: slack, address: C0NOWHERE}]}]")
    world.fire()
    assert world.numbers_texted() == [ALICE]
    assert any("Slack message to dev's #warroom (slack) failed" in line for line in world.story())
    assert world.alert().next_step_at is not None
    world.reply(ALICE, "ack 1")


def test_a_storm_is_a_few_posts_and_what_is_held_back_is_counted_for_the_team(either_world: World) -> None:
    world = either_world
    assert world.slack is not None
    world.apply("teams: [{name: dev, managers: [alice]}]")
    for number in range(5):
        world.fire(f"Queue {number} is long", key=f"queue-{number}")
    (first,) = world.slack.take()
    assert "Queue 0 is long" in first.said
    held = world.ask(lambda session: held_from(session, 1, world.clock()))
    assert [(each.name, each.count, each.alerts) for each in held] == [
        ("mobile", 4, (2, 3, 4, 5)),
        ("dev's #warroom (slack)", 4, (2, 3, 4, 5)),
    ]
    world.advance(seconds=1)
    (bundle,) = world.slack.take()
    assert bundle.said.startswith("CRITICAL: 4 alerts on web, the oldest open for 1 s\n#2 Queue 1 is long\n#3 Queue 2")
    assert bundle.said.endswith(f"{PUBLIC_URL}/alerts")
    assert "+0.0166667 Slack message to dev's #warroom (slack) held back, sent together with 3 others" in world.story(3)
    posts = [each for number in range(1, 6) for each in world.deliveries(number) if each.kind == "slack"]
    assert {each.state for each in posts} == {DeliveryState.DELIVERED}
    assert len(world.texts()) == 2
    world.reply(ALICE, "ack all")


def test_one_button_answers_what_a_post_tells_of_for_whoever_is_verified(world: World, slack: FakeSlack) -> None:
    world.apply(f"users: [{{handle: bob, {in_slack(BOB_IN_SLACK)}, notification_rules: []}}]")
    for number in range(4):
        world.fire(key=f"queue-{number}")
    world.advance(seconds=1)
    _, bundle = slack.take()
    assert bundle.buttons == ["acknowledge"]
    world.fire(key="came later")

    slack.press("U0STRANGE", bundle, "acknowledge")
    assert world.alert(2).status is AlertStatus.TRIGGERED
    slack.press(BOB_IN_SLACK, bundle, "acknowledge")
    world.settle()

    assert [world.alert(number).status.value for number in range(1, 6)] == [
        "triggered",
        *["acknowledged"] * 3,
        "triggered",
    ]
    assert "Somebody has all that is open: 3 of 3" in bundle.said
    assert len(world.texts()) == 2
    world.reply(ALICE, "ack all")


def test_what_was_answered_while_it_was_held_back_is_not_posted(world: World, slack: FakeSlack) -> None:
    for number in range(4):
        world.fire(f"Queue {number} is long", key=f"queue-{number}")
    assert len(slack.take()) == 1
    world.clear("queue-2")
    world.advance(seconds=1)
    (bundle,) = slack.take()
    assert "2 alerts on web" in bundle.said
    assert "Queue 2" not in bundle.said
    assert len(world.texts()) == 2
    world.reply(ALICE, "ack all")


def test_a_text_to_a_team_asks_for_no_reply_and_a_call_for_no_key(world: World) -> None:
    world.apply(
        """
teams:
  - name: dev
    contact_methods:
      - {name: desk, kind: voice, address: "+12025550150"}
      - {name: duty phone, kind: sms, address: "+12025550151"}
escalation_policies:
  - {name: dev, steps: [{page: ["user:alice", "team:dev/desk", "team:dev/duty phone"], wait: 5m}]}
"""
    )
    world.fire()
    texts = dict(world.texts())
    assert "Reply" in texts[ALICE]
    assert "Reply" not in texts["+12025550151"]
    (call,) = world.calls()
    assert (call.to, call.url) == ("+12025550150", "")  # what is said, it brings along
    assert world.reply("+12025550151", "ack 1").startswith("This address is not verified")
    world.reply(ALICE, "ack 1")

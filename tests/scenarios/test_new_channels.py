"""A team's channel that changes, or goes, while alerts wait to be posted there: the old one may be others' by now."""

from collections.abc import Iterator

import pytest

from oncall.settings import Settings
from tests.fake_slack import FakeSlack
from tests.scenarios.test_new_numbers import Meanwhile
from tests.scenarios.world import World

NEW, OLD = "C0OUTAGES", "C0WARROOM"
WITH_NEW_CHANNEL = f"teams: [{{name: dev, contact_methods: [{{name: warroom, kind: slack, address: {NEW}}}]}}]"
WITHOUT_ANY = "teams: [{name: dev, contact_methods: []}]"
POSTS = """
schedules: [{name: quiet, timezone: UTC, levels: [L1]}]
escalation_policies:
  - {name: dev, fallback: null, steps: [{page: ["schedule:quiet", "team:dev/warroom"], wait: 5m}]}
"""


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings, with_slack=True) as world:
        world.apply(WITH_NEW_CHANNEL.replace(NEW, OLD) + POSTS)
        yield world


@pytest.fixture
def slack(world: World) -> FakeSlack:
    assert world.slack is not None
    world.slack.channels = {OLD, NEW}
    return world.slack


def posts_told(world: World) -> list[str]:
    return [line.split(" ", 1)[1] for line in world.story() if "Slack" in line]


def test_what_is_tried_again_is_posted_to_the_new_channel_alone(world: World, slack: FakeSlack) -> None:
    slack.refuse_next("internal_error", 503)
    world.fire()
    world.apply(WITH_NEW_CHANNEL)
    world.advance(minutes=3)
    assert [message.to for message in slack.take()] == [NEW]
    assert "Slack message to dev's warroom (slack) is next, since the address before is theirs no more" in posts_told(
        world
    )


def test_what_is_held_back_is_posted_to_the_new_channel_together(world: World, slack: FakeSlack) -> None:
    for number in range(4):
        world.fire(key=f"queue-{number}")
    assert [message.to for message in slack.take()] == [OLD]
    world.apply(WITH_NEW_CHANNEL)
    world.advance(seconds=2)
    (bundle,) = slack.take()
    assert bundle.to == NEW
    assert "3 alerts on web" in bundle.said


def test_what_failed_while_the_channel_changed_is_not_tried_again_there(world: World, slack: FakeSlack) -> None:
    world.restart_engine(Meanwhile(lambda: world.apply(WITH_NEW_CHANNEL)))
    slack.refuse_next("internal_error", 503)
    world.fire()
    world.settle()
    assert [message.to for message in slack.take()] == [NEW]


def test_what_waits_for_a_channel_that_is_gone_is_given_up_and_that_is_told(world: World, slack: FakeSlack) -> None:
    slack.refuse_next("internal_error", 503)
    world.fire()
    world.apply(POSTS.replace(', "team:dev/warroom"', "") + WITHOUT_ANY)
    world.advance(minutes=3)
    assert slack.take() == []
    assert posts_told(world)[-1] == "Slack message to a team's address that is gone is not sent any more"

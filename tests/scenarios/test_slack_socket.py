"""Socket Mode: Slack's own client, to which a server hands over buttons and commands as Slack does."""

import socket
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from notifiers.slack_socket import SlackSocket
from oncall.delivery.accounts import slack_account
from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from oncall.slack.socket import socket_of
from tests.fake_slack import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.scenarios.test_slack import ALICE, BOB, COMPANY_IN_SLACK
from tests.scenarios.world import World

SOON = 60
"""Seconds; Slack's client looks after its connection every few seconds."""
APP = {"slack_bot_token": SecretStr(BOT_TOKEN), "slack_app_token": SecretStr(APP_TOKEN)}


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings, with_slack=True) as world:
        world.apply(COMPANY_IN_SLACK)
        yield world


@pytest.fixture
def connection(world: World) -> Iterator[SlackSocket]:
    """Not started yet."""
    settings = world.settings.model_copy(update=APP)
    made = socket_of(slack_account(settings), world.database, world.clock, world.runtime.wake)
    assert made is not None
    yield made
    made.stop()


def test_buttons_and_commands_do_the_same_as_by_callback(
    world: World, slack: FakeSlack, connection: SlackSocket
) -> None:
    world.fire()
    (message,) = slack.take()
    connection.start()
    assert slack.connected.wait(SOON)

    who = slack.over_socket("slash_commands", {"user_id": BOB, "text": "dev", "trigger_id": "t.1"})
    assert who["payload"]["text"].startswith("dev: L1 Alice Archer")
    press = slack.press_payload(ALICE, message, "acknowledge")
    slack.over_socket("interactive", press)
    slack.over_socket("interactive", press)
    world.settle()

    assert "Acknowledged by Alice Archer" in message.said
    assert slack.told[0]["text"] == "#1 acknowledged: Disk full on db1"
    assert [line for line in world.story() if "Acknowledged" in line] == [
        "+0 Acknowledged by Alice Archer by Slack message"
    ]


def test_what_is_not_understood_is_acknowledged_and_changes_nothing(slack: FakeSlack, connection: SlackSocket) -> None:
    connection.start()
    assert slack.connected.wait(SOON)

    for kind, payload in [("slash_commands", {"text": "ack 1"}), ("interactive", {}), ("events_api", {"event": {}})]:
        assert "payload" not in slack.over_socket(kind, payload)


def test_a_connection_that_breaks_is_made_anew(
    slack: FakeSlack, connection: SlackSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifiers.slack_socket.PING_SECONDS", 0.5)  # Slack's client spins until it has noticed
    connection.start()
    assert slack.connected.wait(SOON)
    slack.connected.clear()

    slack.sockets[-1].shutdown(socket.SHUT_RDWR)

    assert slack.connected.wait(SOON)
    assert slack.over_socket("slash_commands", {"user_id": ALICE, "text": "", "trigger_id": "t.2"})["payload"]


def test_slack_that_is_away_at_the_start_is_tried_again(slack: FakeSlack, connection: SlackSocket) -> None:
    slack.refuse_next("internal_error", times=1)

    connection.start()

    assert slack.connected.wait(SOON)
    assert slack.calls.count("apps.connections.open") == 2


def test_only_a_process_with_an_engine_holds_a_connection(sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update=APP)

    web, whole, without_slack = (
        build_runtime(settings, with_engine=False),
        build_runtime(settings),
        build_runtime(sqlite_settings),
    )

    assert web.socket is None
    assert whole.socket is not None
    assert without_slack.socket is None
    for each in (web, whole, without_slack):
        each.database.close()

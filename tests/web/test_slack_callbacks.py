"""What nobody at Slack would send, on the addresses that Slack posts to."""

import json
from collections.abc import Iterator

import pytest

from oncall.settings import Settings
from tests.fake_slack import FakeSlack
from tests.scenarios.world import World

PATHS = ["/callbacks/slack/interactions", "/callbacks/slack/commands"]


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings, with_slack=True) as world:
        yield world


@pytest.fixture
def slack(world: World) -> FakeSlack:
    assert world.slack is not None
    return world.slack


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "1795442400", "X-Slack-Signature": "v0=00"},
    ],
)
def test_without_a_signature_nothing_is_read(world: World, path: str, headers: dict[str, str]) -> None:
    answer = world.client.post(path, content=b"payload=\xff", headers=headers)

    assert answer.status_code == 403
    assert "ONCALL_SLACK_SIGNING_SECRET" in answer.json()["detail"]


@pytest.mark.parametrize(
    "payload",
    ["", "no JSON", "[]", "null", "[" * 5000, '{"type": "block_actions"}', '{"type": "block_actions", "actions": 1}'],
)
def test_a_payload_that_is_none_gets_a_sentence(slack: FakeSlack, payload: str) -> None:
    status, body = slack.deliver(PATHS[0], {"payload": payload})

    assert status == 400
    assert "payload" in json.loads(body)["detail"]


def test_a_command_without_a_sender_gets_a_sentence(slack: FakeSlack) -> None:
    status, body = slack.deliver(PATHS[1], {"text": "ack 1"})

    assert status == 400
    assert "user_id" in json.loads(body)["detail"]


@pytest.mark.parametrize(
    "payload", [{"type": "view_submission"}, {"type": "block_actions", "actions": [{"action_id": "other"}]}]
)
def test_what_is_not_ours_is_accepted_without_effect(slack: FakeSlack, payload: dict[str, object]) -> None:
    assert slack.deliver(PATHS[0], {"payload": json.dumps(payload)}) == (200, "")


@pytest.mark.parametrize("path", PATHS)
def test_both_slash_forms_are_answered(slack: FakeSlack, path: str) -> None:
    form = {"payload": '{"type": "view_closed"}', "user_id": "U00ALICE", "text": "", "trigger_id": "t.1"}

    assert slack.deliver(f"{path}/", form)[0] == 200


def test_our_answer_goes_to_slack_and_nowhere_else(slack: FakeSlack) -> None:
    with FakeSlack() as elsewhere:
        press = {
            "type": "block_actions",
            "user": {"id": "U00ALICE"},
            "trigger_id": "t.1",
            "response_url": f"{elsewhere.origin}/actions/U00ALICE",
            "actions": [{"action_id": "acknowledge", "value": "1"}],
        }
        assert slack.deliver(PATHS[0], {"payload": json.dumps(press)})[0] == 200

        assert elsewhere.told == []

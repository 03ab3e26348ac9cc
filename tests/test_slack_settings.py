"""Settings for Slack that are half there, or mixed up, refuse to start."""

import pytest

from oncall.errors import SetupError
from oncall.settings import load_settings

BOT, APP, SECRET = {"slack_bot_token": "xoxb-1"}, {"slack_app_token": "xapp-1"}, {"slack_signing_secret": "s"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (APP, "need slack_bot_token"),
        (SECRET, "need slack_bot_token"),
        ({"slack_bot_token": "xapp-1"}, "must begin with xoxb-"),
        (BOT | {"slack_app_token": "xoxb-1"}, "must begin with xapp-"),
        (BOT | {"demo": True}, "demo can't be combined with slack_bot_token"),
        (BOT | {"slack_base_url": "slack.com"}, "ONCALL_SLACK_BASE_URL: must begin with http"),
    ],
)
def test_it_is_said_what_is_missing(given: dict[str, object], said: str) -> None:
    with pytest.raises(SetupError, match=said):
        load_settings(_env_file=None, **given)


@pytest.mark.parametrize(("given", "can_answer"), [(BOT, False), (BOT | APP, True), (BOT | SECRET, True)])
def test_buttons_are_shown_only_where_they_reach_us(given: dict[str, object], can_answer: bool) -> None:
    assert load_settings(_env_file=None, **given).slack_can_answer is can_answer

"""Further accounts in one setting: a fault is told by its place, and no secret with it."""

import json

import pytest

from oncall.delivery.accounts import accounts_by_kind, twilio_accounts
from oncall.errors import SetupError
from oncall.settings import load_settings
from tests.conftest import make_settings

FIRST = {"twilio_account_sid": "AC1", "twilio_auth_token": "hidden", "twilio_from": "+12025550100"}
SECOND = {"name": "second", "account_sid": "AC2", "auth_token": "hidden", "from": "+1 202 555 0200"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("hidden", "must be a JSON list, such as"),
        ({"hidden": 1}, "must be a JSON list"),
        (["hidden"], "entry 1 must be an object of texts"),
        ([SECOND | {"from": 12025550200}], "entry 1 must be an object of texts"),
        ([SECOND, {"name": "third", "from": "+12025550300"}], "entry 2 needs account_sid and auth_token"),
        ([SECOND | {"token": "hidden"}], "entry 1 may hold only name, account_sid, auth_token, from, base_url"),
        ([SECOND | {"name": "twilio"}], "entry 1: name must be small letters"),
        ([SECOND | {"name": "Über"}], "entry 1: name must be small letters"),
        ([SECOND | {"from": "0200"}], "entry 1: from is not a phone number"),
        ([SECOND | {"base_url": "example.com"}], "entry 1: base_url must begin with http"),
        ([SECOND, SECOND | {"account_sid": "AC3"}], "two entries have the same name"),
        ([SECOND, SECOND | {"name": "third"}], "two entries have the same account_sid"),
        ([SECOND | {"account_sid": "AC1"}], "names the account of twilio_account_sid again"),
    ],
)
def test_what_can_not_work_refuses_to_start(written: object, said: str) -> None:
    text = written if isinstance(written, str) else json.dumps(written)
    with pytest.raises(SetupError) as refused:
        load_settings(_env_file=None, twilio_fallbacks=text, **FIRST)
    assert said in refused.value.detail
    assert "hidden" not in refused.value.detail


def test_a_second_account_needs_a_first() -> None:
    with pytest.raises(SetupError, match="twilio_fallbacks needs twilio_account_sid"):
        load_settings(_env_file=None, twilio_fallbacks=json.dumps([SECOND]))


def test_they_come_in_order_after_the_first() -> None:
    third = SECOND | {"name": "third", "account_sid": "AC3", "base_url": "https://twilio.example.com/"}
    settings = make_settings("sqlite:///unused.db", **FIRST, twilio_fallbacks=json.dumps([SECOND, third]))
    accounts = twilio_accounts(settings)
    assert [account.name for account in accounts] == ["twilio", "second", "third"]
    assert accounts_by_kind(settings) == dict.fromkeys(("sms", "voice"), ("twilio", "second", "third"))
    assert (accounts[1].from_number, accounts[1].base_url) == ("+12025550200", "https://api.twilio.com")
    assert (accounts[2].base_url, accounts[2].timeout_seconds) == ("https://twilio.example.com", settings.send_timeout)
    assert "hidden" not in repr(accounts) + repr(settings)

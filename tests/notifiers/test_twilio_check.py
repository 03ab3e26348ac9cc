"""What Twilio says of our account and number, in one sentence that says what to mend first."""

from typing import Any

import pytest

from notifiers.base import TemporaryFailure
from notifiers.twilio_check import fine, look, wrong
from tests.fake_twilio import NUMBER, FakeTwilio
from tests.notifiers.conftest import account

WEBHOOK = "https://oncall.example.com/callbacks/twilio/sms"


def sentence(twilio: FakeTwilio, webhook: str = WEBHOOK) -> str:
    seen = look(account(twilio))
    return wrong(seen, NUMBER, webhook) or fine(seen, NUMBER, webhook)


def test_where_all_is_well_it_says_what_works(twilio: FakeTwilio) -> None:
    twilio.number["sms_url"] = WEBHOOK
    works = f"Twilio knows the account, {NUMBER} can text and call, and answers by text"

    assert sentence(twilio) == f"{works} come here."
    twilio.account["type"] = "Trial"
    assert sentence(twilio, "") == (
        f"{works} are fetched. It is a trial account: it reaches only numbers that are verified in Twilio’s console."
    )


@pytest.mark.parametrize(
    ("account_says", "number_says", "said"),
    [
        ({"status": "suspended"}, {}, "The account is suspended: see Twilio’s console."),
        ({}, {"phone_number": "+12025550177"}, f"has no number {NUMBER}: set ONCALL_TWILIO_FROM to one that it has."),
        ({}, {"capabilities": {"sms": False, "voice": True}}, f"{NUMBER} can’t text: choose a number that can"),
        ({}, {"capabilities": {"sms": True, "voice": False}}, f"{NUMBER} can’t call: choose a number that can"),
        ({}, {"capabilities": {}}, f"{NUMBER} can’t text or call"),
        ({}, {}, "Pages leave, but answers by text go nowhere: paste our address at the number"),
        ({}, {"sms_url": "https://demo.twilio.com/welcome"}, "answers by text go to https://demo.twilio.com/welcome"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    twilio: FakeTwilio, account_says: dict[str, Any], number_says: dict[str, Any], said: str
) -> None:
    twilio.account |= account_says
    twilio.number |= number_says

    assert said in sentence(twilio)


def test_a_wrong_token_and_a_server_that_is_away_are_told_apart(twilio: FakeTwilio) -> None:
    with pytest.raises(TemporaryFailure, match="Twilio refused our credentials; check ONCALL_TWILIO_ACCOUNT_SID"):
        look(account(twilio, token="wrong"))
    twilio.go_away()
    with pytest.raises(TemporaryFailure, match="Twilio has trouble"):
        look(account(twilio))

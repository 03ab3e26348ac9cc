"""The contact that lets pages through, read by a library that is not ours."""

import vobject

from oncall.delivery.our_card import our_card
from tests.conftest import make_settings

WITH_NUMBERS = {
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "x",
    "twilio_from": "+12025550100",
    "twilio_fallbacks": '[{"name": "second", "account_sid": "AC2", "auth_token": "x", "from": "+12025550200"}]',
    "smtp_url": "smtp://mail.example.com",
    "email_from": "oncall <oncall@example.com>",
    "public_url": "https://oncall.example.com",
}


def test_one_contact_has_every_number_and_the_mail_address() -> None:
    settings = make_settings("sqlite:///unused.db", **WITH_NUMBERS)

    card = vobject.readOne(our_card(settings).decode())

    card.validate()
    assert [number.value for number in card.tel_list] == ["+12025550100", "+12025550200"]
    assert (card.fn.value, card.email.value) == ("On-call pager", "oncall@example.com")
    assert card.url.value == "https://oncall.example.com"

"""Texts through Twilio, over real HTTP."""

from datetime import timedelta

import pytest

from notifiers.base import Notifier, Receipt, StatusReport, TemporaryFailure
from notifiers.kind import Accounts
from notifiers.registry import notifiers_for
from notifiers.twilio_client import TwilioClient
from tests.fake_twilio import NUMBER, FakeTwilio
from tests.notifiers.conftest import ALICE, BEFORE, BOB, NOW, PAGE, account, page


def test_a_text_reaches_the_phone_word_for_word(twilio: FakeTwilio, sms: Notifier) -> None:
    receipt = sms.send(page(status_url="https://oncall.example.com/callbacks/twilio/status?d=1"))

    [text] = twilio.take_messages()
    assert (text.to, text.from_, text.body) == (ALICE, NUMBER, PAGE)
    assert text.status_url == "https://oncall.example.com/callbacks/twilio/status?d=1"
    assert receipt == Receipt(text.sid, delivered=False)


def test_other_scripts_arrive_unharmed(twilio: FakeTwilio, sms: Notifier) -> None:
    sms.send(page(body="Диск 満 🔥 & + = %"))
    assert twilio.take_messages()[0].body == "Диск 満 🔥 & + = %"


def test_without_a_public_address_no_callback_is_asked_for(twilio: FakeTwilio, sms: Notifier) -> None:
    sms.send(page())
    assert "StatusCallback" not in twilio.take_messages()[0].form


def test_a_text_whose_answer_was_lost_is_found_again(twilio: FakeTwilio, sms: Notifier) -> None:
    twilio.drop_reply_next()
    with pytest.raises(TemporaryFailure) as failure:
        sms.send(page())

    assert failure.value.maybe_accepted
    [text] = twilio.take_messages()
    assert sms.find(page(), since=BEFORE) == Receipt(text.sid)


def test_a_text_never_accepted_is_not_found(twilio: FakeTwilio, sms: Notifier) -> None:
    sms.send(page(to=BOB))
    sms.send(page(body="WARNING web: something else"))
    assert sms.find(page(), since=BEFORE) is None


def test_an_earlier_text_with_the_same_words_is_another_one(twilio: FakeTwilio, sms: Notifier) -> None:
    sms.send(page())
    assert sms.find(page(), since=NOW + timedelta(seconds=1)) is None
    assert sms.find(page(), since=NOW + timedelta(milliseconds=200)) is not None, "Twilio's dates are whole seconds"


def test_a_text_that_belongs_to_another_delivery_is_not_taken(twilio: FakeTwilio, sms: Notifier) -> None:
    other = sms.send(page())
    assert sms.find(page(), since=BEFORE, known={other.provider_id}) is None


def test_a_found_text_says_if_it_was_delivered(twilio: FakeTwilio, sms: Notifier) -> None:
    receipt = sms.send(page())
    twilio.deliver(twilio.messages[0])
    assert sms.find(page(), since=BEFORE) == Receipt(receipt.provider_id, delivered=True)


def test_a_text_that_failed_at_the_carrier_counts_as_not_sent(twilio: FakeTwilio, sms: Notifier) -> None:
    sms.send(page())
    twilio.report(twilio.messages[0], "undelivered", ErrorCode="30003")
    assert sms.find(page(), since=BEFORE) is None


def test_a_text_is_found_behind_a_page_of_newer_ones(twilio: FakeTwilio, sms: Notifier) -> None:
    sms.send(page())
    for number in range(60):
        sms.send(page(body=f"Alert {number}"))
    found = sms.find(page(), since=BEFORE)
    assert found is not None
    assert found.provider_id == twilio.messages[0].sid


@pytest.mark.parametrize(
    ("status", "code", "state", "is_permanent"),
    [("sent", "", "sent", False), ("delivered", "", "delivered", False), ("undelivered", "30006", "failed", True)],
)
def test_without_callbacks_the_state_can_be_asked_for(
    twilio: FakeTwilio, sms: Notifier, status: str, code: str, state: str, is_permanent: bool
) -> None:
    receipt = sms.send(page())
    twilio.report(twilio.messages[0], status, ErrorCode=code)
    report = sms.status(receipt.provider_id)
    assert (report.state, report.permanent) == (state, is_permanent)


def test_a_callback_can_come_before_the_answer(twilio: FakeTwilio) -> None:
    posted: list[dict[str, str]] = []

    def post(url: str, form: dict[str, str], headers: dict[str, str]) -> tuple[int, str]:
        posted.append(form)
        return 204, ""

    twilio.post = post
    twilio.report_early_next("delivered")
    sms = notifiers_for(Accounts((account(twilio),)))["sms"]
    receipt = sms.send(page(status_url="https://oncall.example.com/status"))
    assert [form["MessageSid"] for form in posted] == [receipt.provider_id]
    assert sms.status(receipt.provider_id) == StatusReport(receipt.provider_id, "delivered")


def test_the_fake_pages_its_lists_as_twilio_does(twilio: FakeTwilio, sms: Notifier) -> None:
    for number in range(5):
        sms.send(page(body=f"Alert {number}"))
    api = TwilioClient(account(twilio)).messages
    texts = api.list(page_size=2)
    assert [text.body for text in texts] == [f"Alert {number}" for number in (4, 3, 2, 1, 0)]
    assert api.list(date_sent_after=BEFORE) == [], "queued texts have no date_sent yet"

"""Calls through Twilio: somebody picks up and presses keys, or a machine does."""

from urllib.parse import parse_qs, urlsplit

import pytest

from notifiers.base import Notifier, Receipt, TemporaryFailure
from notifiers.twilio_callback import is_genuine, is_voicemail
from notifiers.twilio_twiml import KEYS, help_twiml, page_twiml, say_twiml, voicemail_twiml
from tests.fake_twilio import TOKEN, FakeTwilio
from tests.notifiers.conftest import ALICE, BEFORE, BOB, page

SPEECH = "Critical alert 12 on web. Disk full."
URL = "https://oncall.example.com/callbacks/twilio/voice?d=1"


class KeypadPage:
    """The page behind a call, as small as it can be: says the alert, does what the key says."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, url: str, form: dict[str, str], headers: dict[str, str]) -> tuple[int, str]:
        if not is_genuine(TOKEN, url, form, headers["X-Twilio-Signature"]):
            return 403, ""
        assert parse_qs(urlsplit(url).query) == {"d": ["1"]}
        if is_voicemail(form.get("AnsweredBy")):
            return 200, voicemail_twiml(SPEECH)
        action = KEYS.get(form.get("Digits", "*"), "help")
        if action == "repeat":
            return 200, page_twiml(SPEECH, URL)
        if action == "help":
            return 200, help_twiml(URL)
        self.done.append(action)
        return 200, say_twiml(f"Done: {action}.")


@pytest.fixture
def keypad(twilio: FakeTwilio) -> KeypadPage:
    twilio.post = KeypadPage()
    return twilio.post


@pytest.mark.parametrize(
    ("keys", "done"),
    [
        ("4", ["acknowledge"]),
        ("5", ["escalate"]),
        ("6", ["resolve"]),
        ("*4", ["acknowledge"]),
        ("0#94", ["acknowledge"]),
    ],
)
def test_a_key_does_what_the_menu_says(
    twilio: FakeTwilio, voice: Notifier, keypad: KeypadPage, keys: str, done: list[str]
) -> None:
    voice.send(page(body=SPEECH, voice_url=URL, alert=12))
    [call] = twilio.take_calls()
    said = twilio.answer(call, keys)
    assert SPEECH in said[0]
    assert said[-1] == f"Done: {done[0]}."
    assert keypad.done == done


def test_no_key_hears_the_page_twice_and_acknowledges_nothing(
    twilio: FakeTwilio, voice: Notifier, keypad: KeypadPage
) -> None:
    voice.send(page(body=SPEECH, voice_url=URL, alert=12))
    said = twilio.answer(twilio.calls[0])
    assert sum(SPEECH in sentence for sentence in said) == 2
    assert "nothing was acknowledged" in said[-1]
    assert keypad.done == []


def test_voicemail_is_left_a_message_after_its_greeting_and_counts_as_unanswered(
    twilio: FakeTwilio, voice: Notifier, keypad: KeypadPage
) -> None:
    receipt = voice.send(page(body=SPEECH, voice_url=URL, alert=12))
    assert twilio.calls[0].form["MachineDetection"] == ["DetectMessageEnd"]
    (left,) = twilio.answer(twilio.calls[0], keys="4", answered_by="machine_end_beep")
    assert left.startswith(SPEECH)
    report = voice.status(receipt.provider_id)
    assert (report.state, report.error) == ("failed", "answered by voicemail")
    assert keypad.done == []


def test_a_forged_request_for_the_page_is_refused(twilio: FakeTwilio, voice: Notifier, keypad: KeypadPage) -> None:
    voice.send(page(body=SPEECH, voice_url=URL, alert=12))
    twilio.auth_token = "guessed"
    with pytest.raises(AssertionError, match="403"):
        twilio.answer(twilio.calls[0], "4")


def test_a_call_about_no_alert_says_its_words_twice(twilio: FakeTwilio, voice: Notifier) -> None:
    voice.send(page(body="Your code is 1 2 3 & more.", voice_url=URL, alert=None))
    [call] = twilio.take_calls()
    assert call.url == ""
    assert twilio.answer(call, keys="4") == ["Your code is 1 2 3 & more."] * 2


def test_where_no_key_can_be_heard_the_call_says_what_to_text(twilio: FakeTwilio, voice: Notifier) -> None:
    voice.send(page(body=SPEECH, voice_url="", alert=12))
    [call] = twilio.take_calls()
    assert call.url == ""
    assert twilio.answer(call, keys="4") == [f"{SPEECH} To acknowledge, text ack 12 to this number."] * 2


def test_every_step_of_a_call_is_reported_where_we_ask(twilio: FakeTwilio, voice: Notifier) -> None:
    voice.send(page(body=SPEECH, status_url="https://oncall.example.com/status?d=1"))
    [call] = twilio.take_calls()
    assert call.status_url == "https://oncall.example.com/status?d=1"
    assert call.form["StatusCallbackEvent"] == ["initiated", "answered", "completed"]


def test_a_call_whose_answer_was_lost_is_found_by_its_number(twilio: FakeTwilio, voice: Notifier) -> None:
    voice.send(page(to=BOB, body=SPEECH))
    twilio.drop_reply_next()
    with pytest.raises(TemporaryFailure):
        voice.send(page(body=SPEECH))

    [_, call] = twilio.take_calls()
    assert call.to == ALICE
    assert voice.find(page(body=SPEECH), since=BEFORE) == Receipt(call.sid)
    assert voice.find(page(body=SPEECH), since=BEFORE, known={call.sid}) is None


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_was_not_answered_is_not_found(twilio: FakeTwilio, voice: Notifier, status: str) -> None:
    voice.send(page(body=SPEECH))
    twilio.report(twilio.calls[0], status)
    assert voice.find(page(body=SPEECH), since=BEFORE) is None


def test_a_call_that_a_person_answered_is_delivered(twilio: FakeTwilio, voice: Notifier) -> None:
    receipt = voice.send(page(body=SPEECH))
    assert voice.status(receipt.provider_id).state == "sent"
    twilio.answer(twilio.calls[0])
    assert voice.status(receipt.provider_id).state == "delivered"

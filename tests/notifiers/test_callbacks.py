"""What Twilio posts to us."""

import pytest
from twilio.request_validator import RequestValidator

from notifiers.base import StatusReport
from notifiers.twilio_callback import InboundText, inbound_text, is_genuine, status_report
from tests.fake_twilio import TOKEN

URL = "https://oncall.example.com/callbacks/twilio/status?d=1&k=a%20b"
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+12025550101"}
SIGNATURE = RequestValidator(TOKEN).compute_signature(URL, FORM)


def test_what_twilio_signed_is_genuine() -> None:
    assert is_genuine(TOKEN, URL, FORM, SIGNATURE)


def test_twilio_may_sign_with_or_without_the_port() -> None:
    with_port = RequestValidator(TOKEN).compute_signature(URL.replace(".com/", ".com:443/"), FORM)
    assert is_genuine(TOKEN, URL, FORM, with_port)


@pytest.mark.parametrize(
    ("url", "form", "signature"),
    [
        (URL, FORM, ""),
        (URL, FORM, "made up"),
        (URL, FORM | {"MessageStatus": "failed"}, SIGNATURE),
        (URL, FORM | {"Extra": "1"}, SIGNATURE),
        (URL.replace("d=1", "d=2"), FORM, SIGNATURE),
        (URL.partition("?")[0], FORM, SIGNATURE),
        (URL.replace("https", "http"), FORM, SIGNATURE),
        (URL, FORM, RequestValidator("another token").compute_signature(URL, FORM)),
    ],
)
def test_anything_else_is_not(url: str, form: dict[str, str], signature: str) -> None:
    assert not is_genuine(TOKEN, url, form, signature)


def test_without_a_token_nothing_is_genuine() -> None:
    assert not is_genuine("", URL, FORM, RequestValidator("").compute_signature(URL, FORM))


@pytest.mark.parametrize(
    ("status", "code", "report"),
    [
        ("accepted", "", StatusReport("SM1", "sent")),
        ("queued", "", StatusReport("SM1", "sent")),
        ("sending", "", StatusReport("SM1", "sent")),
        ("sent", "", StatusReport("SM1", "sent")),
        ("delivered", "", StatusReport("SM1", "delivered")),
        ("undelivered", "30003", StatusReport("SM1", "failed", "The phone is off or out of reach (Twilio 30003)")),
        (
            "undelivered",
            "30005",
            StatusReport("SM1", "failed", "The phone number is not in use (Twilio 30005)", True, True),
        ),
        ("failed", "", StatusReport("SM1", "failed", "Twilio could not deliver the message (no reason given)")),
        ("failed", "soon", StatusReport("SM1", "failed", "Twilio could not deliver the message (no reason given)")),
    ],
)
def test_a_texts_status_is_read(status: str, code: str, report: StatusReport) -> None:
    assert status_report({"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": code}) == report


@pytest.mark.parametrize(
    ("status", "answered_by", "report"),
    [
        ("initiated", "", StatusReport("CA1", "sent")),
        ("ringing", "", StatusReport("CA1", "sent")),
        ("in-progress", "human", StatusReport("CA1", "sent")),
        ("completed", "", StatusReport("CA1", "delivered")),
        ("completed", "human", StatusReport("CA1", "delivered")),
        ("completed", "unknown", StatusReport("CA1", "delivered")),
        ("completed", "machine_start", StatusReport("CA1", "failed", "answered by voicemail")),
        ("completed", "machine_end_beep", StatusReport("CA1", "failed", "answered by voicemail")),
        ("completed", "fax", StatusReport("CA1", "failed", "answered by voicemail")),
        ("busy", "", StatusReport("CA1", "failed", "busy")),
        ("no-answer", "", StatusReport("CA1", "failed", "no answer")),
        ("canceled", "", StatusReport("CA1", "failed", "canceled")),
        ("failed", "", StatusReport("CA1", "failed", "the number could not be called", True)),
    ],
)
def test_a_calls_status_is_read(status: str, answered_by: str, report: StatusReport) -> None:
    assert status_report({"CallSid": "CA1", "CallStatus": status, "AnsweredBy": answered_by}) == report


@pytest.mark.parametrize(
    "form", [{}, {"MessageSid": "SM1"}, {"CallStatus": "busy"}, {"CallSid": "", "CallStatus": "busy"}]
)
def test_a_form_that_is_no_status_callback_is_an_error(form: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="status callback"):
        status_report(form)


def test_an_incoming_text_is_read() -> None:
    form = {"MessageSid": "SM1", "From": "+12025550101", "Body": " 12a ", "To": "+12025550100"}
    assert inbound_text(form) == InboundText("SM1", "+12025550101", " 12a ")
    with pytest.raises(ValueError, match="From"):
        inbound_text({"MessageSid": "SM1"})


@pytest.mark.parametrize(
    ("word", "taken_for", "meant"), [("ALTO", "STOP", "STOP"), ("ALTA", "START", "START"), ("ayuda", "HELP", "ayuda")]
)
def test_what_twilio_took_for_stop_is_that_in_every_language(word: str, taken_for: str, meant: str) -> None:
    form = {"MessageSid": "SM1", "From": "+12025550101", "Body": word, "OptOutType": taken_for}
    assert inbound_text(form).body == meant

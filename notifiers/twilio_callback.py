"""What Twilio posts to us: is it genuine, and what does it say?

Sources: https://www.twilio.com/docs/usage/security#validating-requests,
https://www.twilio.com/docs/messaging/guides/track-outbound-message-status,
https://www.twilio.com/docs/voice/api/call-resource#statuscallback,
https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
"""

from collections.abc import Mapping
from dataclasses import dataclass

from twilio.request_validator import RequestValidator

from notifiers.base import State, StatusReport
from notifiers.twilio_errors import failure_for

TEXT_STATES: dict[str, State] = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""Every other status (accepted, queued, sending, sent, …) is on its way: "sent"."""

CALL_FAILURES = {
    "busy": "busy",
    "no-answer": "no answer",
    "failed": "the number could not be called",
    "canceled": "canceled",
}
VOICEMAIL = "answered by voicemail"


def is_genuine(auth_token: str, url: str, form: Mapping[str, str], signature: str) -> bool:
    """Did Twilio sign this? `url` is the public one, query string included; `form` every posted field.

    Never true without a token: anybody can sign with the empty one.
    """
    return bool(auth_token and signature) and bool(RequestValidator(auth_token).validate(url, form, signature))


def status_report(form: Mapping[str, str]) -> StatusReport:
    """Reads a status callback, of a text or of a call. Raises ValueError if it is neither."""
    if form.get("MessageSid") and form.get("MessageStatus"):
        code = form.get("ErrorCode", "")
        return text_report(form["MessageSid"], form["MessageStatus"], int(code) if code.isdecimal() else 0)
    if form.get("CallSid") and form.get("CallStatus"):
        return call_report(form["CallSid"], form["CallStatus"], form.get("AnsweredBy"))
    raise ValueError("not a Twilio status callback: no MessageStatus or CallStatus with its sid")


def text_report(sid: str, status: str, error_code: int | None) -> StatusReport:
    state = TEXT_STATES.get(status, "sent")
    if state != "failed":
        return StatusReport(sid, state)
    failure = failure_for(error_code or 0)
    return StatusReport(sid, state, failure.reason, failure.permanent, failure.bad_address)


def call_report(sid: str, status: str, answered_by: str | None) -> StatusReport:
    """A call is delivered when it ended and no machine had answered it.

    Only "failed" is permanent (Twilio: most likely no such number); a busy or unanswered phone may be picked up later.
    """
    if status in CALL_FAILURES:
        return StatusReport(sid, "failed", CALL_FAILURES[status], permanent=status == "failed")
    if status != "completed":
        return StatusReport(sid, "sent")
    if is_voicemail(answered_by):
        return StatusReport(sid, "failed", VOICEMAIL)
    return StatusReport(sid, "delivered")


def is_voicemail(answered_by: str | None) -> bool:
    """Is this AnsweredBy a machine or a fax? "human", "unknown" and nothing count as a person: only a key answers."""
    return (answered_by or "").startswith(("machine", "fax"))


@dataclass(frozen=True)
class InboundText:
    """A text that somebody sent to our number."""

    provider_id: str
    sender: str
    body: str


def inbound_text(form: Mapping[str, str]) -> InboundText:
    """Reads an incoming-message webhook. Raises ValueError if it is none.

    Whatever word Twilio itself took for STOP or START, in a language that its Messaging Service was taught, is that.
    """
    if not (form.get("MessageSid") and form.get("From")):
        raise ValueError("not a Twilio message: MessageSid or From is missing")
    taken_for = form.get("OptOutType", "")
    body = taken_for if taken_for in ("STOP", "START") else form.get("Body", "")
    return InboundText(form["MessageSid"], form["From"], body)

"""Phone calls through Twilio. Source: https://www.twilio.com/docs/voice/api/call-resource"""

from collections.abc import Collection
from datetime import datetime, timedelta

from notifiers.base import Message, Receipt, StatusReport
from notifiers.kind import Accounts, Kind
from notifiers.over_accounts import OverAccounts
from notifiers.phone import phone_number
from notifiers.speech import bundle_speech, page_speech, spoken
from notifiers.text import verification_text
from notifiers.twilio_callback import call_report
from notifiers.twilio_client import TwilioClient, asking
from notifiers.twilio_lookup import MOST, PAGE, accepted, made_since, receipt_for
from notifiers.twilio_twiml import twice_twiml

RING_SECONDS = 40
"""How long a phone rings before the call counts as not answered; most voicemails pick up earlier."""
DETECTION_SECONDS = 30
"""How long Twilio listens to the end of a machine's greeting; then it says "unknown" and the page is spoken, as to a
person. A person is told from a machine, and spoken to, within the first few."""
EVENTS = ["initiated", "answered", "completed"]
"""What is reported to `status_url`. "initiated" tells us of a call whose answer to our request was lost."""


class TwilioVoice:
    """Calls are made with machine detection on: voicemail is no answer (see `call_report` and `voicemail_twiml`)."""

    name = "voice"

    def __init__(self, client: TwilioClient, from_number: str) -> None:
        self._client, self._from = client, from_number

    def send(self, message: Message) -> Receipt:
        with self._client.sending(message):
            call = self._client.calls.create(
                to=message.to,
                from_=self._from,
                timeout=RING_SECONDS,
                machine_detection="DetectMessageEnd",  # so that the message comes after the greeting
                machine_detection_timeout=DETECTION_SECONDS,
                **_script(message),
                **_callback(message),
            )
            return receipt_for(call.sid)

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """Any call of ours to that number since then: Twilio gives back nothing of a call that names our message.

        Another alert's call to the same person within the lease looks the same. Pass the ids of those in `known`; one
        that is not recorded yet is taken for this call, which the person's next notification rule makes good.
        """
        with self._client.finding(message):
            listed = self._client.calls.stream(to=message.to, from_=self._from, limit=MOST, page_size=PAGE)
            calls = made_since(listed, since, known)
        return accepted(call_report(call.sid, call.status, call.answered_by) for call in calls)

    def status(self, provider_id: str) -> StatusReport:
        with asking():
            call = self._client.calls(provider_id).fetch()
        return call_report(provider_id, call.status, call.answered_by)


def _script(message: Message) -> dict[str, str]:
    """What the call says: our TwiML page where keys can be answered, else the body itself and how to answer it."""
    if message.alert is None:
        return {"twiml": twice_twiml(message.body)}
    if message.voice_url:
        return {"url": message.voice_url}
    answer = "ack all" if message.others else f"ack {message.alert}"
    return {"twiml": twice_twiml(f"{message.body} To acknowledge, text {answer} to this number.")}


def _callback(message: Message) -> dict[str, str | list[str]]:
    if not message.status_url:
        return {}
    return {"status_callback": message.status_url, "status_callback_event": EVENTS}


def _make(accounts: Accounts) -> OverAccounts | None:
    calls = {each.name: TwilioVoice(TwilioClient(each), each.from_number) for each in accounts.twilio}
    return OverAccounts("voice", calls) if calls else None


KIND = Kind(
    name="voice",
    label="call",
    example="+12025550101",
    address=phone_number,
    page=page_speech,
    bundle=bundle_speech,
    notice=spoken,
    code=verification_text,
    make=_make,
    not_set_up="Calls are not set up: set ONCALL_TWILIO_ACCOUNT_SID, ONCALL_TWILIO_AUTH_TOKEN and ONCALL_TWILIO_FROM",
    rings=True,
    first_ask=timedelta(minutes=3),
)

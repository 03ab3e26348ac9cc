"""SMS through Twilio. Source: https://www.twilio.com/docs/messaging/api/message-resource"""

from collections.abc import Collection
from datetime import datetime, timedelta

from twilio.base import values

from notifiers.base import Message, Receipt, StatusReport
from notifiers.kind import Accounts, Kind, PageFacts
from notifiers.over_accounts import OverAccounts
from notifiers.phone import phone_number
from notifiers.text import bundle_text, notice_text, page_text, shadow_text, verification_text
from notifiers.twilio_callback import text_report
from notifiers.twilio_client import TwilioClient, asking
from notifiers.twilio_lookup import MOST, PAGE, accepted, made_since, receipt_for


class TwilioSms:
    """Texts are recognised by number and body: the same words to the same person are the same message."""

    name = "sms"

    def __init__(self, client: TwilioClient, from_number: str) -> None:
        self._client, self._from = client, from_number

    def send(self, message: Message) -> Receipt:
        with self._client.sending(message):
            text = self._client.messages.create(
                to=message.to,
                from_=self._from,
                body=message.body,
                status_callback=message.status_url or values.unset,
            )
            return receipt_for(text.sid)

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """A Twilio trial account puts a notice before our text, so the ends are compared."""
        with self._client.finding(message):
            listed = self._client.messages.stream(to=message.to, from_=self._from, limit=MOST, page_size=PAGE)
            texts = made_since(listed, since, known)
        ours = [text for text in texts if (text.body or "").strip().endswith(message.body.strip())]
        return accepted(text_report(text.sid, text.status, text.error_code) for text in ours)

    def status(self, provider_id: str) -> StatusReport:
        with asking():
            text = self._client.messages(provider_id).fetch()
        return text_report(provider_id, text.status, text.error_code)


def _make(accounts: Accounts) -> OverAccounts | None:
    texts = {each.name: TwilioSms(TwilioClient(each), each.from_number) for each in accounts.twilio}
    return OverAccounts("sms", texts) if texts else None


def _page(facts: PageFacts) -> str:
    return shadow_text(facts) if facts.is_shadow else page_text(facts)


KIND = Kind(
    name="sms",
    label="text",
    example="+12025550101",
    address=phone_number,
    page=_page,
    bundle=bundle_text,
    notice=notice_text,
    code=verification_text,
    make=_make,
    not_set_up="SMS is not set up: set ONCALL_TWILIO_ACCOUNT_SID, ONCALL_TWILIO_AUTH_TOKEN and ONCALL_TWILIO_FROM",
    first_ask=timedelta(minutes=1),
)

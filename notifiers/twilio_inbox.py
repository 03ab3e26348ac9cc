"""The texts that people sent to our number, fetched where nothing can be posted to us.

Source: https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from notifiers.twilio_client import TwilioAccount, TwilioClient, asking
from notifiers.twilio_lookup import MOST, PAGE


@dataclass(frozen=True)
class FetchedText:
    """A text that somebody sent to our number."""

    provider_id: str
    sender: str
    body: str
    at: datetime
    """When the provider got it; aware, whole seconds."""


class TwilioInbox:
    """What came to one account's number."""

    def __init__(self, account: TwilioAccount) -> None:
        self.account, self._number = account.name, account.from_number
        self._client = TwilioClient(account)

    def since(self, at: datetime) -> list[FetchedText]:
        """What came at `at` (aware) or later, oldest first; no more than the newest MOST. Raises TemporaryFailure.

        A server may take no more than the day from the filter, so the times are looked at here too; the list comes
        newest first.
        """
        first = at.replace(microsecond=0)
        with asking():
            listed = self._client.messages.stream(to=self._number, date_sent_after=first, limit=MOST, page_size=PAGE)
            recent = list(takewhile(lambda text: text.date_created and text.date_created >= first, listed))
        return [
            FetchedText(text.sid, text.from_, text.body or "", text.date_created)
            for text in reversed(recent)
            if text.direction == "inbound" and text.sid and text.from_
        ]

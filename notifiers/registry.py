"""Which kind of contact method is reached by which notifier. A new kind is one file and one row here."""

import sys
from collections.abc import Callable, Collection
from datetime import datetime

from twilio.rest import Client

from notifiers.base import Message, Notifier, PermanentFailure, Receipt, StatusReport, TemporaryFailure
from notifiers.console import Console
from notifiers.twilio_client import TwilioAccount, twilio_client
from notifiers.twilio_sms import TwilioSms
from notifiers.twilio_voice import TwilioVoice

BY_TWILIO: dict[str, Callable[[Client, str], Notifier]] = {
    "sms": TwilioSms,
    "voice": TwilioVoice,
}

NOT_SET_UP = {
    "sms": "SMS is not set up: set ONCALL_TWILIO_ACCOUNT_SID, ONCALL_TWILIO_AUTH_TOKEN and ONCALL_TWILIO_FROM",
    "voice": "Calls are not set up: set ONCALL_TWILIO_ACCOUNT_SID, ONCALL_TWILIO_AUTH_TOKEN and ONCALL_TWILIO_FROM",
}


def notifiers_for(twilio: TwilioAccount | None, console: bool = False) -> dict[str, Notifier]:
    """A notifier for every kind. `console` prints to stderr in place of sending; with neither, sending fails."""
    if console:
        return {kind: Console(kind, sys.stderr) for kind in BY_TWILIO}
    if twilio is None:
        return {kind: NotSetUp(kind) for kind in BY_TWILIO}
    client = twilio_client(twilio)
    return {kind: notifier(client, twilio.from_number) for kind, notifier in BY_TWILIO.items()}


class NotSetUp:
    """Stands in for a kind without a provider: fails at once and says why; the next contact method is used."""

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, message: Message) -> Receipt:
        raise PermanentFailure(NOT_SET_UP[self.name])

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """None, so that `send` is tried and fails for good: waiting for an answer would only hold the person up."""
        return None

    def status(self, provider_id: str) -> StatusReport:
        raise TemporaryFailure(NOT_SET_UP[self.name])

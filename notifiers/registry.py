"""Every kind of contact method. A new kind is one file and one row here."""

import sys
from collections.abc import Collection, Mapping
from datetime import datetime

from notifiers import apprise, email, irc, slack, twilio_sms, twilio_voice, webhook
from notifiers.base import Message, Notifier, PermanentFailure, Receipt, StatusReport, TemporaryFailure
from notifiers.console import Console
from notifiers.kind import Accounts, Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        twilio_sms.KIND,
        twilio_voice.KIND,
        irc.KIND,
        email.KIND,
        webhook.KIND,
        apprise.KIND,
        slack.KIND,
    )
}
UPDATING = frozenset(kind.name for kind in KINDS.values() if kind.updates)
"""Kinds whose messages follow their alert."""


def known_kind(name: str) -> str:
    """Raises ValueError with a sentence."""
    if name not in KINDS:
        raise ValueError(f'"{name}" is no kind of contact method: write one of {", ".join(KINDS)}')
    return name


def stored_address(kind: str, address: str) -> str:
    """The address as it is stored. Raises ValueError with the end of a sentence that begins with the address."""
    return KINDS[kind].address(address)


def stored_team_address(kind: str, address: str) -> str:
    """The same for an address of a team's own."""
    return (KINDS[kind].team_address or KINDS[kind].address)(address)


def kind_and_address(text: str) -> tuple[str, str]:
    """`sms:+12025550101`, the address as it is stored. Raises ValueError with a sentence."""
    kind, colon, address = text.partition(":")
    if not colon:
        raise ValueError(f'"{text}" must be a kind and an address, such as sms:+12025550101')
    try:
        return known_kind(kind), stored_address(kind, address)
    except ValueError as error:
        if kind not in KINDS:
            raise
        raise ValueError(f'"{KINDS[kind].shown(address)}" {error}') from None


def notifiers_for(accounts: Accounts, console: bool = False) -> dict[str, Notifier]:
    """A notifier for every kind. `console` prints to stderr in place of sending; with neither, sending fails."""
    if console:
        return {name: Console(name, sys.stderr) for name in KINDS}
    return {name: kind.make(accounts) or NotSetUp(kind) for name, kind in KINDS.items()}


def set_up(notifiers: Mapping[str, Notifier]) -> list[Kind]:
    """The kinds by which people can be reached; all of them while none is."""
    working = [KINDS[name] for name, notifier in notifiers.items() if not isinstance(notifier, NotSetUp)]
    return working or list(KINDS.values())


class NotSetUp:
    """Stands in for a kind without a provider: fails at once and says why; the next contact method is used."""

    def __init__(self, kind: Kind) -> None:
        self.name, self._why = kind.name, kind.not_set_up

    def send(self, message: Message) -> Receipt:
        raise PermanentFailure(self._why)

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """None, so that `send` is tried and fails for good: waiting for an answer would only hold the person up."""
        return None

    def status(self, provider_id: str) -> StatusReport:
        raise TemporaryFailure(self._why)

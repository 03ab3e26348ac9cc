"""One way of reaching people by several accounts that do the same, in order."""

from collections.abc import Collection, Mapping
from datetime import datetime

from notifiers.base import Message, Notifier, Receipt, StatusReport


class OverAccounts:
    """Whoever has no account in mind gets the first; `at` gives the one that has a message, or is to have it."""

    def __init__(self, name: str, by_account: Mapping[str, Notifier]) -> None:
        """`by_account` is in order, and not empty."""
        self.name, self._by_account = name, dict(by_account)
        self.accounts = tuple(by_account)
        self._first = self._by_account[self.accounts[0]]

    def at(self, account: str) -> Notifier | None:
        """None for one that is not set up (any more). Before accounts had names, the first went by the kind's."""
        return self._first if account in ("", self.name) else self._by_account.get(account)

    def send(self, message: Message) -> Receipt:
        return self._first.send(message)

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        return self._first.find(message, since, known)

    def status(self, provider_id: str) -> StatusReport:
        return self._first.status(provider_id)

"""Prints messages in place of sending them: to try things out without a provider."""

from collections.abc import Collection
from datetime import datetime
from typing import TextIO
from uuid import uuid4

from notifiers.base import Message, Receipt, StatusReport


class Console:
    """Writes each message to `stream` as one line. Whatever is printed counts as delivered."""

    def __init__(self, name: str, stream: TextIO) -> None:
        self.name = name
        self._stream = stream

    def send(self, message: Message) -> Receipt:
        self._stream.write(f"[{self.name} to {message.to}] {message.body}\n")
        self._stream.flush()
        return Receipt(provider_id=f"console-{uuid4().hex}", delivered=True)

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """None: a console remembers nothing, least of all in another process. The message is printed again."""
        return None

    def status(self, provider_id: str) -> StatusReport:
        return StatusReport(provider_id, "delivered")

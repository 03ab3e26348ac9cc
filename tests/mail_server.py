"""A real mail server on this machine (aiosmtpd): keeps what it takes, and refuses or dawdles when told to."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "oncall", "a password/with a slash"


@dataclass
class MailServer:
    """`refuse` answers a command ("RCPT", "DATA") with a line; `dawdle` is the seconds it takes to answer DATA. Others
    than the sender `only_from`, if there is one, are refused at the command `says_so_at`.
    """

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    dawdle: float = 0.0
    only_from: str = ""
    says_so_at: str = "RCPT"
    asked: int = 0
    """How often it was told a recipient."""
    senders: list[str] = field(default_factory=list)
    """Of the envelopes of what was taken."""
    logins: list[str] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)

    def take(self) -> list[EmailMessage]:
        """What came since this was asked last."""
        taken, self.taken = self.taken, []
        return taken

    # What aiosmtpd asks of its handler

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._answer("MAIL", address)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked += 1
        answer = self._answer("RCPT", envelope.mail_from or "")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.dawdle)
        answer = self._answer("DATA", envelope.mail_from or "")
        if not answer.startswith("250"):
            return answer
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, _class=EmailMessage, policy=default)
        assert envelope.rcpt_tos == [letter["To"]]
        self.taken.append(letter)
        self.senders.append(envelope.mail_from or "")
        self.was_encrypted.append(session.ssl is not None)
        return answer

    def _answer(self, command: str, sender: str) -> str:
        if command == self.says_so_at and self.only_from not in ("", sender):
            return "550 Not you" if command == "MAIL" else "553 5.7.1 Sender address rejected: not owned by user"
        return self.refuse.get(command, "250 OK")

    def let_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        is_right = isinstance(given, LoginPassword) and (given.login, given.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        if is_right:
            self.logins.append(mechanism)
        return AuthResult(success=is_right, handled=False)


class OnAnyPort(Controller):
    """Learns which port it was given before it knocks there."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def mail_server(
    tls: ssl.SSLContext | None = None, *, wants_login: bool = False, from_the_start: bool = False
) -> Iterator[MailServer]:
    """With `tls` it offers STARTTLS, or speaks TLS from the start."""
    served = MailServer()
    options: dict[str, Any] = {"auth_required": wants_login}
    options["ssl_context" if from_the_start else "tls_context"] = tls
    controller = OnAnyPort(served, "127.0.0.1", 0, authenticator=served.let_in, decode_data=False, **options)
    controller.start()
    try:
        served.port = controller.port
        yield served
    finally:
        controller.stop()

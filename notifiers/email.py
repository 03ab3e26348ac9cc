"""Email, handed over to one mail server (SMTP, RFC 5321)."""

import smtplib
import socket
import ssl
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from ipaddress import ip_address

from notifiers.base import Message, PermanentFailure, Receipt, StatusReport
from notifiers.deadline import Deadline
from notifiers.kind import Accounts, Kind
from notifiers.letter import bundle_letter, code_letter, compose, domain_of, notice_letter, page_letter
from notifiers.mail_address import mail_address
from notifiers.smtp_errors import mailing, refuses_sender
from notifiers.smtp_server import EmailAccount


class Email:
    """One connection for each message: mail servers close idle ones, and a page can't wait to find that out."""

    name = "email"

    def __init__(self, account: EmailAccount) -> None:
        self._account = account

    def send(self, message: Message) -> Receipt:
        letter = compose(message, self._account.sender)
        with Deadline(self._account.timeout_seconds) as deadline, mailing(deadline) as progress:
            server = _Connection(self._account, deadline)
            try:
                server.introduce()
                progress.is_sending = True
                server.hand_over(letter, message.return_path)
            finally:
                server.leave()
        return Receipt(str(letter["Message-ID"]))

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """None: mail servers can't be asked. It is sent again under the same Message-ID."""
        return None

    def status(self, provider_id: str) -> StatusReport:
        return StatusReport(provider_id, "sent")


class _Connection(smtplib.SMTP):
    """Connected when it is made. Nobody between us and the server reads what is said over it."""

    def __init__(self, account: EmailAccount, deadline: Deadline) -> None:
        self._account, self._deadline = account, deadline
        server = account.server
        super().__init__(server.host, server.port, domain_of(account.sender), account.timeout_seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((host, port), timeout)
        self._deadline.watch(made)
        self._needs_no_tls = self._account.is_insecure or is_this_machine(made.getpeername()[0])
        return self._context.wrap_socket(made, server_hostname=host) if self._account.server.is_tls else made

    @property
    def _context(self) -> ssl.SSLContext:
        return _unverified() if self._needs_no_tls else _verified()

    def introduce(self) -> None:
        """TLS wherever it is offered, and login. Raises PermanentFailure where TLS is needed and not offered."""
        server = self._account.server
        self.ehlo_or_helo_if_needed()
        if not server.is_tls and self.has_extn("starttls"):
            self.starttls(context=self._context)
        elif not server.is_tls and not self._needs_no_tls:
            raise PermanentFailure("The mail server offers no TLS: use one that does, or set ONCALL_SMTP_INSECURE")
        if server.user:
            self.login(server.user, server.password)

    def hand_over(self, letter: EmailMessage, return_path: str) -> None:
        """To be returned to `return_path`, unless the server takes mails from nobody but the sender in From."""
        try:
            self.send_message(letter, return_path or None)
        except smtplib.SMTPException as error:
            if not return_path or not refuses_sender(error):
                raise
            self.send_message(letter)

    def leave(self) -> None:
        """Whatever becomes of the farewell: the message was taken, or not, before."""
        with suppress(smtplib.SMTPException, OSError):
            self.quit()
        self.close()


def is_this_machine(peer: str) -> bool:
    """Whether what is sent to `peer` never leaves this machine, so that it need be hidden from nobody."""
    return ip_address(peer.partition("%")[0]).is_loopback


@cache  # what the system trusts takes twice as long to read as a mail to write, and a start needs none of it
def _verified() -> ssl.SSLContext:
    return ssl.create_default_context()


@cache
def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _make(accounts: Accounts) -> Email | None:
    return Email(accounts.email) if accounts.email else None


KIND = Kind(
    name="email",
    label="email",
    example="alice@example.com",
    address=mail_address,
    page=page_letter,
    bundle=bundle_letter,
    notice=notice_letter,
    code=code_letter,
    make=_make,
    is_returned=True,
    not_set_up="Email is not set up: set ONCALL_SMTP_URL and ONCALL_EMAIL_FROM",
)

"""Our own mail server: takes in mails to the addresses of integration keys, and nothing else.

A mail is answered with 250 only after its events have been committed. It runs in the event loop of the web application,
whose writer it shares.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select

from oncall.clock import Clock
from oncall.db import Database
from oncall.errors import NotFound, OncallError, SetupError, TooManyRequests
from oncall.ingest.email import events_of
from oncall.ingest.journal import BEYOND, LONGEST_BODY, MAIL, Journal, Received
from oncall.ingest.letter import Letter, read_letter
from oncall.ingest.rate import RateLimit
from oncall.ingest.store import Accepted, Submission
from oncall.ingest.writer import IngestWriter
from oncall.metrics import EVENTS
from oncall.models import IntegrationKey
from oncall.settings import Settings
from oncall.settings_checks import host_and_port

log = structlog.get_logger(__name__)

MOST_RECIPIENTS = 20
MOST_CONNECTIONS = 50
"""At once. With the largest mail allowed, that bounds the memory that strangers can fill."""
SECONDS_OF_SILENCE = 60.0
COMMANDS = 200
"""Of one kind in a connection."""
KEY = re.compile(r"[A-Za-z0-9._~-]{1,100}")
TOOL = "email"
NOT_NOW = "451 4.3.0 Try again later"


@dataclass(frozen=True, slots=True)
class Recipient:
    key: str
    tag: str
    """What follows the + in the address."""


class Process(Protocol):
    """What mails need of the process that takes them in."""

    settings: Settings
    database: Database
    writer: IngestWriter
    journal: Journal
    rate_limit: RateLimit

    @property
    def clock(self) -> Clock: ...


class Door:
    """What aiosmtpd asks. Recipients are kept in the envelope as `key+tag`, the key as we write it."""

    def __init__(self, process: Process) -> None:
        settings = process.settings
        self._domain, self._own_address = (
            settings.email_domain.lower(),
            settings.email_from.rpartition("<")[2].rstrip(">"),
        )
        self._process = process

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        local, _, domain = address.rpartition("@")
        if domain.lower() != self._domain:
            return "550 5.7.1 We take in mail only for our own addresses"
        if self._own_address and envelope.mail_from == self._own_address:
            return "550 5.7.1 This mail is one of our own, and would go round for ever"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        key, _, tag = local.partition("+")
        try:
            found = await asyncio.to_thread(self._find, key) if KEY.fullmatch(key) else None
        except SQLAlchemyError as error:
            log.error("smtp.no_database", error=type(error).__name__)
            return NOT_NOW
        if found is None:
            return "550 5.1.1 No integration key has this address, or it was revoked"
        envelope.rcpt_tos.append(f"{found}+{tag}")
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        recipients = list(dict.fromkeys(Recipient(*address.split("+", 1)) for address in envelope.rcpt_tos))
        try:
            letter = await asyncio.to_thread(read_letter, envelope.content)
            takings = (self._take(to, letter) for to in recipients)
            taken: list[Accepted | BaseException] = await asyncio.gather(*takings, return_exceptions=True)
        except OncallError as error:
            taken = [error for _ in recipients]
        for to, outcome in zip(recipients, taken, strict=True):
            if isinstance(outcome, Accepted | OncallError):
                self._keep(to, envelope.content, outcome)
        return _answer([outcome for outcome in taken if isinstance(outcome, BaseException)], of=len(taken))

    async def _take(self, to: Recipient, letter: Letter) -> Accepted:
        """Returns once it is committed. Raises what was wrong with it."""
        try:
            self._process.rate_limit.take(to.key)
        except TooManyRequests:
            EVENTS.labels(TOOL, "limited").inc()
            raise
        return await self._process.writer.accept(Submission(to.key, TOOL, partial(events_of, letter, to.tag)))

    def _keep(self, to: Recipient, content: bytes, outcome: Accepted | OncallError) -> None:
        """For the look inside."""
        local = f"{to.key}+{to.tag}" if to.tag else to.key
        answer = _answer([outcome] if isinstance(outcome, OncallError) else [])
        received = Received(
            key=to.key,
            tool=TOOL,
            at=self._process.clock(),
            method=MAIL,
            path=f"{local}@{self._domain}",
            headers=[],
            body=content[: LONGEST_BODY + BEYOND],
            body_bytes=len(content),
            status=int(answer[:3]),
            outcome=outcome,
        )
        self._process.journal.keep(received)

    async def handle_exception(self, error: Exception) -> str:
        log.error("smtp.broken", exc_info=error)
        return NOT_NOW

    def _find(self, key: str) -> str | None:
        """As we write it: mail servers may have changed capitals."""
        with self._process.database.read() as session:
            keys = select(IntegrationKey.key).where(
                func.lower(IntegrationKey.key) == key.lower(),
                IntegrationKey.tool == TOOL,
                col(IntegrationKey.revoked_at).is_(None),
            )
            found = session.exec(keys).all()
        return key if key in found else next(iter(found), None)


def _answer(failures: list[BaseException], *, of: int = 1) -> str:
    """SMTP has one answer for all recipients. Sent again, what was stored before meets itself in the same alert."""
    for failure in failures:
        if not isinstance(failure, OncallError):
            raise failure
        if failure.status >= 500 or failure.status == 429:
            return NOT_NOW
    if len(failures) < of:
        return "250 2.0.0 Committed"
    first = failures[0]
    assert isinstance(first, OncallError)
    code = "550 5.1.1" if isinstance(first, NotFound) else "554 5.6.0"
    return f"{code} {' '.join(first.detail.split())[:400]}"


@dataclass(frozen=True, slots=True)
class Entrance:
    """What must be there before anything is started."""

    listener: socket.socket
    tls: ssl.SSLContext | None


def entrance(settings: Settings) -> Entrance | None:
    """None where no mail is taken in. Raises SetupError with what to do."""
    if not settings.smtp_listen:
        return None
    tls = _tls(settings) if settings.smtp_tls_certificate else None
    host, port = host_and_port(settings.smtp_listen, "smtp_listen", "")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return Entrance(socket.create_server((host, port), family=family), tls)
    except OSError as error:
        raise SetupError(
            f"Can't listen for mail on {settings.smtp_listen} ({error.strerror}): set ONCALL_SMTP_LISTEN"
        ) from None


def _tls(settings: Settings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.smtp_tls_certificate, settings.smtp_tls_key)
    except (OSError, ssl.SSLError) as error:
        raise SetupError(
            f"The certificate for mail can't be used ({error.strerror or error}): "
            "see ONCALL_SMTP_TLS_CERTIFICATE and ONCALL_SMTP_TLS_KEY"
        ) from None
    return context


@asynccontextmanager
async def taking_mail(way_in: Entrance | None, process: Process) -> AsyncIterator[None]:
    """Mails are taken in until the block ends."""
    if way_in is None:
        yield
        return
    settings, door, guests = process.settings, Door(process), set[Guest]()
    server = await asyncio.get_running_loop().create_server(
        lambda: Guest(door, guests, settings, way_in.tls), sock=way_in.listener
    )
    log.info("smtp.listening", address=settings.smtp_listen)
    try:
        yield
    finally:
        server.close()
        for guest in list(guests):
            guest.leave()


class Guest(SMTP):
    """One connection."""

    def __init__(self, door: Door, guests: "set[Guest]", settings: Settings, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            door,
            data_size_limit=settings.smtp_max_bytes,
            enable_SMTPUTF8=True,
            hostname=settings.email_domain,
            ident="oncall",
            tls_context=tls,
            timeout=SECONDS_OF_SILENCE,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            command_call_limit=COMMANDS,
            loop=asyncio.get_running_loop(),
        )
        self._guests = guests

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        is_known = self in self._guests  # connected once more, behind TLS
        if not is_known and len(self._guests) >= MOST_CONNECTIONS and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
            transport.close()
            return
        self._guests.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._guests:
            self._guests.discard(self)
            super().connection_lost(error)

    def leave(self) -> None:
        """We end. Whoever was not answered sends again."""
        if self.transport is not None:
            self.transport.close()

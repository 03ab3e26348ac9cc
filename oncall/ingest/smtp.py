"""Our own mail server: listens, and lets `smtp_door` say what it takes in.

It runs in the event loop of the web application, whose writer it shares.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from aiosmtpd.smtp import SMTP

from oncall.clock import monotonic
from oncall.errors import SetupError
from oncall.ingest.smtp_door import Door, Process
from oncall.settings import Settings
from oncall.settings_checks import host_and_port

log = structlog.get_logger(__name__)

MOST_CONNECTIONS = 50
"""At once. With the largest mail allowed, that bounds the memory that strangers can fill."""
SECONDS_OF_SILENCE = 60.0
PATIENCE = 60.0
"""Seconds without a mail after which a connection gives way to another, whatever commands it sends meanwhile."""
REFUSAL_SECONDS = 1.0
"""For so long, whoever was refused an address is not heard: whoever tries many keeps nobody's events waiting."""
COMMANDS = 200
"""Of one kind in a connection."""
LONGEST_LINE = 100_000
"""Bytes. RFC 5321 lets 1,000 pass, and scripts that mail a table of HTML write it on one line."""


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

    line_length_limit = LONGEST_LINE

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
        self._came_at = monotonic()
        self._is_astray = False
        """Whether it was refused every address that it has asked for."""
        self._line, self._longest = 0, settings.smtp_max_bytes

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        is_known = self in self._guests  # connected once more, behind TLS
        if not is_known and not self._has_room():
            transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
            transport.close()
            return
        self._guests.add(self)
        super().connection_made(transport)

    def _has_room(self) -> bool:
        """Whoever asks for nobody's addresses makes room, else whoever has brought no mail for the longest time."""
        if len(self._guests) < MOST_CONNECTIONS:
            return True
        idle = min(self._guests, key=lambda guest: (not guest._is_astray, guest._came_at))
        if not idle._is_astray and monotonic() - idle._came_at < PATIENCE:
            return False
        idle.leave()
        self._guests.discard(idle)
        return True

    def data_received(self, data: bytes) -> None:
        """aiosmtpd keeps all of a line that is too long until it ends."""
        end = data.rfind(b"\n")
        self._line = len(data) - end - 1 + (self._line if end < 0 else 0)
        if self._line <= self._longest:
            super().data_received(data)
        elif self._writer is not None:
            self._writer.write(b"552 5.3.4 A line without an end\r\n")
            self._writer.close()

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        wanted = self.envelope.rcpt_tos if self.envelope else []
        before = len(wanted)
        await super().smtp_RCPT(arg)
        self._is_astray = not wanted
        if len(wanted) == before:
            await asyncio.sleep(REFUSAL_SECONDS)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        is_for_us = bool(self.envelope and self.envelope.rcpt_tos)
        await super().smtp_DATA(arg)
        if is_for_us:
            self._came_at = monotonic()

    def connection_lost(self, error: Exception | None) -> None:
        self._guests.discard(self)
        if self.session is not None:  # it was let in
            super().connection_lost(error)

    def leave(self) -> None:
        """We end. Whoever was not answered sends again."""
        if self.transport is not None:
            self.transport.close()

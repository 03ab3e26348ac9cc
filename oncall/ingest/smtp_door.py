"""Which mails our own mail server takes in, and what is answered: those to the addresses of integration keys, and mails
of ours that come back. None is answered with a mail.

A mail is answered with 250 only after what it changes has been committed.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session as DbSession
from sqlmodel import col, func, select

from oncall.auth.signing import Signer
from oncall.clock import Clock
from oncall.db.database import Database
from oncall.delivery.bounces import take_back
from oncall.delivery.return_paths import find_returned, is_return_path
from oncall.errors import NotFound, OncallError, TooManyRequests
from oncall.ingest.email import events_of
from oncall.ingest.journal import BEYOND, LONGEST_BODY, MAIL, Journal, Received
from oncall.ingest.letter import Letter, read_letter
from oncall.ingest.once import same_mail
from oncall.ingest.rate import RateLimit
from oncall.ingest.store import Accepted, Submission
from oncall.ingest.writer import IngestWriter
from oncall.metrics import EVENTS
from oncall.models import IntegrationKey
from oncall.names import is_storable
from oncall.process.wake import Wake
from oncall.settings import Settings

log = structlog.get_logger(__name__)

MOST_RECIPIENTS = 20
KEY = re.compile(r"[A-Za-z0-9._~-]{1,100}")
TOOL = "email"
TAKEN = "250 2.0.0 Committed"
NO_KEY = "550 5.1.1 No integration key has this address, or it was revoked"
NO_MAIL = "550 5.1.1 No mail of ours is returned to this address, or it was deleted"
NOT_NOW = "451 4.3.0 Try again later"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Kept in the envelope as `key+tag`."""

    key: str
    """As we write it; empty for a mail of ours that comes back."""
    tag: str
    """What follows the + in the address; of what comes back, the delivery's id."""


class Process(Protocol):
    """What mails need of the process that takes them in."""

    settings: Settings
    database: Database
    writer: IngestWriter
    journal: Journal
    rate_limit: RateLimit
    signer: Signer
    wake: Wake

    @property
    def clock(self) -> Clock: ...


class Door:
    """What aiosmtpd asks."""

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
        if self._is_ours(envelope.mail_from or ""):
            return "550 5.7.1 This mail is one of our own, and would go round for ever"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            found = await asyncio.to_thread(self._find, local) if is_storable(local) else None
        except SQLAlchemyError as error:
            return _not_now(error)
        if found is None:
            return NO_MAIL if is_return_path(local) else NO_KEY
        envelope.rcpt_tos.append(found)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        recipients = list(dict.fromkeys(Recipient(*address.split("+", 1)) for address in envelope.rcpt_tos))
        keys, returned = [to for to in recipients if to.key], [int(to.tag) for to in recipients if not to.key]
        try:
            if returned:
                await asyncio.to_thread(take_back, self._process, envelope.content, returned)
        except SQLAlchemyError as error:
            return _not_now(error)
        return await self._take_all(keys, envelope.content) if keys else TAKEN

    async def _take_all(self, recipients: Sequence[Recipient], content: bytes) -> str:
        try:
            letter = await asyncio.to_thread(read_letter, content)
            takings = (self._take(to, letter) for to in recipients)
            taken: list[Accepted | BaseException] = await asyncio.gather(*takings, return_exceptions=True)
        except OncallError as error:
            taken = [error for _ in recipients]
        for to, outcome in zip(recipients, taken, strict=True):
            if isinstance(outcome, Accepted | OncallError):
                self._keep(to, content, outcome)
        return _answer([outcome for outcome in taken if isinstance(outcome, BaseException)], of=len(taken))

    async def _take(self, to: Recipient, letter: Letter) -> Accepted:
        """Returns once it is committed. Raises what was wrong with it."""
        try:
            self._process.rate_limit.take(to.key)
        except TooManyRequests:
            EVENTS.labels(TOOL, "limited").inc()
            raise
        return await self._process.writer.accept(
            Submission(to.key, TOOL, partial(events_of, letter, to.tag), same_mail(letter, f"{to.key}+{to.tag}"))
        )

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

    def _is_ours(self, sender: str) -> bool:
        local, _, domain = sender.rpartition("@")
        is_page = domain.lower() == self._domain and is_return_path(local)
        return is_page or bool(self._own_address and sender == self._own_address)

    def _find(self, local: str) -> str | None:
        """As it is kept in the envelope; None for nobody's."""
        with self._process.database.read() as session:
            if is_return_path(local) and (returned := find_returned(session, self._process.signer, local)):
                return f"+{returned}"
            key, _, tag = local.partition("+")
            found = _find_key(session, key) if KEY.fullmatch(key) else None
        if found is None and is_return_path(local):
            log.warning("smtp.unknown_return_path")
        return None if found is None else f"{found}+{tag}"


def _find_key(session: DbSession, key: str) -> str | None:
    """As we write it: mail servers may have changed capitals."""
    keys = select(IntegrationKey.key).where(
        func.lower(IntegrationKey.key) == key.lower(),
        IntegrationKey.tool == TOOL,
        col(IntegrationKey.revoked_at).is_(None),
    )
    found = session.exec(keys).all()
    return key if key in found else next(iter(found), None)


def _not_now(error: SQLAlchemyError) -> str:
    log.error("smtp.no_database", error=type(error).__name__)
    return NOT_NOW


def _answer(failures: list[BaseException], *, of: int = 1) -> str:
    """SMTP has one answer for all recipients. Sent again, what was stored before meets itself in the same alert."""
    for failure in failures:
        if not isinstance(failure, OncallError):
            raise failure
        if failure.status >= 500 or failure.status == 429:
            return NOT_NOW
    if len(failures) < of:
        return TAKEN
    first = failures[0]
    assert isinstance(first, OncallError)
    code = "550 5.1.1" if isinstance(first, NotFound) else "554 5.6.0"
    return f"{code} {' '.join(first.detail.split())[:400]}"

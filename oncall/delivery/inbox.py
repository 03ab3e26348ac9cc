"""Replies by text where nothing can be posted to us: fetched from the provider, acted on, and answered by a text.

One process does it at a time (a lease). How far each account's texts have been read is in the database, and so is each
answer that is still to be sent (see `answers`), so that a process which dies loses neither.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from notifiers.base import SendFailure
from notifiers.twilio_inbox import FetchedText, TwilioInbox
from oncall.delivery import replies
from oncall.delivery.answers import Answers
from oncall.delivery.fetching import OLDEST, is_due, read_from
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Delivery, InboundMessage, ReplyInbox
from oncall.models.alert import OPEN
from oncall.process import leases
from oncall.process.process import Process

log = structlog.get_logger(__name__)

LEASE = "replies"
KIND = "sms"


class ReplyFetcher:
    """`tick` now and then; it looks for itself whether anything is to be done."""

    def __init__(self, process: Process, inboxes: Sequence[TwilioInbox], holder: str) -> None:
        self._database, self._clock, self._wake = process.database, process.clock, process.wake
        self._inboxes, self._holder = inboxes, holder
        self._answers = Answers(process)
        self._length = timedelta(seconds=process.settings.send_lease)

    def tick(self) -> None:
        if not self._inboxes:
            return
        with self._database.read() as session:
            due = self._due(session)
        for inbox in due:
            if self._is_ours():
                self._fetch(inbox)
        if due:
            self._give_back()
        self._answers.send_due()

    def _is_ours(self) -> bool:
        with self._database.transaction() as session:
            return leases.take(session, LEASE, self._holder, self._clock(), self._length)

    def _give_back(self) -> None:
        """Whoever comes next need not wait for our end; it finds in the database how far we have read."""
        with self._database.transaction() as session:
            leases.give_back(session, LEASE, self._holder, self._clock())

    def _due(self, session: Session) -> list[TwilioInbox]:
        now = self._clock()
        polled = {row.provider: row.polled_at for row in session.exec(select(ReplyInbox))}
        is_awaited = _is_awaited(session, now)
        return [inbox for inbox in self._inboxes if is_due(polled.get(inbox.account), now, is_awaited=is_awaited)]

    def _fetch(self, inbox: TwilioInbox) -> None:
        now = self._clock()
        with self._database.read() as session:
            row = session.get(ReplyInbox, inbox.account)
            since = read_from(row.read_until if row else None, now)
        try:
            texts = inbox.since(since)
        except SendFailure as failure:
            log.warning("replies.not_fetched", account=inbox.account, reason=failure.reason)
            return
        for text in self._unknown(texts):
            self._act(inbox.account, text)
        with self._database.transaction() as session:
            read_until = max([since, *(text.at for text in texts)]) if row else now
            session.merge(ReplyInbox(provider=inbox.account, read_until=read_until, polled_at=now))

    def _unknown(self, texts: Sequence[FetchedText]) -> list[FetchedText]:
        ids = [text.provider_id for text in texts]
        with self._database.read() as session:
            known = set(session.exec(select(InboundMessage.message_id).where(col(InboundMessage.message_id).in_(ids))))
        return [text for text in texts if text.provider_id not in known]

    def _act(self, account: str, text: FetchedText) -> None:
        """Each in a transaction of its own: one that we can't act on must not keep the next from us."""
        now = self._clock()
        try:
            with self._database.transaction() as session:
                answer = replies.answer_text(session, KIND, text.sender, text.body, text.provider_id, now, text.at)
                stored = session.get_one(InboundMessage, text.provider_id)
                stored.provider, stored.reply_due_at = account, now if answer else None
                session.add(stored)
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("reply.not_acted_on", message=text.provider_id)
        self._wake.set()


def _is_awaited(session: Session, now: datetime) -> bool:
    """Whether somebody was texted about an alert that nobody has yet."""
    texted = (
        select(Delivery.id)
        .join(Alert, col(Alert.id) == col(Delivery.alert_id))
        .where(
            OPEN,
            Alert.status == AlertStatus.TRIGGERED,
            Delivery.kind == KIND,
            col(Delivery.first_attempt_at) > now - OLDEST,
        )
    )
    return session.exec(texted.limit(1)).first() is not None

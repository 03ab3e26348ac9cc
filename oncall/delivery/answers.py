"""Answers to texts that were fetched: texted back by the account whose number they came to.

Due work like any other: stored with the reply that they answer, claimed with a lease, sent outside any transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from notifiers.base import Message, SendFailure, TemporaryFailure
from notifiers.registry import KINDS
from oncall.delivery.retry import next_attempt
from oncall.models import InboundMessage
from oncall.process.process import Process

log = structlog.get_logger(__name__)

KIND = "sms"
WITHIN = timedelta(minutes=10)
"""Later than this an answer only confuses."""
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer that this process may send until `until`."""

    message_id: str
    account: str
    address: str
    text: str
    received_at: datetime
    attempt: int
    until: datetime


class Answers:
    def __init__(self, process: Process) -> None:
        self._database, self._clock, self._sender = process.database, process.clock, process.sender
        self._lease = timedelta(seconds=process.settings.send_lease)

    def send_due(self) -> None:
        with self._database.read() as session:
            is_due = session.exec(_due(self._clock()).limit(1)).first() is not None
        if is_due:
            for answer in self._claim():
                self._record(answer, self._send(answer))

    def _claim(self) -> list[_Answer]:
        now = self._clock()
        with self._database.transaction() as session:
            due = _due(now).order_by(col(InboundMessage.reply_due_at)).limit(AT_ONCE)
            found = session.exec(due.with_for_update(skip_locked=True)).all()
            return [self._claimed(session, message, now + self._lease) for message in found]

    def _claimed(self, session: Session, message: InboundMessage, until: datetime) -> _Answer:
        message.reply_due_at, message.reply_attempts = until, message.reply_attempts + 1
        session.add(message)
        return _Answer(
            message.message_id,
            message.provider,
            message.address,
            KINDS[KIND].notice(message.answer),
            message.received_at,
            message.reply_attempts,
            until,
        )

    def _send(self, answer: _Answer) -> SendFailure | None:
        """What went wrong. After a first attempt it is looked up before it is sent again."""
        message = Message(reference=answer.message_id, to=answer.address, body=answer.text, at=self._clock())
        try:
            notifier = self._sender.notifier(KIND, answer.account)
            if answer.attempt == 1 or notifier.find(message, answer.received_at) is None:
                notifier.send(message)
        except SendFailure as failure:
            return failure
        except Exception as error:
            log.exception("reply.not_answered", message=answer.message_id)
            return TemporaryFailure(f"a fault in this service ({type(error).__name__})")
        return None

    def _record(self, answer: _Answer, failure: SendFailure | None) -> None:
        now, again = self._clock(), None
        if failure is not None and not failure.permanent:
            again = next_attempt(answer.attempt, answer.received_at, now, WITHIN)
        if failure is not None and again is None:
            log.warning("reply.not_answered", message=answer.message_id, reason=failure.reason)
        is_it, is_mine = (
            col(InboundMessage.message_id) == answer.message_id,
            col(InboundMessage.reply_due_at) == answer.until,
        )
        with self._database.transaction() as session:
            session.execute(sa.update(InboundMessage).where(is_it, is_mine).values(reply_due_at=again))


def _due(now: datetime) -> SelectOfScalar[InboundMessage]:
    return select(InboundMessage).where(col(InboundMessage.reply_due_at) <= now)

"""A mail that comes twice is taken in once: a mail server that has lost our answer sends it again, as it is."""

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlmodel import Session, col, delete

from oncall.db.upsert import insert
from oncall.ingest.letter import Letter
from oncall.models import InboundMessage

REMEMBERED = timedelta(days=1)
"""Mail servers may try for longer; but somebody may write one id, and one date, into every mail."""
_BEGINS, _ENDS = "mail:", "mail;"

_messages: sa.Table = InboundMessage.__table__  # type: ignore[attr-defined]


def same_mail(letter: Letter, to: str) -> str:
    """What is the same of a mail each time it comes to an address; "" where it has no id (RFC 5322, section 3.6.4)."""
    if not letter.message_id:
        return ""
    parts = (to, letter.message_id, letter.date, letter.subject, letter.text)
    return _BEGINS + sha256("\0".join(parts).encode()).hexdigest()


def first_come(session: Session, ids: Collection[str], now: datetime) -> set[str]:
    """Those of them that have not come lately. From this transaction's commit on, all have; whoever asks in another
    meanwhile waits for it.
    """
    if not ids:
        return set()
    new = {"address": "", "text": "", "answer": "", "provider": "", "reply_attempts": 0, "received_at": now}
    rows = insert(session, _messages).values([new | {"message_id": each} for each in sorted(ids)])
    is_old = _messages.c.received_at <= now - REMEMBERED
    renewed = rows.on_conflict_do_update(index_elements=["message_id"], set_={"received_at": now}, where=is_old)
    return set(session.execute(renewed.returning(_messages.c.message_id)).scalars())


def forget(session: Session, ids: Collection[str]) -> None:
    """They were not taken in: they may come again."""
    if ids:
        session.exec(delete(InboundMessage).where(col(InboundMessage.message_id).in_(ids)))


def forget_mails(session: Session, now: datetime) -> None:
    is_mail = (col(InboundMessage.message_id) > _BEGINS) & (col(InboundMessage.message_id) < _ENDS)
    session.exec(delete(InboundMessage).where(is_mail, col(InboundMessage.received_at) <= now - REMEMBERED))

"""Telling people something that is not about an alert, by the same deliveries as pages."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.db.database import notify_engines
from oncall.db.upsert import insert
from oncall.delivery.outbox import Reach, send_notice
from oncall.models import Notice, NoticeKind

_notices: sa.Table = Notice.__table__  # type: ignore[attr-defined]


def notify(
    session: Session,
    user_ids: Iterable[int],
    kind: NoticeKind,
    text: str,
    now: datetime,
    key: str | None = None,
    *,
    is_sent: bool = True,
) -> None:
    """Tell each person once: what has been told under `key` is not told again, by whichever engine.

    Who has no contact method that can carry it finds it on their page, and what is not `is_sent` everybody finds there
    only; who has retired is told nothing.
    """
    reach = Reach(session)
    wanted = list(dict.fromkeys(user_ids))
    reach.load(wanted)
    for user_id in wanted:
        user = reach.users.get(user_id)
        if user is None or user.retired_at is not None:
            continue
        notice_id = _store(session, user_id, kind, text, now, key and key_for(key, user_id))
        method = reach.for_notices(user_id, now)
        if is_sent and notice_id is not None and method is not None:
            send_notice(session, notice_id, method, now)
    session.flush()
    notify_engines(session)


def notify_of_all(
    session: Session, user_id: int, kind: NoticeKind, said: Sequence[tuple[str, str]], more: str, now: datetime
) -> None:
    """Several things, each a text and its key, in one message: the first, and how many `more` there are to see."""
    (text, key), *others = said
    rest = f" And {len(others)} more {more}." if others else ""
    notify(session, [user_id], kind, f"{text}{rest}", now, key)
    for text, key in others:
        notify(session, [user_id], kind, text, now, key, is_sent=False)


def key_for(key: str, user_id: int) -> str:
    return f"{key}:{user_id}"


def told(session: Session, keys: Collection[str]) -> set[str]:
    """Those of `keys`, made by key_for, that need not be told any more."""
    found = session.exec(select(Notice.key).where(col(Notice.key).in_(keys)))
    return {key for key in found if key is not None}


def _store(session: Session, user_id: int, kind: NoticeKind, text: str, now: datetime, key: str | None) -> int | None:
    """The notice's id; None when it was told before, perhaps by another engine at this very moment."""
    row = {"user_id": user_id, "kind": kind, "text": text, "key": key, "created_at": now}
    statement = insert(session, _notices).values(row).on_conflict_do_nothing(index_elements=["key"])
    return session.execute(statement.returning(_notices.c.id)).scalar_one_or_none()

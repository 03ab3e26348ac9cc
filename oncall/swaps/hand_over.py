"""Handing a piece over: the one place where a swap becomes an override."""

from datetime import datetime

from sqlmodel import Session

from oncall.db.database import notify_engines
from oncall.models import Override, OverrideSource, SwapPiece


def hand_over(session: Session, piece: SwapPiece, taker_id: int, by_id: int | None, now: datetime) -> None:
    """The taker is on the level in place of the giver, from this transaction's commit on. Checks nothing.

    `by_id` None: by the command line.
    """
    override = Override(
        schedule_id=piece.schedule_id,
        level=piece.level,
        user_id=taker_id,
        replaces_id=piece.giver_id,
        source=OverrideSource.SWAP,
        starts_at=piece.starts_at,
        ends_at=piece.ends_at,
        created_by_id=by_id,
        created_at=now,
    )
    session.add(override)
    session.flush()
    notify_engines(session)

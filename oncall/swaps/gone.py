"""A swap that can't be had any more, since what it is about has another owner: whoever waits for an answer is told."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from oncall.lifecycle.swap import SwapAction, SwapState, after
from oncall.models import Swap, SwapEventKind, SwapPiece
from oncall.settings import Settings
from oncall.swaps.rules import ground, pure, windows_of
from oncall.swaps.story import pieces_of, record, waiting
from oncall.swaps.telling import tell
from schedules.swaps import not_the_givers


def end_overtaken(session: Session, settings: Settings, taken: Iterable[SwapPiece], now: datetime) -> None:
    """End what is offered of the same shifts; but one that somebody is deciding on is theirs, and they are told."""
    session.flush()
    offered = (
        select(Swap)
        .where(Swap.state == SwapState.OFFERED, col(Swap.id).in_(select(SwapPiece.swap_id).where(_any_of(taken))))
        .order_by(col(Swap.id))
        .with_for_update(skip_locked=True)
    )
    for swap in session.exec(offered).all():
        end_if_gone(session, settings, swap, now)


def _any_of(taken: Iterable[SwapPiece]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                SwapPiece.schedule_id == piece.schedule_id,
                SwapPiece.level == piece.level,
                SwapPiece.giver_id == piece.giver_id,
                col(SwapPiece.starts_at) < piece.ends_at,
                col(SwapPiece.ends_at) > piece.starts_at,
            )
            for piece in taken
        )
    )


def end_if_gone(session: Session, settings: Settings, swap: Swap, now: datetime) -> bool:
    """Whether anything of it is no longer whose it was."""
    rows = pieces_of(session, swap)
    known = ground(session, windows_of(session, rows))
    why = " ".join(problem for piece in pure(session, rows) if (problem := not_the_givers(piece, known)))
    if why:
        swap.remind_at, swap.state, swap.decided_at = None, after(swap.state, SwapAction.EXPIRE), now
        record(session, swap, SwapEventKind.EXPIRED, f"It can't be had any more: {why}", now)
        tell(session, settings, swap, [swap.asker_id], "gone", now, why=why)
        tell(session, settings, swap, waiting(session, swap), "not theirs", now)
    return bool(why)

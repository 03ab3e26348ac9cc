"""What is asked of swaps: lists, one with its story, and how many wait for somebody's answer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from oncall.lifecycle.swap import SwapState
from oncall.models import Answer, Schedule, Swap, SwapEvent, SwapInvitation, SwapPiece, User
from oncall.models.swap import UNDER_WAY


@dataclass(frozen=True, slots=True)
class PieceRow:
    piece: SwapPiece
    schedule: Schedule
    giver: User
    taker: User | None


@dataclass(frozen=True, slots=True)
class SwapRow:
    """A swap with its pieces, whom it asks, and the names that a list shows."""

    swap: Swap
    asker: User
    made_by: User
    decided_by: User | None
    decided_for: User | None
    pieces: list[PieceRow]
    invited: list[tuple[SwapInvitation, User]]

    def waits_for(self, user_id: int | None) -> bool:
        return self.swap.state is SwapState.OFFERED and any(
            row.user_id == user_id and row.answer is Answer.WAITING for row, _ in self.invited
        )


@dataclass(frozen=True, slots=True)
class SwapFilter:
    """`mine`: that this person asked for, was asked about, gives or takes. `waiting`: that wait for this person."""

    open_only: bool = False
    mine: int | None = None
    waiting: int | None = None
    asked_by: int | None = None
    schedule: int | None = None


def list_swaps(session: Session, wanted: SwapFilter, limit: int, before: int | None = None) -> list[SwapRow]:
    """Newest first; `before` is the id of the last one already seen."""
    statement = select(Swap).order_by(col(Swap.id).desc()).limit(limit)
    ids = col(Swap.id)
    if wanted.open_only:
        statement = statement.where(UNDER_WAY)
    if wanted.mine is not None:
        invited = select(SwapInvitation.swap_id).where(SwapInvitation.user_id == wanted.mine)
        in_pieces = select(SwapPiece.swap_id).where(
            or_(SwapPiece.giver_id == wanted.mine, SwapPiece.taker_id == wanted.mine)
        )
        statement = statement.where(or_(Swap.asker_id == wanted.mine, ids.in_(invited), ids.in_(in_pieces)))
    if wanted.waiting is not None:
        statement = statement.where(Swap.state == SwapState.OFFERED, ids.in_(_waiting(wanted.waiting)))
    if wanted.asked_by is not None:
        statement = statement.where(Swap.asker_id == wanted.asked_by)
    if wanted.schedule is not None:
        statement = statement.where(ids.in_(select(SwapPiece.swap_id).where(SwapPiece.schedule_id == wanted.schedule)))
    if before is not None:
        statement = statement.where(ids < before)
    return rows_of(session, session.exec(statement).all())


def rows_of(session: Session, swaps: Sequence[Swap]) -> list[SwapRow]:
    """With all that a list shows, in four questions however many they are; none where there are none."""
    if not swaps:
        return []
    ids = [swap.id for swap in swaps]
    pieces: dict[int, list[SwapPiece]] = defaultdict(list)
    for piece in session.exec(select(SwapPiece).where(col(SwapPiece.swap_id).in_(ids)).order_by(col(SwapPiece.id))):
        pieces[piece.swap_id].append(piece)
    invited: dict[int, list[SwapInvitation]] = defaultdict(list)
    for row in session.exec(select(SwapInvitation).where(col(SwapInvitation.swap_id).in_(ids))):
        invited[row.swap_id].append(row)
    schedules = {each.id: each for each in session.exec(select(Schedule))}
    people = _people(session, swaps, pieces, invited)
    return [
        SwapRow(
            swap,
            people[swap.asker_id],
            people[swap.made_by_id],
            people.get(swap.decided_by_id),
            people.get(swap.decided_for_id),
            [
                PieceRow(piece, schedules[piece.schedule_id], people[piece.giver_id], people.get(piece.taker_id))
                for piece in pieces[swap.id or 0]
            ],
            sorted(((row, people[row.user_id]) for row in invited[swap.id or 0]), key=lambda pair: pair[1].name),
        )
        for swap in swaps
    ]


@cache
def waiting_count() -> ColumnElement[int]:
    """How many wait for the answer of each person in a statement over users. Always the same: every page asks it."""
    waiting = select(func.count()).select_from(SwapInvitation).join(Swap)
    asked = waiting.where(SwapInvitation.user_id == User.id, SwapInvitation.answer == Answer.WAITING)
    return asked.where(UNDER_WAY, Swap.state == SwapState.OFFERED).correlate(User).scalar_subquery()


def story(session: Session, swap_id: int) -> Sequence[tuple[SwapEvent, str | None]]:
    """Oldest first, each with the name of whoever did it; None for the engine."""
    statement = select(SwapEvent, User.name).outerjoin(User, col(User.id) == col(SwapEvent.by_id))
    return list(session.exec(statement.where(SwapEvent.swap_id == swap_id).order_by(col(SwapEvent.id))))


def _waiting(user_id: int) -> SelectOfScalar[int]:
    return select(SwapInvitation.swap_id).where(
        SwapInvitation.user_id == user_id, SwapInvitation.answer == Answer.WAITING
    )


def _people(
    session: Session,
    swaps: Sequence[Swap],
    pieces: dict[int, list[SwapPiece]],
    invited: dict[int, list[SwapInvitation]],
) -> dict[int | None, User]:
    ids = {each for swap in swaps for each in (swap.asker_id, swap.made_by_id, swap.decided_by_id, swap.decided_for_id)}
    ids |= {each for rows in pieces.values() for row in rows for each in (row.giver_id, row.taker_id)}
    ids |= {row.user_id for rows in invited.values() for row in rows}
    return {user.id: user for user in session.exec(select(User).where(col(User.id).in_(ids - {None})))}

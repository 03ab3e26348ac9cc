"""A swap's rows: locked, read, and its story written, in the transaction in which it happens."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from oncall.auth.permissions import runs
from oncall.errors import Forbidden, NotFound
from oncall.models import (
    Answer,
    Schedule,
    Swap,
    SwapEvent,
    SwapEventKind,
    SwapInvitation,
    SwapPiece,
    User,
)

TIME_IS_OVER = "The time to answer is over"


def record(
    session: Session, swap: Swap, kind: SwapEventKind, text: str, now: datetime, by_id: int | None = None
) -> None:
    """`by_id` None: the engine."""
    assert swap.id is not None
    session.add(SwapEvent(swap_id=swap.id, at=now, by_id=by_id, kind=kind, text=text))


def end_of(session: Session, swap: Swap) -> str:
    """Why it has expired, as its story has it; a fault of ours while it was told may have left that out."""
    expired = (SwapEvent.swap_id == swap.id, SwapEvent.kind == SwapEventKind.EXPIRED)
    return session.exec(select(SwapEvent.text).where(*expired)).first() or TIME_IS_OVER


def note_all_the_same(
    session: Session, swap: Swap, did: str, against: Iterable[str], now: datetime, by_id: int | None
) -> None:
    """What spoke against it, and was theirs to decide, is kept: `did` is "Agreed" or "Taken over"."""
    for said in against:
        record(session, swap, SwapEventKind.NOTE, f"{did} all the same: {said}", now, by_id)


def get_swap(session: Session, swap_id: int, *, lock: bool = False) -> Swap:
    """`lock`: until the transaction ends nobody else decides on it; it is read anew. Raises NotFound."""
    statement = select(Swap).where(Swap.id == swap_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    swap = session.exec(statement).first()
    if swap is None:
        raise NotFound(f"There is no swap {swap_id}.")
    return swap


def pieces_of(session: Session, swap: Swap) -> list[SwapPiece]:
    statement = select(SwapPiece).where(SwapPiece.swap_id == swap.id)
    return list(session.exec(statement.order_by(col(SwapPiece.id))))


def invitations_of(session: Session, swap: Swap) -> list[SwapInvitation]:
    statement = select(SwapInvitation).where(SwapInvitation.swap_id == swap.id)
    return list(session.exec(statement.order_by(col(SwapInvitation.user_id))))


def waiting(session: Session, swap: Swap) -> list[int]:
    """Who was asked and has not answered."""
    return [row.user_id for row in invitations_of(session, swap) if row.answer is Answer.WAITING]


def may_decide_for_others(session: Session, by: User, pieces: Sequence[SwapPiece]) -> bool:
    """Admins, and whoever manages the teams of all its schedules."""
    ids = {piece.schedule_id for piece in pieces}
    return bool(ids) and all(runs(session, by, session.get_one(Schedule, each)) for each in ids)


def check_in_whose_name(session: Session, by: User, person: User, pieces: Sequence[SwapPiece]) -> None:
    """Everybody decides for themselves; for somebody absent a manager may. Raises Forbidden."""
    if by.id != person.id and not may_decide_for_others(session, by, pieces):
        raise Forbidden(
            f"Only {person.name}, a manager of the schedule's team or an admin can decide for {person.name}.",
            field="for",
        )


def in_the_name_of(by: User, person: User) -> str:
    """ "Carol Cohen", or "Alice Archer, for Carol Cohen"."""
    return person.name if by.id == person.id else f"{by.name}, for {person.name},"

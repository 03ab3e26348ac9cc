"""The rules once more, as things are when somebody accepts: all of a swap can still be had, or it stays as it was."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from oncall.errors import Conflict
from oncall.models import Swap, SwapPiece, User
from oncall.swaps.parts import still_to_come
from oncall.swaps.rules import around, ground, pure, takers_of, windows_of
from oncall.swaps.story import note_all_the_same
from schedules.swap_rules import ASKED_BY_OTHERS, BY_THEMSELVES, objections
from schedules.swaps import Ground, Piece, Taker, not_the_givers


def agree(session: Session, swap: Swap, rows: Sequence[SwapPiece], by: User, person: User, now: datetime) -> None:
    """Names the takers and checks them. Plans are locked by the caller. Raises Conflict with all that is in the way."""
    if not rows:
        raise Conflict("The schedule that this swap was about is gone.")
    still_to_come(rows, now)
    for row in rows:
        row.taker_id = person.id if row.taker_id is None else row.taker_id
        session.add(row)
    known, pieces = ground(session, windows_of(session, rows)), pure(session, rows)
    takers = takers_of(session, {row.taker_id or 0 for row in rows}, *around(rows))
    found = [problem for piece in pieces if (problem := not_the_givers(piece, known))]
    for user_id, taker in takers.items():
        is_own_word = user_id in (by.id, swap.made_by_id)
        found += objections(taker, pieces, known, BY_THEMSELVES if is_own_word else ASKED_BY_OTHERS)
    if found:
        raise Conflict("This swap is not possible any more: " + " ".join(dict.fromkeys(found)))
    note_all_the_same(session, swap, "Agreed", _against(takers.values(), pieces, known), now, by.id)


def _against(takers: Iterable[Taker], pieces: Sequence[Piece], known: Ground) -> list[str]:
    """What they have agreed to all the same."""
    return [said for taker in takers for said in objections(taker, pieces, known, ASKED_BY_OTHERS)]

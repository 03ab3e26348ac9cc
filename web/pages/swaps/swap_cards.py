"""Swaps in the words of whoever reads them: what is asked, of whom, and what they can do about it."""

from dataclasses import dataclass

from sqlmodel import Session

from oncall.lifecycle.swap import SwapState
from oncall.models import SwapKind, User
from oncall.swaps import queries
from oncall.swaps.queries import SwapFilter, SwapRow
from oncall.swaps.story import may_decide_for_others
from web.edge import Caller


@dataclass(frozen=True, slots=True)
class SwapCard:
    """`absent`: in whose name the reader, a manager, may answer; `absent_asker`: and take it back."""

    row: SwapRow
    headline: str
    may_answer: bool
    may_refuse: bool
    may_withdraw: bool
    absent: list[User]
    absent_asker: User | None


def cards(caller: Caller, wanted: SwapFilter, limit: int) -> list[SwapCard]:
    return [card(caller.session, caller.user, row) for row in queries.list_swaps(caller.session, wanted, limit)]


def card(session: Session, me: User, row: SwapRow) -> SwapCard:
    is_offered, is_running = row.swap.state is SwapState.OFFERED, row.swap.state is SwapState.RUNNING
    is_mine = row.asker.id == me.id
    invited = any(user.id == me.id for _, user in row.invited)
    runs = (is_offered or is_running) and may_decide_for_others(session, me, [piece.piece for piece in row.pieces])
    return SwapCard(
        row,
        headline(row, me),
        may_answer=is_offered and (invited or (row.swap.to_everybody and not is_mine)),
        may_refuse=is_running and invited,
        may_withdraw=is_mine and (is_offered or is_running),
        absent=[user for _, user in row.invited if user.id != me.id] if runs else [],
        absent_asker=row.asker if runs and not is_mine else None,
    )


def headline(row: SwapRow, me: User) -> str:
    """ "Bob Baker asks for cover", "You took over from Alice Archer"."""
    is_mine = row.asker.id == me.id
    who = "You" if is_mine else row.asker.name
    other = _other(row, me)
    if row.swap.kind is SwapKind.TAKE:
        return f"{who} {'ask' if is_mine else 'asks'} to take a shift of {other}"
    if row.swap.kind is SwapKind.TRADE:
        return f"{who} {'ask' if is_mine else 'asks'} {other} for a trade"
    if row.swap.kind is SwapKind.TAKE_NOW:
        return f"{who} took over from {other}"
    if row.swap.kind is SwapKind.OUT_OF_REACH:
        return f"{who} {'are' if is_mine else 'is'} out of reach, {other} {'have' if other == 'you' else 'has'} it"
    return f"{who} {'ask' if is_mine else 'asks'} for cover"


def _other(row: SwapRow, me: User) -> str:
    """Who it is about besides the asker."""
    people = [user for piece in row.pieces for user in (piece.giver, piece.taker) if user and user.id != row.asker.id]
    if not people:
        return "somebody"
    return "you" if people[0].id == me.id else people[0].name

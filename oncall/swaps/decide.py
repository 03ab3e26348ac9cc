"""Answering: accept, decline, withdraw. Each locks the swap, checks the transition, writes the story and flushes.

`person`: in whose name; a manager of the schedule's team or an admin may decide for somebody absent.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from oncall.db.database import notify_engines
from oncall.errors import Conflict, Forbidden
from oncall.installation import lock_plans
from oncall.lifecycle.swap import SwapAction, SwapState, after
from oncall.models import Answer, Swap, SwapEventKind, SwapInvitation, SwapKind, SwapPiece, User
from oncall.settings import Settings
from oncall.swaps.agree import agree
from oncall.swaps.gone import end_overtaken
from oncall.swaps.hand_over import hand_over
from oncall.swaps.out_of_reach import come_back, refuse
from oncall.swaps.story import (
    check_in_whose_name,
    end_of,
    get_swap,
    in_the_name_of,
    pieces_of,
    record,
    waiting,
)
from oncall.swaps.telling import tell, tell_absent


def accept(session: Session, settings: Settings, swap_id: int, by: User, person: User, now: datetime) -> Swap:
    """All pieces change hands, or none. Raises Conflict with why they can't any more, Forbidden when not asked."""
    swap = get_swap(session, swap_id, lock=True)
    rows = pieces_of(session, swap)
    check_in_whose_name(session, by, person, rows)
    state = _accepted(session, swap, now)
    invitation = _invitation(session, swap, person)
    lock_plans(session)
    agree(session, swap, rows, by, person, now)
    swap.state = state
    _decided(session, swap, by, person, now)
    invitation.answer, invitation.answered_at = Answer.ACCEPTED, now
    session.add(invitation)
    for row in rows:
        hand_over(session, row, row.taker_id or 0, by.id, now)
    record(session, swap, SwapEventKind.ACCEPTED, f"{in_the_name_of(by, person)} accepts", now, by.id)
    _tell_accepted(session, settings, swap, rows, by, person, now)
    end_overtaken(session, settings, rows, now)
    session.flush()
    notify_engines(session)
    return swap


def decline(session: Session, settings: Settings, swap_id: int, by: User, person: User, now: datetime) -> Swap:
    """The last one asked to decline ends it; out of reach: whoever covers refuses, which ends it at once."""
    swap = get_swap(session, swap_id, lock=True)
    check_in_whose_name(session, by, person, pieces_of(session, swap))
    if swap.kind is SwapKind.OUT_OF_REACH:
        return refuse(session, settings, swap, by, person, now)
    _check_open(session, swap, SwapAction.DECLINE)
    invitation = _invitation(session, swap, person)
    invitation.answer, invitation.answered_at = Answer.DECLINED, now
    session.add(invitation)
    session.flush()
    left = waiting(session, swap)
    record(session, swap, SwapEventKind.DECLINED, f"{in_the_name_of(by, person)} declines", now, by.id)
    if not left:
        swap.state = after(swap.state, SwapAction.DECLINE)
        _decided(session, swap, by, person, now)
    words = f"{len(left)} still to answer." if left else "Nobody is left to ask: it stays as it was."
    tell(session, settings, swap, [swap.asker_id], "declined", now, who=person.name, left=words)
    tell_absent(session, settings, swap, by, person, "has declined", now)
    session.flush()
    return swap


def withdraw(session: Session, settings: Settings, swap_id: int, by: User, person: User, now: datetime) -> Swap:
    """By whoever asked; out of reach: they are back sooner. What has been accepted is asked back by another swap."""
    swap = get_swap(session, swap_id, lock=True)
    check_in_whose_name(session, by, person, pieces_of(session, swap))
    if person.id != swap.asker_id:
        asker = session.get_one(User, swap.asker_id)
        raise Forbidden(f"Only {asker.name} can withdraw this swap, or a manager in their name.", field="for")
    if swap.kind is SwapKind.OUT_OF_REACH:
        return come_back(session, settings, swap, now, by)
    _check_open(session, swap, SwapAction.WITHDRAW)
    swap.state = after(swap.state, SwapAction.WITHDRAW)
    _decided(session, swap, by, person, now)
    record(session, swap, SwapEventKind.WITHDRAWN, f"{in_the_name_of(by, person)} withdraws", now, by.id)
    tell(session, settings, swap, waiting(session, swap), "withdrawn", now)
    tell_absent(session, settings, swap, by, person, "has withdrawn a swap", now)
    session.flush()
    return swap


def _accepted(session: Session, swap: Swap, now: datetime) -> SwapState:
    _check_open(session, swap, SwapAction.ACCEPT)
    if swap.expires_at <= now:
        raise Conflict("The time to answer is over: this swap has expired.")
    return after(swap.state, SwapAction.ACCEPT)


def _check_open(session: Session, swap: Swap, action: SwapAction) -> None:
    """Raises Conflict that says who was first, or why it has expired."""
    if swap.state is SwapState.EXPIRED:
        raise Conflict(f"This swap has expired. {end_of(session, swap).rstrip('.')}.")
    if swap.state is SwapState.ACCEPTED and swap.decided_for_id is not None:
        winner = session.get_one(User, swap.decided_for_id)
        raise Conflict(f"{winner.name} has accepted this swap already, so it is settled.")
    after(swap.state, action)


def _invitation(session: Session, swap: Swap, person: User) -> SwapInvitation:
    """Raises Forbidden for somebody who was not asked."""
    assert person.id is not None
    found = session.get(SwapInvitation, (swap.id, person.id))
    if found is not None:
        return found
    if not swap.to_everybody or person.id == swap.asker_id:
        raise Forbidden(f"{person.name} was not asked, so this swap is not for them to answer.")
    assert swap.id is not None
    return SwapInvitation(swap_id=swap.id, user_id=person.id)


def _decided(session: Session, swap: Swap, by: User, person: User, now: datetime) -> None:
    swap.decided_at, swap.decided_by_id, swap.decided_for_id = now, by.id, person.id
    swap.remind_at = None
    session.add(swap)


def _tell_accepted(
    session: Session, settings: Settings, swap: Swap, rows: Sequence[SwapPiece], by: User, person: User, now: datetime
) -> None:
    session.flush()
    concerned = {swap.asker_id, *(row.giver_id for row in rows), *(row.taker_id or 0 for row in rows)}
    others = [each for each in waiting(session, swap) if each not in concerned]
    tell(session, settings, swap, concerned, "accepted", now, who=in_the_name_of(by, person))
    tell(session, settings, swap, others, "settled", now, who=person.name)

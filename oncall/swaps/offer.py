"""Asking: give (mine, to whoever agrees first), take (somebody's, if they agree), trade (mine for theirs)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, func, select

from oncall.db.database import notify_engines
from oncall.errors import BadInput, Conflict
from oncall.lifecycle.swap import SwapState
from oncall.models import Swap, SwapEventKind, SwapInvitation, SwapKind, SwapPiece, User
from oncall.models.swap import UNDER_WAY
from oncall.settings import Settings
from oncall.swaps import parts
from oncall.swaps.candidates import candidates
from oncall.swaps.parts import Part
from oncall.swaps.rules import Window, ground, objections_by_person
from oncall.swaps.story import check_in_whose_name, in_the_name_of, pieces_of, record, waiting
from oncall.swaps.telling import tell, tell_absent
from schedules.swap_rules import ASKED_BY_OTHERS, BY_THEMSELVES, Strictness
from schedules.swaps import Ground

MOST_UNDER_WAY = 50
"""Of one person."""
MOST_INVITED = 500
MOST_REASONS = 5
DAY = timedelta(days=1)
WORTH_A_REMINDER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks.

    `pieces`: give and trade: mine; take: theirs. `in_return`: trade: theirs. `to`: give: whom to ask, None for
    everybody eligible; for the other kinds it follows from whose the shifts are. `expires` None: with the first piece.
    """

    kind: SwapKind
    pieces: Sequence[Part]
    in_return: Sequence[Part] = ()
    to: Sequence[User] | None = None
    note: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    rows: list[SwapPiece]
    known: Ground
    other_id: int | None
    """Whose consent a take or a trade needs."""


def offer(session: Session, settings: Settings, by: User, asker: User, wanted: Request, now: datetime) -> Swap:
    """Stored, and everybody asked is told; asked twice, it is there once and they are told once: forms are sent again.

    Raises BadInput, Conflict, or Forbidden for a shift of somebody else.
    """
    assert asker.id is not None
    assert by.id is not None
    if wanted.kind not in (SwapKind.GIVE, SwapKind.TAKE, SwapKind.TRADE):
        raise BadInput("This is offered to nobody: it begins at once.", field="kind")
    parts.check_note(wanted.note)
    _check_not_too_many(session, asker)
    draft = _draft(session, asker.id, wanted, now)
    check_in_whose_name(session, by, asker, draft.rows)
    invited = _invited(session, draft, asker, wanted, BY_THEMSELVES if by.id == asker.id else ASKED_BY_OTHERS)
    expires = _expiry(draft.rows, wanted.expires, now)
    says: dict[str, Any] = {
        "kind": wanted.kind,
        "asker_id": asker.id,
        "made_by_id": by.id,
        "to_everybody": wanted.kind is SwapKind.GIVE and wanted.to is None,
        "note": wanted.note.strip(),
        "expires_at": expires,
    }
    if (as_before := _asked_before(session, says, draft.rows, invited)) is not None:
        return as_before
    swap = Swap(created_at=now, remind_at=reminder(now, expires), **says)
    store(session, swap, draft.rows, invited)
    record(session, swap, SwapEventKind.OFFERED, f"{in_the_name_of(by, asker)} asks", now, by.id)
    tell(session, settings, swap, invited, "asked", now)
    tell_absent(session, settings, swap, by, asker, "asks for a swap", now)
    session.flush()
    notify_engines(session)
    return swap


def _asked_before(
    session: Session, says: dict[str, Any], rows: Sequence[SwapPiece], invited: Sequence[int]
) -> Swap | None:
    """One that is open, asks the same of the same people, and has no answer yet."""

    def pieces(of: Sequence[SwapPiece]) -> list[tuple[Any, ...]]:
        return sorted((row.starts_at, row.ends_at, row.schedule_id, row.level, row.giver_id) for row in of)

    for swap in session.exec(select(Swap).filter_by(**says, state=SwapState.OFFERED)):
        if pieces(pieces_of(session, swap)) == pieces(rows) and set(waiting(session, swap)) == set(invited):
            return swap
    return None


def store(session: Session, swap: Swap, rows: Sequence[SwapPiece], invited: Sequence[int]) -> None:
    session.add(swap)
    session.flush()
    assert swap.id is not None
    for row in rows:
        row.swap_id = swap.id
        session.add(row)
    session.add_all(SwapInvitation(swap_id=swap.id, user_id=user_id) for user_id in invited)
    session.flush()


def reminder(now: datetime, expires: datetime) -> datetime | None:
    """Halfway, and at latest a day before it expires where there is as long."""
    if expires - now < WORTH_A_REMINDER:
        return None
    halfway = now + (expires - now) / 2
    return min(halfway, expires - DAY) if expires - DAY > now else halfway


def _draft(session: Session, asker_id: int, wanted: Request, now: datetime) -> _Draft:
    is_trade = wanted.kind is SwapKind.TRADE
    if wanted.in_return and not is_trade:
        raise BadInput("Only a trade has something in return.", field="in_return")
    given = parts.windows(wanted.pieces, "pieces", now)
    back = parts.windows(wanted.in_return, "in_return", now) if is_trade else []
    known = ground(session, [*given, *back])
    if wanted.kind is SwapKind.GIVE:
        rows = [parts.piece(window, asker_id, None) for window in given]
        parts.check_givers(session, rows, known, "pieces")
        return _Draft(rows, known, None)
    theirs, field = (back, "in_return") if is_trade else (given, "pieces")
    named = [user.handle for user in wanted.to or ()]
    other_id = _other(session, asker_id, theirs, known, field, named)
    rows = [parts.piece(window, asker_id, other_id) for window in given] if is_trade else []
    parts.check_givers(session, rows, known, "pieces")
    return _Draft([*rows, *(parts.piece(window, other_id, asker_id) for window in theirs)], known, other_id)


def _other(
    session: Session, asker_id: int, theirs: Sequence[Window], known: Ground, field: str, named: Sequence[str]
) -> int:
    other_id = parts.whose(session, theirs, known, field, named)
    if other_id == asker_id:
        raise BadInput("That is your own shift: name one of somebody else.", field=f"{field}[0]")
    rows = [parts.piece(window, other_id, asker_id) for window in theirs]
    parts.check_givers(session, rows, known, field)  # there may be holes in it
    return other_id


def _invited(session: Session, draft: _Draft, asker: User, wanted: Request, strict: Strictness) -> list[int]:
    """Who is asked, once nothing speaks against anybody who would take something. Raises BadInput or Conflict.

    `strict`: for what the asker would take.
    """
    if draft.other_id is not None:
        if wanted.to is not None and [user.id for user in wanted.to] != [draft.other_id]:
            name = session.get_one(User, draft.other_id).name
            raise BadInput(f"That is a shift of {name}, so they are the one to ask.", field="to")
        _check(session, draft, asker.id or 0, strict, None)
        if wanted.kind is SwapKind.TRADE:
            _check(session, draft, draft.other_id, ASKED_BY_OTHERS, "to")
        return [draft.other_id]
    if wanted.to is None:
        return _everybody(session, draft)
    named = list(dict.fromkeys(user.id or 0 for user in wanted.to))
    if not named:
        raise BadInput("Say whom to ask: at least one person, or leave it out to ask everybody eligible.", field="to")
    for user_id in named:
        _check(session, draft, user_id, ASKED_BY_OTHERS, "to")
    return named


def _check(session: Session, draft: _Draft, user_id: int, strict: Strictness, field: str | None) -> None:
    found = objections_by_person(session, [user_id], draft.rows, draft.known, strict)[user_id]
    if found:
        raise BadInput(" ".join(found), field=field, problems=found if len(found) > 1 else ())


def _everybody(session: Session, draft: _Draft) -> list[int]:
    """Those against whom nothing speaks."""
    found = candidates(session, draft.rows, draft.known)
    free = [user_id for user_id, against in found.items() if not against]
    if not free:
        why = " ".join(against[0] for against in list(found.values())[:MOST_REASONS])
        more = f" And {len(found) - MOST_REASONS} more can't." if len(found) > MOST_REASONS else ""
        advice = "Offer a part of it, or ask a manager of the team."
        raise Conflict(" ".join(filter(None, ["Nobody who is eligible is free then.", why + more, advice])))
    return free[:MOST_INVITED]


def _expiry(rows: Sequence[SwapPiece], wanted: datetime | None, now: datetime) -> datetime:
    """When its first piece begins; one that runs already can be taken until it ends. Raises BadInput."""
    latest = min(row.ends_at for row in rows)
    if wanted is None:
        return min(row.starts_at if row.starts_at > now else row.ends_at for row in rows)
    if not now < wanted <= latest:
        raise BadInput("It must expire after now, and before one of its pieces is over.", field="expires")
    return wanted


def _check_not_too_many(session: Session, asker: User) -> None:
    under_way = select(func.count()).select_from(Swap).where(Swap.asker_id == asker.id, UNDER_WAY)
    if session.exec(under_way).one() >= MOST_UNDER_WAY:
        raise Conflict(f"{asker.name} has {MOST_UNDER_WAY} swaps under way, which is the most: withdraw some first.")

""" "Underground for 30 minutes": somebody else has my level for a short while, and it comes back by itself."""

from datetime import datetime, timedelta

from sqlmodel import Session

from oncall.db.database import notify_engines
from oncall.errors import BadInput, Conflict, Forbidden
from oncall.installation import lock_plans
from oncall.lifecycle.swap import SwapAction, SwapState, after
from oncall.models import Answer, Schedule, Swap, SwapEventKind, SwapInvitation, SwapKind, SwapPiece, User
from oncall.rota.coverage import on_call
from oncall.rota.overrides import check_level
from oncall.settings import Settings
from oncall.swaps.hand_over import hand_over
from oncall.swaps.offer import store
from oncall.swaps.parts import check_note, piece
from oncall.swaps.rules import Window, ground, objections_by_person, pure, windows_of
from oncall.swaps.story import in_the_name_of, pieces_of, record
from oncall.swaps.telling import tell, tell_absent
from schedules.spans import clip
from schedules.swap_rules import FOR_A_WHILE
from schedules.swaps import Ground

USUAL = timedelta(minutes=30)
LONGEST = timedelta(hours=4)


def go_out_of_reach(
    session: Session,
    settings: Settings,
    asker: User,
    schedule: Schedule,
    level: str | None,
    length: timedelta,
    cover: User | None,
    now: datetime,
    note: str = "",
) -> Swap:
    """From now on. `level` None: the one I am on; `cover` None: whoever is on another level. They are told.

    Raises BadInput, or Conflict when nobody can cover.
    """
    assert asker.id is not None
    if not timedelta(minutes=1) <= length <= LONGEST:
        raise BadInput("Out of reach lasts from 1 minute to 4 hours; for longer, ask for cover.", field="minutes")
    check_note(note)
    lock_plans(session)
    row = _my_piece(session, asker, schedule, level, length, now)
    known = ground(session, windows_of(session, [row]), on_call_too=True)
    row.taker_id = _cover(session, schedule, row, cover, known, now)
    swap = Swap(
        kind=SwapKind.OUT_OF_REACH,
        state=SwapState.RUNNING,
        asker_id=asker.id,
        made_by_id=asker.id,
        note=note.strip(),
        created_at=now,
        expires_at=row.ends_at,
    )
    store(session, swap, [row], [row.taker_id])
    hand_over(session, row, row.taker_id, asker.id, now)
    record(session, swap, SwapEventKind.OFFERED, f"{asker.name} is out of reach", now, asker.id)
    tell(session, settings, swap, [row.taker_id], "out of reach", now)
    session.flush()
    return swap


def refuse(session: Session, settings: Settings, swap: Swap, by: User, person: User, now: datetime) -> Swap:
    """Whoever covers can't. The swap is locked by the caller."""
    state = after(swap.state, SwapAction.REFUSE)
    invitation = session.get(SwapInvitation, (swap.id, person.id))
    if invitation is None:
        raise Forbidden(f"{person.name} does not cover here, so there is nothing to refuse.")
    invitation.answer, invitation.answered_at = Answer.DECLINED, now
    session.add(invitation)
    swap.state, swap.decided_at, swap.decided_by_id, swap.decided_for_id = state, now, by.id, person.id
    _give_back(session, swap, by.id, now)
    record(session, swap, SwapEventKind.REFUSED, f"{in_the_name_of(by, person)} refuses", now, by.id)
    tell(session, settings, swap, [swap.asker_id], "refused", now, who=person.name)
    tell_absent(session, settings, swap, by, person, "has refused", now)
    session.flush()
    return swap


def come_back(session: Session, settings: Settings, swap: Swap, now: datetime, by: User | None = None) -> Swap:
    """At the end by itself (`by` None), or sooner. The swap is locked by the caller."""
    swap.state = after(swap.state, SwapAction.COME_BACK)
    swap.decided_at = now
    asker = session.get_one(User, swap.asker_id)
    if by is not None:
        swap.decided_by_id, swap.decided_for_id = by.id, asker.id
        _give_back(session, swap, by.id, now)
    session.add(swap)
    has_left = asker.retired_at is not None
    by_itself = "Its time is over" if has_left else f"It has come back to {asker.name} by itself"
    who = f"{in_the_name_of(by, asker)} ends it sooner" if by else by_itself
    record(session, swap, SwapEventKind.ENDED, who, now, by.id if by else None)
    covers = [row.taker_id for row in pieces_of(session, swap) if row.taker_id is not None]
    tell(session, settings, swap, [swap.asker_id, *covers], "left" if has_left else "back", now)
    session.flush()
    return swap


def _give_back(session: Session, swap: Swap, by_id: int | None, now: datetime) -> None:
    """What is left of it and still on whoever covers."""
    lock_plans(session)
    session.add(swap)
    for row in pieces_of(session, swap):
        if row.ends_at <= now or row.taker_id is None:
            continue
        (one,) = pure(session, [row])
        held = ground(session, windows_of(session, [row])).held(one, one.taker)
        schedule = session.get_one(Schedule, row.schedule_id)
        for start, end in clip(held, max(row.starts_at, now), row.ends_at):
            back = piece(Window(schedule, row.level, start, end), row.taker_id, row.giver_id)
            hand_over(session, back, row.giver_id, by_id, now)
    notify_engines(session)


def _my_piece(
    session: Session, asker: User, schedule: Schedule, level: str | None, length: timedelta, now: datetime
) -> SwapPiece:
    shifts = on_call(session, schedule, now)
    if level is not None:
        check_level(schedule, level)
    mine = [
        shift for on in shifts.values() for shift in on if shift.user_id == asker.id and level in (None, shift.level)
    ]
    if not mine:
        where = f"{schedule.name} {level}" if level else schedule.name
        raise BadInput(f"You are not on call for {where} now, so there is nothing to hand over.", field="level")
    shift = mine[0]
    return piece(Window(schedule, shift.level, now, min(now + length, shift.end)), asker.id or 0, None)


def _cover(
    session: Session, schedule: Schedule, row: SwapPiece, cover: User | None, known: Ground, now: datetime
) -> int:
    """Who takes it: the one who was chosen, or the first on another level whom no rule forbids."""
    if cover is not None:
        if against := _objections(session, cover.id or 0, row, known):
            raise BadInput(" ".join(against), field="to")
        return cover.id or 0
    others = [shift.user_id for on in on_call(session, schedule, now).values() for shift in on]
    others = [user_id for user_id in dict.fromkeys(others) if user_id != row.giver_id]
    refused: list[str] = []
    for user_id in others:
        against = _objections(session, user_id, row, known)
        if not against:
            return user_id
        refused += against
    raise Conflict(" ".join(refused or ["Nobody else is on call here now."]) + " Choose who covers.")


def _objections(session: Session, user_id: int, row: SwapPiece, known: Ground) -> list[str]:
    return objections_by_person(session, [user_id], [row], known, FOR_A_WHILE)[user_id]

"""What the forms of swaps offer to choose from: shifts of mine and of others, and who could take one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from oncall.models import Schedule, SwapPiece, User
from oncall.rota.coverage import OnCall, final_shifts, takers
from oncall.swaps import parts
from oncall.swaps.candidates import candidates
from oncall.swaps.rules import ground
from oncall.swaps.story import check_in_whose_name, may_decide_for_others
from schedules.swaps import Ground
from web.edge import Caller
from web.pages.swaps.shift_address import Named, address_of, value_of
from web.pages.wall_clock import on_the_clock

AHEAD = timedelta(days=42)
MOST_SHIFTS = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    user: User
    against: list[str]


def choice(caller: Caller) -> dict[str, Any]:
    """My next shifts, and those of others that are for me to take."""
    mine, others = [], []
    for schedule in caller.session.exec(select(Schedule).order_by(col(Schedule.name))):
        ahead, taken_by = _ahead(caller, schedule), takers(caller.session, schedule)
        mine += [shift for shift in ahead if shift.user_id == caller.user_id]
        theirs = (shift for shift in ahead if shift.user_id != caller.user_id)
        others += [shift for shift in theirs if caller.user.handle in taken_by.get(shift.level, ())]
    return {"mine": _first(mine), "others": _first(others), "address_of": address_of}


def about(caller: Caller, named: Named, asker: User) -> dict[str, Any]:
    """What the form shows of one shift. Raises BadInput for one that can't be swapped, Forbidden for another's name."""
    part, session = named.part, caller.session
    (window,) = parts.windows([part], "piece", caller.now)
    zone = ZoneInfo(caller.user.timezone)
    known = ground(session, [window], told_in=zone)
    handle = named.person or asker.handle
    holder = session.get_one(User, parts.whose(session, [window], known, "piece", [handle]))
    row, is_give = parts.piece(window, holder.id or 0, None), holder.id == asker.id
    check_in_whose_name(session, caller.user, asker, [row])
    ahead = _ahead(caller, part.schedule)
    return {
        "part": part,
        "holder": holder,
        "asker": asker,
        "is_mine": is_give,
        "start_text": on_the_clock(window.start, zone),
        "end_text": on_the_clock(window.end, zone),
        "back": _query(named, holder, asker if asker.id != caller.user_id else None),
        "may_ask_for": not is_give and may_decide_for_others(session, caller.user, [row]),
        "in_their_name": f"/swaps/new?{_query(named, holder, holder)}",
        "candidates": _candidates(caller, row, known) if is_give else [],
        "more": _first(one for one in ahead if one.user_id == holder.id and not _meets(one, window.start, window.end)),
        "theirs": _first(one for one in ahead if one.user_id != asker.id) if is_give else [],
        "value_of": value_of,
    }


def _candidates(caller: Caller, row: SwapPiece, known: Ground) -> list[Candidate]:
    against = candidates(caller.session, [row], known)
    people = {user.id: user for user in caller.session.exec(select(User).where(col(User.id).in_(against)))}
    return [Candidate(people[user_id], found) for user_id, found in against.items()]


def _query(named: Named, holder: User, absent: User | None) -> str:
    """Of the form's address. `absent`: in whose name."""
    query = Named(named.part, holder.handle).value
    return f"{query}&for={absent.handle}" if absent else query


def _ahead(caller: Caller, schedule: Schedule) -> list[OnCall]:
    return final_shifts(caller.session, schedule, caller.now, caller.now + AHEAD)


def _first(shifts: Iterable[OnCall]) -> list[OnCall]:
    return sorted(shifts, key=lambda shift: shift.start)[:MOST_SHIFTS]


def _meets(shift: OnCall, start: datetime, end: datetime) -> bool:
    return shift.start < end and start < shift.end

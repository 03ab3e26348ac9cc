"""The form that asks for a swap, and the buttons that take over now or hand over for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from sqlmodel import col, select
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.coverage import OnCall, final_shifts
from oncall.errors import BadInput
from oncall.models import Schedule, SwapKind, User
from oncall.moments import read_moment
from oncall.people import find_user
from oncall.plans import find_schedule
from oncall.swaps import parts
from oncall.swaps.candidates import candidates
from oncall.swaps.offer import Request, offer
from oncall.swaps.out_of_reach import go_out_of_reach
from oncall.swaps.parts import Part
from oncall.swaps.rules import ground
from oncall.swaps.take_now import take_now
from schedules.wallclock import to_local
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out, lead_to, show
from web.pages.wall_clock import wall_clock

router = APIRouter(prefix="/swaps")

AHEAD = timedelta(days=42)
MOST_SHIFTS = 40
SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Candidate:
    user: User
    against: list[str]


@router.get("/new")
def form(edge: Page, schedule: str = "", level: str = "", start: str = "", end: str = "") -> Response:
    """For one shift, which the address names; without one, the shifts to choose from."""
    with edge.reading(Permission.PLAN) as caller:
        if not schedule:
            return show(edge, caller, "swap_choice.html", _choice(caller))
        found = find_schedule(caller.session, schedule)
        part = Part(found, level, read_moment(start, "start"), read_moment(end, "end"))
        context = _about(caller, part)
    return show(edge, caller, "swap_form.html", context)


@router.post("")
def ask(
    edge: Page,
    schedule: Annotated[str, Form()] = "",
    level: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    in_return: Annotated[str, Form()] = "",
    to: Annotated[list[str] | None, Form()] = None,
    note: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """`back`: the query of the form's own address."""
    made: list[int] = []

    def work(caller: Caller) -> None:
        found, zone = find_schedule(caller.session, schedule), ZoneInfo(caller.user.timezone)
        starts, ends = wall_clock(start, zone, "it begins"), wall_clock(end, zone, "it ends")
        given = _in_return(found, in_return)
        wanted = Request(
            SwapKind.TRADE if given else SwapKind.TAKE if kind == "take" else SwapKind.GIVE,
            [Part(found, level, starts, ends)],
            given,
            [find_user(caller.session, handle) for handle in to] if to and not given else None,
            note,
        )
        swap = offer(caller.session, edge.runtime.settings, caller.user, caller.user, wanted, caller.now)
        made.append(swap.id or 0)

    answer = carry_out(edge, Permission.PLAN, f"/swaps/new?{back}", work)
    if made:
        return lead_to(back_to("swaps", made[0]), "Asked, and told. You hear as soon as somebody answers.")
    return answer


@router.post("/take-now")
def take_over(
    edge: Page,
    schedule: Annotated[str, Form()] = "",
    level: Annotated[str, Form()] = "",
    person: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        found, relieved = find_schedule(caller.session, schedule), find_user(caller.session, person)
        settings = edge.runtime.settings
        take_now(caller.session, settings, caller.user, found, level, None, relieved, caller.now)
        return f"You have {schedule} {level} now. {relieved.name} is told."

    return carry_out(edge, Permission.PLAN, back_to("schedules", schedule), work)


@router.post("/out-of-reach")
def leave(
    edge: Page,
    schedule: Annotated[str, Form()] = "",
    level: Annotated[str, Form()] = "",
    minutes: Annotated[str, Form()] = "30",
    person: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        if not (minutes.isascii() and minutes.isdigit() and len(minutes) <= 4):
            raise BadInput("Say for how many minutes: 1 to 240.", field="minutes")
        found = find_schedule(caller.session, schedule)
        cover = find_user(caller.session, person) if person else None
        length, settings = timedelta(minutes=int(minutes)), edge.runtime.settings
        swap = go_out_of_reach(caller.session, settings, caller.user, found, level, length, cover, caller.now)
        over = to_local(swap.expires_at, ZoneInfo(caller.user.timezone))
        return f"You are out of reach until {over:%H:%M}: somebody else has {schedule} {level}, and is told."

    return carry_out(edge, Permission.PLAN, "/me", work)


def _about(caller: Caller, part: Part) -> dict[str, Any]:
    """What the form shows of one shift. Raises BadInput for one that can't be swapped."""
    (window,) = parts.windows([part], "piece", caller.now)
    known = ground(caller.session, [window])
    holder = parts.whose(caller.session, [window], known, "piece")
    zone, is_mine = ZoneInfo(caller.user.timezone), holder == caller.user_id
    row = parts.piece(window, holder, None)
    against = candidates(caller.session, [row], known) if is_mine else {}
    people = {user.id: user for user in caller.session.exec(select(User).where(col(User.id).in_(against)))}
    return {
        "part": part,
        "holder": caller.session.get_one(User, holder),
        "is_mine": is_mine,
        "start_text": f"{to_local(window.start, zone):%Y-%m-%dT%H:%M}",
        "end_text": f"{to_local(window.end, zone):%Y-%m-%dT%H:%M}",
        "back": address(part.schedule.name, part.level, part.start, part.end).partition("?")[2],
        "candidates": [Candidate(people[user_id], found) for user_id, found in against.items()],
        "theirs": _theirs(caller, part.schedule) if is_mine else [],
        "value_of": _value,
    }


def address(schedule: str, level: str, start: datetime, end: datetime) -> str:
    """Of the form for one shift."""
    query = {"schedule": schedule, "level": level, "start": start.isoformat(), "end": end.isoformat()}
    return f"/swaps/new?{urlencode(query)}"


def _choice(caller: Caller) -> dict[str, Any]:
    """My next shifts, and those of others on schedules on which I am."""
    mine, others = [], []
    for schedule in caller.session.exec(select(Schedule).order_by(col(Schedule.name))):
        ahead = final_shifts(caller.session, schedule, caller.now, caller.now + AHEAD)
        own = [shift for shift in ahead if shift.user_id == caller.user_id]
        mine += own
        others += [shift for shift in ahead if shift.user_id != caller.user_id] if own else []
    in_order = [sorted(found, key=lambda shift: shift.start)[:MOST_SHIFTS] for found in (mine, others)]
    return {"mine": in_order[0], "others": in_order[1], "address_of": address_of}


def address_of(shift: OnCall) -> str:
    return address(shift.schedule, shift.level, shift.start, shift.end)


def _theirs(caller: Caller, schedule: Schedule) -> list[OnCall]:
    """What I could take in return."""
    ahead = final_shifts(caller.session, schedule, caller.now, caller.now + AHEAD)
    return [shift for shift in ahead if shift.user_id != caller.user_id and shift.start > caller.now][:MOST_SHIFTS]


def _value(shift: OnCall) -> str:
    return SEPARATOR.join([shift.level, shift.start.isoformat(), shift.end.isoformat()])


def _in_return(schedule: Schedule, text: str) -> list[Part]:
    if not text:
        return []
    level, *times = text.rsplit(SEPARATOR, 2)
    if len(times) != 2:
        raise BadInput("Choose from the list what you take in return.")
    return [Part(schedule, level, read_moment(times[0]), read_moment(times[1]))]

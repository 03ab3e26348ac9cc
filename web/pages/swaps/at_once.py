"""The buttons of what nobody need agree to first: taking over now, and out of reach for a while."""

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.people.people import find_user
from oncall.rota.plans import find_schedule
from oncall.swaps.out_of_reach import go_out_of_reach
from oncall.swaps.take_now import take_now
from schedules.when import clock
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out

router = APIRouter(prefix="/swaps")


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
        over = clock(swap.expires_at, ZoneInfo(caller.user.timezone))
        return f"You are out of reach until {over}: somebody else has {schedule} {level}, and is told."

    return carry_out(edge, Permission.PLAN, "/me", work)

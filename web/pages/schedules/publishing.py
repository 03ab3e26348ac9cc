"""Publishing a schedule anew: first what it would change for whom, then the button."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import Response

from oncall.auth.permissions import Permission, runs
from oncall.pulse.fitness import why_no_engine
from oncall.rota import coverage, horizon
from oncall.rota.plans import find_schedule
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out, show

router = APIRouter(prefix="/schedules/{name}/publishing")


@router.get("")
def plan(edge: Page, name: str) -> Response:
    with edge.trying(Permission.LOOK) as caller:
        schedule = find_schedule(caller.session, name)
        moves, harm = horizon.try_anew(caller.session, schedule, caller.now, ZoneInfo(caller.user.timezone))
        context = {
            "schedule": schedule,
            "schedule_zone": ZoneInfo(schedule.timezone),
            "moves": moves,
            "harm": harm,
            "names": coverage.names(caller.session),
            "runs": runs(caller.session, caller.user, schedule),
            "no_engine": why_no_engine(caller.session, caller.now),
        }
    return show(edge, caller, "schedules/publishing.html", context)


@router.post("")
def publish(edge: Page, name: str, confirm: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        schedule = find_schedule(caller.session, name)
        horizon.check_may_publish(caller.session, caller.user, schedule)
        zone = ZoneInfo(caller.user.timezone)
        moves = horizon.publish_anew(caller.session, schedule, caller.now, confirm=bool(confirm), told_in=zone)
        changes = f"{len(moves)} change{'s' if len(moves) > 1 else ''}"
        return f"{name} is published anew: {changes}." if moves else f"{name} was up to date: nobody moves."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name), work)

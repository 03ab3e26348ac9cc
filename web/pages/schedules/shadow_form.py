"""The form that lets somebody follow along with whoever is on call, and the button that ends it."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.errors import BadInput, NotFound
from oncall.models import ShadowKind
from oncall.people.people import find_user
from oncall.rota import shadows
from oncall.rota.plans import find_schedule
from oncall.rota.shadows import NewShadow
from web.edge import Caller, Page
from web.ids import Id
from web.pages.page import back_to, carry_out
from web.pages.wall_clock import wall_clock

router = APIRouter(prefix="/schedules/{name}/shadows")


@router.post("")
def add(
    edge: Page,
    name: str,
    level: Annotated[str, Form()] = "",
    person: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = ShadowKind.SHADOW.value,
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        schedule = find_schedule(caller.session, name)
        zone = ZoneInfo(schedule.timezone)
        try:
            user, how = find_user(caller.session, person), ShadowKind(kind)
        except (NotFound, ValueError):
            raise BadInput("Choose who follows along, and how.", field="person") from None
        starts = wall_clock(start, zone, "the shadow shift starts", "start")
        ends = wall_clock(end, zone, "the shadow shift ends", "end")
        shadows.add_shadow(caller.session, caller.user, schedule, NewShadow(level, user, starts, ends, how), caller.now)
        return f"{user.name} follows along with {level} of {name}."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name, fragment="shadows"), work, form="add-shadow")


@router.post("/{shadow_id}/end")
def end(edge: Page, name: str, shadow_id: Id) -> Response:
    def work(caller: Caller) -> str:
        find_schedule(caller.session, name)
        shadows.end_shadow(caller.session, caller.user, shadow_id, caller.now)
        return "The shadow shift is over."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name, fragment="shadows"), work)

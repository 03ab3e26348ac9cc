"""The form that plans a window of a schedule by hand, one person a level. The API takes any shifts."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.errors import BadInput, NotFound
from oncall.models import User
from oncall.people.people import find_user
from oncall.rota import temporary_schedules
from oncall.rota.plans import find_schedule
from oncall.rota.temporary_schedules import PlannedShift, Window
from web.edge import Caller, Page
from web.forms import SentForm
from web.ids import Id
from web.pages.page import back_to, carry_out
from web.pages.wall_clock import wall_clock

router = APIRouter(prefix="/schedules/{name}/temporary")


@router.post("")
def add(
    edge: Page,
    form: SentForm,
    name: str,
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    confirm: Annotated[str, Form()] = "",
) -> Response:
    chosen = {field.removeprefix("on "): str(handle) for field, handle in form.items() if field.startswith("on ")}

    def work(caller: Caller) -> str:
        schedule = find_schedule(caller.session, name)
        zone = ZoneInfo(schedule.timezone)
        starts, ends = (
            wall_clock(start, zone, "the window starts", "start"),
            wall_clock(end, zone, "the window ends", "end"),
        )
        shifts = [
            PlannedShift(level, _person(caller.session, handle), starts, ends)
            for level, handle in chosen.items()
            if handle
        ]
        window = Window(starts, ends, note)
        temporary_schedules.add_temporary_schedule(
            caller.session, caller.user, schedule, window, shifts, caller.now, confirm=bool(confirm)
        )
        return f"{name} is as planned here in this window. Overrides made from now on apply to it."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name, fragment="temporary"), work, form="add-window")


@router.post("/{temporary_id}/end")
def end(edge: Page, name: str, temporary_id: Id, confirm: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        schedule = find_schedule(caller.session, name)
        temporary_schedules.end_temporary_schedule(
            caller.session, caller.user, schedule, temporary_id, caller.now, confirm=bool(confirm)
        )
        return "The temporary schedule is called off: the rotations apply again."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name, fragment="temporary"), work)


def _person(session: Session, handle: str) -> User:
    try:
        return find_user(session, handle)
    except NotFound:
        raise BadInput("Choose people from the lists.", field="shifts") from None

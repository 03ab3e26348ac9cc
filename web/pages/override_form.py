"""The form that puts somebody on call for a while, and the button that takes it back."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from sqlmodel import Session, select
from starlette.responses import Response

from oncall import overrides
from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.models import User
from oncall.plans import find_schedule
from schedules.wallclock import to_local
from web.edge import Caller, Page
from web.ids import Id
from web.pages.page import back_to, carry_out
from web.pages.wall_clock import wall_clock

router = APIRouter(prefix="/schedules/{name}/overrides")


@router.post("")
def add(
    edge: Page,
    name: str,
    level: Annotated[str, Form()] = "",
    person: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        schedule = find_schedule(caller.session, name)
        zone, user = ZoneInfo(schedule.timezone), _person(caller.session, person)
        starts, ends = (
            wall_clock(start, zone, "the override starts"),
            wall_clock(end, zone, "the override ends"),
        )
        made = overrides.add_override(caller.session, caller.user, schedule, level, user, starts, ends, caller.now)
        begins, over = (f"{to_local(at, zone):%Y-%m-%d %H:%M}" for at in (made.starts_at, made.ends_at))
        return f"{user.name} takes {level} of {name} from {begins} to {over}."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name, fragment="overrides"), work)


@router.post("/{override_id}/delete")
def delete(edge: Page, name: str, override_id: Id) -> Response:
    def work(caller: Caller) -> str:
        schedule = find_schedule(caller.session, name)
        overrides.delete_override(caller.session, caller.user, override_id, caller.now, schedule)
        return "The override is gone: the rotation applies again."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name, fragment="overrides"), work)


def _person(session: Session, handle: str) -> User:
    user = session.exec(select(User).where(User.handle == handle)).first()
    if user is None:
        raise BadInput("Choose who takes the level.")
    return user

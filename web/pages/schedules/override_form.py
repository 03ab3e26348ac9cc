"""The form that puts somebody on call for a while, and the button that takes it back."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.errors import BadInput, NotFound
from oncall.models import OverrideKind, User
from oncall.people.people import find_user
from oncall.rota import overrides
from oncall.rota.overrides import NewOverride
from oncall.rota.plans import find_schedule
from schedules.when import clock
from web.edge import Caller, Page
from web.ids import Id
from web.pages.page import back_to, carry_out
from web.pages.wall_clock import wall_clock
from web.templating import day, place

router = APIRouter(prefix="/schedules/{name}/overrides")


@router.post("")
def add(
    edge: Page,
    name: str,
    level: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = OverrideKind.REPLACE.value,
    person: Annotated[str, Form()] = "",
    replaces: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    confirm: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        schedule = find_schedule(caller.session, name)
        zone = ZoneInfo(schedule.timezone)
        comes, goes = _person(caller.session, person), _person(caller.session, replaces)
        starts, ends = (
            wall_clock(start, zone, "the override starts", "start"),
            wall_clock(end, zone, "the override ends", "end"),
        )
        wanted = NewOverride(level, starts, ends, comes, goes, _kind(kind))
        _check_people(wanted)
        made = overrides.add_override(caller.session, caller.user, schedule, wanted, caller.now, confirm=bool(confirm))
        begins, over = (f"{day(at, zone)} {clock(at, zone)}" for at in (made.starts_at, made.ends_at))
        return f"{_says(wanted)} {level} of {name} from {begins} to {over}, {place(zone)} time."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name, fragment="overrides"), work, form="add-override")


@router.post("/{override_id}/delete")
def delete(edge: Page, name: str, override_id: Id, confirm: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        schedule = find_schedule(caller.session, name)
        overrides.delete_override(caller.session, caller.user, override_id, caller.now, schedule, confirm=bool(confirm))
        return "The override is gone: the rotation applies again."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name, fragment="overrides"), work)


def _says(wanted: NewOverride) -> str:
    if wanted.user is None:
        return f"{wanted.replaces.name if wanted.replaces else 'Everybody'} is off"
    return f"{wanted.user.name} {'joins' if wanted.kind is OverrideKind.ADD else 'takes'}"


def _kind(text: str) -> OverrideKind:
    try:
        return OverrideKind(text)
    except ValueError:
        raise BadInput("Choose what the override does.", field="kind") from None


def _check_people(wanted: NewOverride) -> None:
    """As the domain does, in the words of the form. Raises BadInput."""
    if wanted.kind is OverrideKind.REMOVE and wanted.user:
        raise BadInput("Leave out who comes on, or choose another “What”: nobody comes on by this.", field="person")
    if wanted.kind is not OverrideKind.REMOVE and not wanted.user:
        raise BadInput("Choose who comes on.", field="person")
    if wanted.kind is OverrideKind.ADD and wanted.replaces:
        raise BadInput("Choose “Everybody on the level”: by this nobody goes off.", field="replaces")


def _person(session: Session, handle: str) -> User | None:
    try:
        return find_user(session, handle) if handle else None
    except NotFound:
        raise BadInput("Choose people from the lists.", field="person") from None

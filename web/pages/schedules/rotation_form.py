"""A rotation in a form, a new one or one to edit, and what saving it would change, which is looked at first."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.config.schema import RotationForm
from oncall.models import Schedule
from oncall.planning.rotation_changes import Added, Replaced, RotationChange, as_text, named
from oncall.planning.rotation_edits import current_rotations, read_rotation
from oncall.rota import coverage
from schedules.hours_text import WEEKDAYS
from web.edge import Caller, Page, PageEdge
from web.forms import SentForm
from web.pages.page import show
from web.pages.schedules import rotation_fields, rotation_trial
from web.pages.schedules.rotation_fields import Fields
from web.pages.schedules.rotation_trial import NOT_TRIED, schedule_to_edit, try_change
from web.pages.typed import as_place

router = APIRouter(prefix="/schedules/{name}")

HANDOFF = time(10)
"""Of a new rotation: when most people are at work."""


@router.get("/rotations/{rotation}")
def form(edge: Page, name: str, rotation: str) -> Response:
    with edge.reading(Permission.PLAN) as caller:
        schedule = schedule_to_edit(caller, name)
        old = named(current_rotations(caller.session, schedule), rotation)
        context = _context(caller, schedule, [old], rotation_fields.of_rotation(old), rotation)
    return show(edge, caller, "schedules/rotation.html", context | {"tried": NOT_TRIED})


@router.post("/rotations/{rotation}")
def look_or_save(edge: Page, name: str, rotation: str, sent: SentForm) -> Response:
    return _look_or_save(edge, name, rotation, sent)


@router.get("/new-rotation")
def new_form(edge: Page, name: str, ruled: str = "") -> Response:
    with edge.reading(Permission.PLAN) as caller:
        schedule = schedule_to_edit(caller, name)
        begin = datetime.combine(caller.now.astimezone(ZoneInfo(schedule.timezone)).date(), HANDOFF)
        fields = rotation_fields.beginning(begin, is_ruled=bool(ruled))
        context = _context(caller, schedule, current_rotations(caller.session, schedule), fields)
    return show(edge, caller, "schedules/rotation.html", context | {"tried": NOT_TRIED})


@router.post("/new-rotation")
def look_or_add(edge: Page, name: str, sent: SentForm) -> Response:
    return _look_or_save(edge, name, None, sent)


def _look_or_save(edge: PageEdge, name: str, rotation: str | None, sent: FormData) -> Response:
    """Only what has been looked at is saved: a form that has changed since is looked at first."""
    verb, _, place = str(sent.get("do", "look")).partition(" ")
    fields = _moved(rotation_fields.of_form(sent), verb, as_place(place), sent)

    def read() -> RotationChange:
        new = read_rotation(fields.data(fields.texts["name"] if rotation is None else rotation))
        return Added(new) if rotation is None else Replaced(new)

    with edge.trying(Permission.PLAN) as caller:
        schedule = schedule_to_edit(caller, name)
        now = current_rotations(caller.session, schedule)
        context = _context(caller, schedule, now if rotation is None else [named(now, rotation)], fields, rotation)
        tried = try_change(caller, schedule, read, sent)
    if tried.change and rotation_trial.may_be_saved(tried, sent):
        said = f"{rotation} is saved." if rotation else f"{fields.texts['name']} is added."
        return rotation_trial.save(edge, name, tried.change, sent, said)
    late = rotation_trial.is_late(tried, sent)
    return show(edge, caller, "schedules/rotation.html", context | {"tried": tried, "is_late": late})


def _moved(fields: Fields, verb: str, place: int, sent: FormData) -> Fields:
    """After one of the small buttons beside the members."""
    if verb in ("up", "down"):
        return fields.moved(place, -1 if verb == "up" else 1)
    if verb == "out":
        return fields.without(place)
    return fields.with_member(str(sent.get("newcomer", ""))) if verb == "add" else fields


def _context(
    caller: Caller, schedule: Schedule, now: Sequence[RotationForm], fields: Fields, rotation: str | None = None
) -> dict[str, object]:
    """`now`: what is set up already, of which the form is filled in. `rotation` None: a new one."""
    known = coverage.names(caller.session)
    return {
        "schedule": schedule,
        "rotation": rotation,
        "what": "this rotation" if rotation else "these rotations",
        "seen": as_text(now),
        "fields": fields,
        "labels": [rotation_fields.label(member, known) for member in fields.members],
        "people": coverage.active(caller.session),
        "nobody": rotation_fields.NOBODY,
        "names": known,
        "weekdays": [day[:3] for day in WEEKDAYS],
        "timeline": {"view": "month"},
    }

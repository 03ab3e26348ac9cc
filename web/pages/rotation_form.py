"""Editing a rotation: the form, and what saving it would change, which is looked at first."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from oncall import rotation_edits
from oncall.auth.permissions import Permission
from oncall.config.schema import RotationForm
from oncall.errors import BadInput
from oncall.models import Schedule
from oncall.plans import find_schedule
from oncall.rotation_edits import BadRotation
from schedules.hours_text import WEEKDAYS
from web.edge import Caller, Page, PageEdge
from web.forms import SentForm
from web.pages import rotation_fields
from web.pages.names import active, names
from web.pages.page import back_to, carry_out, lead_to, show
from web.pages.rotation_fields import Fields, read_json
from web.pages.rotation_preview import Preview, preview

router = APIRouter(prefix="/schedules/{name}/rotations/{rotation}")


class Tried(NamedTuple):
    faults: dict[str, str]
    """By field, a sentence; under "" what is about none of them."""
    changed: list[str]
    """What somebody else has changed since the form was opened, a line each."""
    preview: Preview | None


@router.get("")
def form(edge: Page, name: str, rotation: str) -> Response:
    with edge.reading(Permission.PLAN) as caller:
        schedule = _schedule(caller, name)
        old = rotation_edits.current_rotation(caller.session, schedule, rotation)
        context = _context(caller, schedule, old, rotation_fields.of_rotation(old))
    return show(edge, caller, "rotation.html", context | {"tried": Tried({}, [], None)})


@router.post("")
def look_or_save(edge: Page, name: str, rotation: str, sent: SentForm) -> Response:
    """Only what has been looked at is saved: a form that has changed since is looked at first."""
    verb, _, place = str(sent.get("do", "look")).partition(" ")
    fields = _moved(rotation_fields.of_form(sent), verb, int(place) if place.isdecimal() else 0, sent)
    with edge.trying(Permission.PLAN) as caller:
        schedule = _schedule(caller, name)
        old = rotation_edits.current_rotation(caller.session, schedule, rotation)
        context = _context(caller, schedule, old, fields)
        tried = _try(caller, schedule, rotation, fields, str(sent.get("seen", "")))
    is_known = tried.preview and not tried.changed and tried.preview.token == sent.get("looked_at")
    if verb == "save" and tried.preview and is_known:
        return _save(edge, name, tried.preview.new, sent)
    is_late = verb == "save" and not tried.faults
    return show(edge, caller, "rotation.html", context | {"tried": tried, "is_late": is_late})


def _save(edge: PageEdge, name: str, new: RotationForm, sent: FormData) -> Response:
    seen, confirmed = str(sent.get("seen", "")), str(sent.get("confirm", ""))
    done: list[str] = []

    def work(caller: Caller) -> None:
        schedule = find_schedule(caller.session, name)
        rotation_edits.save(caller.session, caller.user, schedule, new, seen, confirmed, caller.now)
        done.append(f"{new.name} is saved. Everybody whose shifts change is told.")

    answer = carry_out(edge, Permission.PLAN, back_to("schedules", name, "rotations", new.name), work)
    return lead_to(back_to("schedules", name), done[0]) if done else answer


def _schedule(caller: Caller, name: str) -> Schedule:
    schedule = find_schedule(caller.session, name)
    rotation_edits.check_may_edit(caller.session, caller.user, schedule)
    return schedule


def _moved(fields: Fields, verb: str, place: int, sent: FormData) -> Fields:
    """After one of the small buttons beside the members."""
    if verb in ("up", "down"):
        return fields.moved(place, -1 if verb == "up" else 1)
    if verb == "out":
        return fields.without(place)
    return fields.with_member(str(sent.get("newcomer", ""))) if verb == "add" else fields


def _try(caller: Caller, schedule: Schedule, rotation: str, fields: Fields, seen: str) -> Tried:
    try:
        new = rotation_edits.read_rotation(fields.data(rotation))
        edit = rotation_edits.edit_of(caller.session, schedule, new)
        rotation_edits.check(edit)
        changed = rotation_edits.changed_since(edit, rotation_edits.read_rotation(read_json(seen)))
        outcome = rotation_edits.outcome(caller.session, schedule, edit, caller.now)
    except BadRotation as bad:
        return Tried(bad.faults, [], None)
    except BadInput as bad:
        return Tried({"": bad.detail}, [], None)
    zone = ZoneInfo(caller.user.timezone)
    return Tried({}, changed, preview(caller.session, new, outcome, caller.now, zone))


def _context(caller: Caller, schedule: Schedule, old: RotationForm, fields: Fields) -> dict[str, object]:
    known = names(caller.session)
    return {
        "schedule": schedule,
        "rotation": old.name,
        "seen": rotation_edits.as_text(old),
        "fields": fields,
        "labels": [rotation_fields.label(member, known) for member in fields.members],
        "people": active(caller.session),
        "names": known,
        "weekdays": [day[:3] for day in WEEKDAYS],
        "timeline": {"view": "month"},
    }

"""The rotations of a schedule as a list: which wins over which, and which goes; looked at before it is saved."""

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.config.schema import RotationForm
from oncall.models import Schedule
from oncall.planning.rotation_changes import Ordered, as_text
from oncall.planning.rotation_edits import current_rotations
from oncall.rota import coverage
from web.edge import Caller, Page
from web.forms import SentForm
from web.pages.page import show
from web.pages.schedules import rotation_trial
from web.pages.schedules.rotation_trial import NOT_TRIED, schedule_to_edit, try_change

router = APIRouter(prefix="/schedules/{name}/rotations")


@router.get("")
def form(edge: Page, name: str) -> Response:
    with edge.reading(Permission.PLAN) as caller:
        schedule = schedule_to_edit(caller, name)
        now = current_rotations(caller.session, schedule)
        context = _context(caller, schedule, now, Ordered([each.name for each in now]))
    return show(edge, caller, "schedules/rotations.html", context | {"tried": NOT_TRIED})


@router.post("")
def look_or_save(edge: Page, name: str, sent: SentForm) -> Response:
    with edge.trying(Permission.PLAN) as caller:
        schedule = schedule_to_edit(caller, name)
        now = current_rotations(caller.session, schedule)
        order = _pressed(sent).settled(now)
        context = _context(caller, schedule, now, order)
        tried = try_change(caller, schedule, lambda: order, sent)
    if rotation_trial.may_be_saved(tried, sent):
        return rotation_trial.save(edge, name, order, sent, "The rotations are saved.")
    late = rotation_trial.is_late(tried, sent)
    return show(edge, caller, "schedules/rotations.html", context | {"tried": tried, "is_late": late})


def _pressed(sent: FormData) -> Ordered:
    """What was sent, after one of the small buttons. The list on the page begins with the one that wins."""
    names_, without = ([str(each) for each in sent.getlist(field)] for field in ("order", "without"))
    verb, _, name = str(sent.get("do", "look")).partition(" ")
    if name in names_ and verb in ("up", "down", "out"):
        place = names_.index(name)
        names_.remove(name)
        if verb == "out":
            without.append(name)
        else:
            names_.insert(max(place + (-1 if verb == "up" else 1), 0), name)
    elif name in without and verb == "back":
        without.remove(name)
        names_.insert(0, name)
    return Ordered(names_[::-1], without)


def _context(caller: Caller, schedule: Schedule, now: Sequence[RotationForm], order: Ordered) -> dict[str, object]:
    return {
        "schedule": schedule,
        "what": "these rotations",
        "seen": as_text(now),
        "rotations": order.made(now)[::-1],
        "without": order.without,
        "names": coverage.names(caller.session),
        "timeline": {"view": "month"},
    }

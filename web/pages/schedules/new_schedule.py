"""A new schedule: from a starter, whose turns a team's members take, or empty; seen on a timeline before it is made."""

import json

from fastapi import APIRouter
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.auth.setup_rights import led_teams
from oncall.config.schema import ScheduleForm
from oncall.errors import BadInput
from oncall.planning import new_schedule
from oncall.planning.new_schedule import Wanted
from oncall.planning.rotation_changes import BadRotation
from oncall.planning.starters import STARTERS
from oncall.rota import coverage
from web.edge import Caller, Page, PageEdge
from web.forms import SentForm
from web.pages.admin.first_run import ZONES
from web.pages.page import back_to, carry_out, lead_to, show
from web.pages.schedules.rotation_preview import preview
from web.pages.schedules.rotation_trial import NOT_TRIED, Tried, is_late
from web.pages.typed import as_list

router = APIRouter(prefix="/new-schedule")

FIELDS = ("name", "team", "timezone", "starter", "levels")


@router.get("")
def form(edge: Page) -> Response:
    with edge.reading(Permission.PLAN) as caller:
        new_schedule.check_may_make(caller.session, caller.user)
        typed = dict.fromkeys(FIELDS, "") | {"timezone": caller.user.timezone, "levels": "L1, L2"}
        context = _context(caller, typed, None)
    return show(edge, caller, "schedules/new_schedule.html", context | {"tried": NOT_TRIED})


@router.post("")
def look_or_make(edge: Page, sent: SentForm) -> Response:
    """Only what has been looked at is made."""
    typed = {field: str(sent.get(field, "")).strip() for field in FIELDS}
    with edge.trying(Permission.PLAN) as caller:
        new_schedule.check_may_make(caller.session, caller.user, typed["team"])
        tried, made = _try(caller, typed)
        context = _context(caller, typed, made)
    is_known = tried.preview and tried.preview.token == sent.get("looked_at")
    if made and is_known and sent.get("do") == "save":
        return _make(edge, made)
    context |= {"tried": tried, "is_late": is_late(tried, sent)}
    return show(edge, caller, "schedules/new_schedule.html", context)


def _try(caller: Caller, typed: dict[str, str]) -> tuple[Tried, ScheduleForm | None]:
    try:
        form = new_schedule.form_of(caller.session, _wanted(typed), caller.now)
        outcome = new_schedule.outcome(caller.session, form, caller.now)
    except BadRotation as bad:
        return Tried(bad.faults, [], None), None
    except BadInput as bad:
        return Tried({"": bad.detail}, [], None), None
    token = json.dumps(form.model_dump(mode="json"), sort_keys=True)
    return Tried({}, [], preview(caller.session, token, outcome, caller.now, outcome.after.zone)), form


def _wanted(typed: dict[str, str]) -> Wanted:
    return Wanted(typed["name"], typed["team"], typed["timezone"], typed["starter"], as_list(typed["levels"]))


def _make(edge: PageEdge, form: ScheduleForm) -> Response:
    done: list[str] = []

    def work(caller: Caller) -> None:
        new_schedule.make(caller.session, caller.user, form, caller.now)
        done.append(f"{form.name} is made.")

    answer = carry_out(edge, Permission.PLAN, edge.request.url.path, work)
    return lead_to(back_to("schedules", form.name), done[0]) if done else answer


def _context(caller: Caller, typed: dict[str, str], made: ScheduleForm | None) -> dict[str, object]:
    return {
        "typed": typed,
        "starters": STARTERS,
        "empty": new_schedule.EMPTY,
        "teams": led_teams(caller.session, caller.user),
        "zones": ZONES,
        "names": coverage.names(caller.session),
        "schedule": made,
        "is_new": True,
        "what": "this schedule",
        "seen": "",
        "timeline": {"view": "month"},
    }

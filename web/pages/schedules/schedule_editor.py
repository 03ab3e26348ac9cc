"""What a schedule is besides its rotations, edited in a form: its team, clock, levels and what it asks for."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.auth.setup_rights import led_teams
from oncall.config.plan import Change
from oncall.config.schema import ScheduleForm
from oncall.config.values import write_days, write_span
from oncall.errors import Forbidden
from oncall.models import Role
from oncall.planning.rotation_edits import check_may_edit
from oncall.rota.plans import find_schedule
from oncall.setup import words
from web.edge import Caller, Page, PageEdge
from web.pages.editing import base_of, save_or_show, stored
from web.pages.page import back_to, lead_to, show
from web.pages.standing import Standing
from web.pages.typed import as_list

router = APIRouter(prefix="/schedule-editor")

SECTION = "schedules"
FIELDS = ("name", "team", "timezone", "levels", "covers", "rest", "horizon")
USUAL = {"rest": "0h", "horizon": write_days(ScheduleForm.model_fields["horizon"].default)}
"""What a field that is left empty means."""


@router.get("")
def editor(edge: Page, name: str = "") -> Response:
    with edge.reading(Permission.PLAN, at_one_moment=True) as caller:
        check_may_edit(caller.session, caller.user, find_schedule(caller.session, name))
        found = stored(caller.session, SECTION, name)
        assert isinstance(found, ScheduleForm)
        return _shown(edge, caller, _typed_of(found), Standing(base_of(found)))


@router.post("")
def edit(edge: Page) -> Response:
    typed = _sent(edge.form)

    def saved(changes: Sequence[Change]) -> Response:
        said = "; ".join(words.changes(changes))
        return lead_to(back_to("schedules", typed["name"]), f"Kept{': ' + said if said else ''}.")

    return save_or_show(
        edge,
        SECTION,
        _as_config(typed),
        check=lambda caller: _check(caller, typed),
        shown=lambda caller, standing: _shown(edge, caller, typed, standing),
        saved=saved,
    )


def _check(caller: Caller, typed: dict[str, str]) -> None:
    """Raises NotFound, or Forbidden, also where it would be handed to a team that is not theirs."""
    check_may_edit(caller.session, caller.user, find_schedule(caller.session, typed["name"]))
    if caller.user.role is not Role.ADMIN and typed["team"] not in led_teams(caller.session, caller.user):
        raise Forbidden("Choose a team that you manage: only admins give schedules to other teams, or to none.")


def _typed_of(form: ScheduleForm) -> dict[str, str]:
    return {
        "name": form.name,
        "team": form.team or "",
        "timezone": form.timezone,
        "levels": ", ".join(form.levels),
        "covers": form.covers or "",
        "rest": write_span(form.rest) if form.rest else "",
        "horizon": write_days(form.horizon),
    }


def _sent(form: FormData) -> dict[str, str]:
    return {name: str(form.get(name, "")).strip() for name in FIELDS}


def _as_config(typed: dict[str, str]) -> dict[str, Any]:
    optional = {name: typed[name] or None for name in ("team", "covers")}
    usual = {name: typed[name] or said for name, said in USUAL.items()}
    return {**typed, **optional, **usual, "levels": as_list(typed["levels"])}


def _shown(edge: PageEdge, caller: Caller, typed: dict[str, str], standing: Standing) -> Response:
    context: dict[str, object] = {
        "typed": typed,
        "teams": led_teams(caller.session, caller.user),
        "usual": USUAL,
        "zones": sorted(available_timezones()),
    }
    context |= standing.shown_with(FIELDS)
    return show(edge, caller, "schedules/schedule_editor.html", context, status=standing.status)

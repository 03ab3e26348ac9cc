"""Maintenance: what is on, what comes, what is over; begun, planned, extended, ended and called off."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.maintenance import windows
from oncall.maintenance.permits import reach_of
from oncall.maintenance.windows import NewWindow
from oncall.models import Service, Team
from oncall.models.service import IN_USE
from oncall.rota.feeds import find_team
from oncall.setup.integration_keys import find_service
from schedules.recurrence import WORDS
from schedules.wallclock import to_local
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out, show
from web.pages.wall_clock import wall_clock

router = APIRouter(prefix="/maintenance")

MOST = 50
"""Shown of each kind."""
USUAL_LENGTH, EXTENSION = timedelta(hours=2), timedelta(hours=1)


@router.get("")
def maintenance(edge: Page) -> Response:
    with edge.reading() as caller:
        ends = to_local(caller.now + USUAL_LENGTH, ZoneInfo(caller.user.timezone))
        reach = reach_of(caller.session, caller.user)
        services = caller.session.exec(select(Service.name, Service.team_id).where(IN_USE).order_by(col(Service.name)))
        teams = caller.session.exec(select(Team.name, Team.id).order_by(col(Team.name)))
        context = {
            "rows": windows.list_windows(caller.session, caller.now),
            "reach": reach,
            "services": [name for name, team_id in services if reach.covers(team_id)],
            "teams": [name for name, team_id in teams if reach.covers(team_id)],
            "words": list(WORDS),
            "ends": f"{ends:%Y-%m-%dT%H:%M}",
            "most": MOST,
        }
    return show(edge, caller, "services/maintenance.html", context)


@router.post("")
def plan(
    edge: Page,
    about: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    repeats: Annotated[str, Form()] = "",
    critical: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        zone = ZoneInfo(caller.user.timezone)
        begins = wall_clock(start, zone, "maintenance begins", "start") if start else caller.now
        ends = wall_clock(end, zone, "maintenance ends", "end")
        of = _about(caller.session, about)
        wanted = NewWindow(of, begins, ends, zone.key, reason, repeats or None, bool(critical))
        windows.plan_window(caller.session, caller.user, wanted, caller.now)
        return f"Maintenance of {of.name} is {'on' if begins <= caller.now else 'planned'}."

    return carry_out(edge, Permission.PLAN, back_to("maintenance"), work, form="plan")


@router.post("/{name}/extend")
def extend(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> str:
        window = windows.find_window(caller.session, name)
        until = _end_of(caller, window.name) + EXTENSION
        windows.extend_window(caller.session, caller.user, name, until, caller.now)
        return "It ends an hour later."

    return carry_out(edge, Permission.PLAN, back_to("maintenance"), work)


@router.post("/{name}/end")
def end(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> str:
        windows.end_window(caller.session, caller.user, name, caller.now)
        return "It is over: what it held and is still open is paged."

    return carry_out(edge, Permission.PLAN, back_to("maintenance"), work)


@router.post("/{name}/call-off")
def call_off(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> str:
        windows.call_off(caller.session, caller.user, name, caller.now)
        return "It is called off."

    return carry_out(edge, Permission.PLAN, back_to("maintenance"), work)


def _about(session: Session, text: str) -> Service | Team:
    kind, _, name = text.partition(":")
    if kind == "service":
        return find_service(session, name)
    if kind == "team":
        return find_team(session, name)
    raise BadInput("Choose the service or the team that is in maintenance.", field="about")


def _end_of(caller: Caller, name: str) -> datetime:
    return next(row.span[1] for row in windows.list_windows(caller.session, caller.now) if row.window.name == name)

"""When I am away: typed in, or read from a calendar of mine."""

from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import Response

from oncall.absences import absence_calendars, absences
from oncall.absences.absence_conflicts import conflicts
from oncall.auth.permissions import Permission
from oncall.errors import BadInput, Conflict, TooManyRequests
from web.edge import Caller, Page
from web.ids import Id
from web.pages.page import carry_out, refuse
from web.pages.swaps.shift_address import address_of_conflict
from web.pages.wall_clock import wall_clock

router = APIRouter(prefix="/me")

HERE = "/me#absences"
AHEAD = timedelta(days=60)
MOST_SHOWN = 30


def away(caller: Caller) -> dict[str, Any]:
    """What the page shows of it."""
    calendars = absence_calendars.calendars_of(caller.session, caller.user)
    return {
        "absences": absences.list_absences(caller.session, caller.now, user=caller.user)[:MOST_SHOWN],
        "absence_calendars": calendars,
        "busy_times": absence_calendars.busy_times(caller.session, caller.user) if calendars else {},
        "cover_address": address_of_conflict,
        "conflicts": conflicts(caller.session, caller.now, caller.now + AHEAD, user=caller.user),
    }


@router.post("/absences")
def add(
    edge: Page,
    start: Annotated[str, Form()] = "",
    end: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        zone = ZoneInfo(caller.user.timezone)
        starts, ends = (
            wall_clock(start, zone, "your absence begins", "start"),
            wall_clock(end, zone, "your absence ends", "end"),
        )
        absences.add_absence(caller.session, caller.user, caller.user, starts, ends, reason, caller.now)
        met = len(conflicts(caller.session, max(starts, caller.now), ends, user=caller.user))
        if not met:
            return "Your absence is noted. You have no shift in it."
        return "Your absence is noted. You are on call in it: below you see who could cover."

    return carry_out(edge, Permission.PLAN, HERE, work, form="add-absence")


@router.post("/absences/{absence_id}/delete")
def delete(edge: Page, absence_id: Id) -> Response:
    def work(caller: Caller) -> str:
        absences.delete_absence(caller.session, caller.user, absence_id)
        return "The absence is deleted."

    return carry_out(edge, Permission.PLAN, HERE, work)


@router.post("/absence-calendars")
def subscribe(edge: Page, url: Annotated[str, Form()] = "", shortest_hours: Annotated[int, Form()] = 0) -> Response:
    try:
        address = absence_calendars.check_address(url)
        with edge.reading(Permission.PLAN) as caller:
            edge.check_intent()
            absence_calendars.check_may_subscribe(caller.session, caller.user, address)
        copy = absence_calendars.read_first(caller.user, address, edge.runtime.settings, caller.now)
    except (BadInput, Conflict, TooManyRequests) as refused:
        return refuse(edge, HERE, refused, "follow-calendar")

    def work(caller: Caller) -> str:
        calendar = absence_calendars.subscribe(caller.session, caller.user, address, copy, caller.now, shortest_hours)
        count = absence_calendars.busy_times(caller.session, caller.user).get(calendar.id, 0)
        found = "1 busy time" if count == 1 else f"{count} busy times"
        return f"The calendar is read: {found} in the year ahead. It is read again every hour."

    return carry_out(edge, Permission.PLAN, HERE, work, form="follow-calendar")


@router.post("/absence-calendars/{calendar_id}/delete")
def unsubscribe(edge: Page, calendar_id: Id) -> Response:
    def work(caller: Caller) -> str:
        absence_calendars.unsubscribe(caller.session, caller.user, calendar_id)
        return "The calendar is forgotten, with the absences read from it."

    return carry_out(edge, Permission.PLAN, HERE, work)

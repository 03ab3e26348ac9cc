"""One schedule: who is on now, its timeline, and what is changed by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.responses import Response

from oncall.absences.absence_conflicts import conflicts
from oncall.auth import permissions
from oncall.auth.permissions import Permission
from oncall.models import Schedule
from oncall.pulse.fitness import why_no_engine
from oncall.rota import coverage, health, overrides, shadows, temporary_schedules
from oncall.rota.plans import find_schedule
from oncall.setup.deletion import delete_schedule
from schedules.order import people
from schedules.rotation import next_handoff
from schedules.types import Schedule as Plan
from web.edge import Caller, Page
from web.pages.me.subscriptions import schedule_links
from web.pages.page import back_to, carry_out, show
from web.pages.schedules.around import around
from web.pages.schedules.cards import card_of
from web.pages.schedules.lanes import by_day, draw
from web.pages.schedules.timeline import NAMES, Asked, asked, shown
from web.pages.swaps.handing_over import takeable
from web.pages.swaps.shift_address import address_for, address_of_conflict

router = APIRouter(prefix="/schedules")

MOST_OVERRIDES = 50


@router.get("/{name}")
def schedule(edge: Page, name: str, wanted: Annotated[Asked, Depends(asked)]) -> Response:
    with edge.reading() as caller:
        found = find_schedule(caller.session, name)
        timeline = _timeline(caller, found, wanted)
        context = timeline | _by_hand(caller, found) | _now(caller, found, timeline["window"].zone)
        context["links"] = schedule_links(edge, caller, found)
    return show(edge, caller, "schedules/schedule.html", context)


@router.post("/{name}/delete")
def delete(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> str:
        settings, confirm = edge.runtime.settings, edge.form.get("confirm") == "yes"
        delete_schedule(caller.session, settings, caller.user, name, caller.now, confirm=confirm)
        return f"The schedule {name} is deleted."

    return carry_out(edge, Permission.PLAN, back_to("schedules", name), work, then="/schedules")


def _now(caller: Caller, schedule: Schedule, zone: ZoneInfo) -> dict[str, object]:
    return {
        "schedule": schedule,
        "schedule_zone": ZoneInfo(schedule.timezone),
        "card": card_of(caller.session, coverage.plan_of(caller.session, schedule), caller.now),
        "problems": health.problems(caller.session, schedule, caller.now, told_in=zone),
        "takeable": takeable(caller, schedule, coverage.on_call(caller.session, schedule, caller.now)),
        "no_engine": why_no_engine(caller.session, caller.now),
    }


def _timeline(caller: Caller, schedule: Schedule, wanted: Asked) -> dict[str, Any]:
    """`zone`: on whose clock the whole page tells its times."""
    plan = coverage.plan_of(caller.session, schedule)
    timeline = shown(wanted, ZoneInfo(caller.user.timezone), plan.zone, caller.now)
    window = timeline.window
    shifts = coverage.planned_shifts(caller.session, schedule, window.start, window.end)
    known = around(caller.session, {shift.person for shift in shifts}, window)
    chart = draw(plan, shifts, known, timeline.view, window, caller.now)
    over = [entry for entry in chart.entries if timeline.is_now and entry.end <= caller.now]
    rest = [entry for entry in chart.entries if not timeline.is_now or entry.end > caller.now]
    return {
        "timeline": timeline,
        "views": NAMES,
        "window": window,
        "zone": window.zone,
        "chart": chart,
        "holidays": known.holidays,
        "before": by_day(over, window),
        "by_day": by_day(rest, window),
        "cover_of": lambda entry: address_for(schedule.name, entry.level, entry.start, entry.end, entry.who.handle),
        "conflicts": conflicts(caller.session, max(window.start, caller.now), window.end, schedule, absent=known.away),
        "cover_address": address_of_conflict,
    }


@dataclass(frozen=True, slots=True)
class RotationRow:
    name: str
    levels: Sequence[str]
    people: int
    shift: list[str]
    handoff: datetime
    """The next."""


def _rotations(plan: Plan, now: datetime) -> list[RotationRow]:
    """Those that count now, or will."""
    return [
        RotationRow(each.name, each.levels, len(people(each)), list(map(str, each.shift)), next_handoff(each, now))
        for each in plan.rotations
        if each.in_force is None or each.in_force[-1][1] > now
    ]


def _by_hand(caller: Caller, schedule: Schedule) -> dict[str, object]:
    everybody = coverage.active(caller.session)
    runs = permissions.runs(caller.session, caller.user, schedule)
    return {
        "overrides": overrides.list_overrides(
            caller.session, MOST_OVERRIDES, schedule=schedule.name, ending_after=caller.now
        ),
        "everybody": everybody,
        "names": coverage.names(caller.session),
        "temporary": temporary_schedules.list_temporary_schedules(caller.session, schedule, caller.now),
        "shadows": shadows.list_shadows(caller.session, caller.now, schedule),
        "people": everybody if runs else [caller.user],
        "runs": runs,
        "rotations": _rotations(coverage.plan_of(caller.session, schedule), caller.now),
    }

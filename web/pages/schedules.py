"""Schedules: all of them as they stand now, and one with its next weeks."""

from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from sqlmodel import Session, col, select
from starlette.responses import Response

from oncall import coverage, health, overrides, shadows, temporary_schedules
from oncall.absence_conflicts import conflicts
from oncall.errors import BadInput
from oncall.models import User
from oncall.plans import find_schedule
from oncall.pulse.fitness import why_no_engine
from web.edge import Caller, Page
from web.pages.cards import card_of, cards_of
from web.pages.handing_over import takeable
from web.pages.lanes import Window, by_day, draw, entries_of
from web.pages.names import names
from web.pages.page import show
from web.pages.shift_address import address_of_conflict
from web.pages.subscriptions import schedule_links

router = APIRouter(prefix="/schedules")

DAYS = 14
MOST_DAYS = 62
FARTHEST = timedelta(days=2 * 366)
MOST_OVERRIDES = 50


@router.get("")
def schedules(edge: Page) -> Response:
    with edge.reading() as caller:
        cards = cards_of(caller.session, caller.now)
    return show(edge, caller, "schedules.html", {"cards": cards})


@router.get("/{name}")
def schedule(edge: Page, name: str, first: Annotated[str, Query(alias="from")] = "", days: str = "") -> Response:
    with edge.reading() as caller:
        found = find_schedule(caller.session, name)
        window = _window(caller, first, days)
        shifts = coverage.final_shifts(caller.session, found, window.start, window.end)
        gaps = coverage.gaps(caller.session, found, window.start, window.end)
        entries = entries_of(shifts, gaps)
        everybody = _people(caller.session)
        runs = overrides.runs(caller.session, caller.user, found)
        context = {
            "schedule": found,
            "schedule_zone": ZoneInfo(found.timezone),
            "card": card_of(caller.session, found, caller.now),
            "problems": health.problems(caller.session, found, caller.now),
            "window": window,
            "chart": draw(found.levels, entries, window, caller.now),
            "by_day": by_day(entries, window),
            "overrides": overrides.list_overrides(
                caller.session, MOST_OVERRIDES, schedule=name, ending_after=caller.now
            ),
            "everybody": everybody,
            "names": names(caller.session),
            "temporary": temporary_schedules.list_temporary_schedules(caller.session, found, caller.now),
            "shadows": shadows.list_shadows(caller.session, caller.now, found),
            "people": everybody if runs else [caller.user],
            "runs": runs,
            "takeable": takeable(caller, found, coverage.on_call(caller.session, found, caller.now)),
            "cover_address": address_of_conflict,
            "conflicts": conflicts(caller.session, max(window.start, caller.now), window.end, found),
            "links": schedule_links(edge, caller, found),
            "no_engine": why_no_engine(caller.session, caller.now),
        }
    return show(edge, caller, "schedule.html", context | _navigation(window, caller))


def _window(caller: Caller, first: str, days: str) -> Window:
    """From the address: two weeks from today unless it says otherwise. Raises BadInput."""
    zone = ZoneInfo(caller.user.timezone)
    today = caller.now.astimezone(zone).date()
    try:
        begins, length = date.fromisoformat(first) if first else today, int(days or DAYS)
    except ValueError:
        raise BadInput("Write ?from=YYYY-MM-DD and &days=14 in the address, or leave them out.") from None
    if not 1 <= length <= MOST_DAYS or abs(begins - today) > FARTHEST:
        raise BadInput(f"A schedule is shown for 1 to {MOST_DAYS} days, up to two years from today.")
    return Window(begins, length, zone)


def _navigation(window: Window, caller: Caller) -> dict[str, object]:
    """Where "earlier" and "later" lead."""
    step = timedelta(days=window.days)
    usual = window.days == DAYS
    suffix = "" if usual else f"&days={window.days}"
    today = caller.now.astimezone(window.zone).date()
    return {
        "earlier": f"?from={window.first - step}{suffix}",
        "later": f"?from={window.first + step}{suffix}",
        "is_today": window.first == today,
        "last": window.first + step - timedelta(days=1),
    }


def _people(session: Session) -> list[User]:
    statement = select(User).where(col(User.retired_at).is_(None)).order_by(col(User.name))
    return list(session.exec(statement))

"""What pages are made of, for who makes one: every piece with its class, and every page for when something is wrong."""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from oncall.errors import Forbidden, NotFound, OncallError, TooManyRequests, Unavailable
from schedules.resolve import final_shifts
from schedules.types import Override, Schedule, Source
from web.edge import Page
from web.errors import AWAY, FAULT, NOWHERE
from web.pages.drafts import Draft, Said
from web.pages.page import show
from web.pages.schedules.blocks import Who
from web.pages.schedules.lanes import Around, Chart, draw
from web.pages.schedules.timeline import View, Window

router = APIRouter(prefix="/styleguide")

COLOURS = {
    "ground": ["bg", "surface", "raised", "sunken", "line", "edge"],
    "text": ["text", "muted"],
    "one action": ["accent", "accent-soft"],
    "state": ["hot", "hot-soft", "warm", "warm-soft", "cool", "cool-soft"],
}
CAST = [("alice", "Alice Archer"), ("bob", "Bob Baker"), ("carol", "Carol Clark"), ("dave", "Dave Dunn")]
PEOPLE = {handle: Who(number, handle, name) for number, (handle, name) in enumerate(CAST)}
ERRORS: dict[int, OncallError] = {
    403: Forbidden("Only a manager of the team or an admin can do this. Ask one of them."),
    404: NotFound(NOWHERE),
    429: TooManyRequests("Too many wrong passwords. Try again in 10 minutes.", retry_after=600),
    500: OncallError(FAULT),
    503: Unavailable(AWAY),
}


@router.get("")
def styleguide(edge: Page) -> Response:
    with edge.reading() as caller:
        zone = ZoneInfo(caller.user.timezone)
        window = Window(caller.now.astimezone(zone).date(), 14, zone)
    wrong = Said("The absence ends before it starts.", True, "sample", "end")
    typed = [("start", "2026-03-04T10:00"), ("end", "2026-03-04T09:00"), ("reason", "dentist")]
    context = {
        "colours": COLOURS,
        "cast": list(PEOPLE.values()),
        "chart": _chart(window, caller.now),
        "window": window,
        "timeline": {"view": View.WEEKS},
        "schedule": {"name": "dev", "timezone": str(zone)},
        "sample": Draft("sample", typed, wrong),
        "errors": ERRORS,
    }
    return show(edge, caller, "admin/styleguide.html", context)


@router.get("/errors/{status}")
def error(status: Literal["403", "404", "429", "500", "503"]) -> Response:
    raise ERRORS[int(status)]


def _chart(window: Window, now: datetime) -> Chart:
    def at(hours: float) -> datetime:
        return window.start + timedelta(hours=hours)

    def shift(level: str, person: int, start: float, end: float, source: Source = "rotation") -> Override:
        return Override(level, CAST[person][0], at(start), at(end), off=None, source=source)

    shifts = (
        shift("L1", 0, -24, 82),
        shift("L1", 1, 82, 154),
        shift("L1", 2, 110, 130, "override"),
        shift("L1", 3, 178, 360),
        shift("L2", 1, -24, 82),
        shift("L2", 2, 82, 250, "temporary"),
        shift("L2", 0, 250, 360, "swap"),
    )
    plan = Schedule("dev", window.zone, ("L1", "L2"), overrides=shifts)
    around = Around(PEOPLE, {"dave": [(at(200), at(260))]}, {window.day(4): ["Founders’ Day (US)"]})
    return draw(plan, final_shifts(plan, window.start, window.end), around, View.WEEKS, window, now)

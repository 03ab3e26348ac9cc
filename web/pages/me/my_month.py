"""My month: shifts and absences as a calendar, each day on the reader's clock; to be printed, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from oncall.absences.absences import list_absences
from oncall.models import Absence
from oncall.moments import FIRST_YEAR, LAST_YEAR
from oncall.rota.coverage import OnCall, all_shifts, with_people
from oncall.rota.following import Following, following
from schedules.wallclock import to_utc
from web.edge import Caller, Page
from web.pages.page import show

router = APIRouter(prefix="/me")

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """`shifts`, `following` and `absences` are those that meet it."""

    date: date
    start: datetime
    end: datetime
    shifts: Sequence[OnCall]
    following: Sequence[Following]
    absences: Sequence[Absence]


@router.get("/month")
def month(edge: Page, month: str = "") -> Response:
    """`month` as 2026-03; else this one."""
    with edge.reading() as caller:
        zone = ZoneInfo(caller.user.timezone)
        first = _read(month) or caller.now.astimezone(zone).date().replace(day=1)
        days = _days(first)
        start, end = (to_utc(datetime.combine(each, time()), zone) for each in (days[0], days[-1] + DAY))
        shifts = _shifts(caller, start, end)
        absences = [each for each in list_absences(caller.session, start, user=caller.user) if each[0].starts_at < end]
        follows = [each for each in following(caller.session, caller.user_id, start) if each.start < end]
        context = {
            "first": first,
            "weeks": _weeks(days, zone, shifts, follows, [absence for absence, _ in absences]),
            "hints": list(dict.fromkeys(each.hint for each in follows)),
            "before": f"{first - DAY:%Y-%m}",
            "after": f"{first + 31 * DAY:%Y-%m}",
            "today": caller.now.astimezone(zone).date(),
        }
    return show(edge, caller, "me/my_month.html", context)


def _shifts(caller: Caller, start: datetime, end: datetime) -> list[OnCall]:
    """On all schedules, those that meet [start, end), by start."""
    found = [shift for shift in all_shifts(caller.session, start, end) if shift.person == caller.user.handle]
    found.sort(key=lambda shift: (shift.start, shift.schedule, shift.level))
    return with_people(caller.session, found)


def _read(text: str) -> date | None:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return first if FIRST_YEAR <= first.year < LAST_YEAR else None


def _days(first: date) -> list[date]:
    """Of whole weeks, from a Monday."""
    last = (first + 31 * DAY).replace(day=1) - DAY
    begins, ends = first - first.weekday() * DAY, last + (6 - last.weekday()) * DAY
    return [begins + number * DAY for number in range((ends - begins).days + 1)]


def _weeks(
    days: Sequence[date],
    zone: ZoneInfo,
    shifts: Sequence[OnCall],
    follows: Sequence[Following],
    absences: Sequence[Absence],
) -> list[list[Day]]:
    found = []
    for each in days:
        start, end = (to_utc(datetime.combine(day, time()), zone) for day in (each, each + DAY))
        on = [shift for shift in shifts if shift.start < end and start < shift.end]
        along = [shadow for shadow in follows if shadow.start < end and start < shadow.end]
        away = [absence for absence in absences if absence.starts_at < end and start < absence.ends_at]
        found.append(Day(each, start, end, on, along, away))
    return [found[number : number + 7] for number in range(0, len(found), 7)]

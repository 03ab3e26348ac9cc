"""Which days a timeline shows, and on whose clock. All of it is in the address, to be pasted to a colleague."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query

from oncall.errors import BadInput
from schedules.wallclock import to_utc

FARTHEST = timedelta(days=2 * 366)


class View(StrEnum):
    DAY = "day"
    WEEK = "week"
    WEEKS = "weeks"
    MONTH = "month"
    QUARTER = "quarter"


NAMES = {
    View.DAY: "Day",
    View.WEEK: "Week",
    View.WEEKS: "2 weeks",
    View.MONTH: "Month",
    View.QUARTER: "3 months",
}
USUAL = View.WEEKS
DAYS = {View.DAY: 1, View.WEEK: 7, View.WEEKS: 14}
MONTHS = {View.MONTH: 1, View.QUARTER: 3}


@dataclass(frozen=True)
class Window:
    """Whole days on the clock of `zone`; `start` and `end` are aware UTC."""

    first: date
    days: int
    zone: ZoneInfo

    def midnight(self, number: int) -> datetime:
        return to_utc(datetime.combine(self.day(number), datetime.min.time()), self.zone)

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    @cached_property
    def start(self) -> datetime:
        return self.midnight(0)

    @cached_property
    def end(self) -> datetime:
        return self.midnight(self.days)

    @property
    def last(self) -> date:
        return self.day(self.days - 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """The address as it came."""

    first: str = ""
    view: str = ""
    zone: str = ""


async def asked(
    first: Annotated[str, Query(alias="from")] = "",
    view: str = "",
    zone: str = "",
) -> Asked:
    return Asked(first, view, zone)


@dataclass(frozen=True, slots=True)
class Shown:
    view: View
    window: Window
    today: date
    is_schedules_zone: bool

    @property
    def is_now(self) -> bool:
        return self.window.first <= self.today <= self.window.last

    @property
    def earlier(self) -> str:
        return self._address(_moved(self.window.first, self.view, -1), self.view, self.is_schedules_zone)

    @property
    def later(self) -> str:
        return self._address(_moved(self.window.first, self.view, 1), self.view, self.is_schedules_zone)

    @property
    def now(self) -> str:
        return self._address(None, self.view, self.is_schedules_zone)

    def as_view(self, view: View) -> str:
        return self._address(self._kept, view, self.is_schedules_zone)

    def in_zone(self, *, of_schedule: bool) -> str:
        return self._address(self._kept, self.view, of_schedule)

    @property
    def _kept(self) -> date | None:
        """Days around today stay around it, however many they are."""
        return None if self.is_now else self.window.first

    def _address(self, first: date | None, view: View, of_schedule: bool) -> str:
        """What is as usual is left out."""
        fields = {
            "view": view if view is not USUAL else "",
            "from": first.isoformat() if first else "",
            "zone": "schedule" if of_schedule else "",
        }
        return f"?{urlencode({name: value for name, value in fields.items() if value})}"


def shown(wanted: Asked, mine: ZoneInfo, schedules: ZoneInfo, now: datetime) -> Shown:
    """Two weeks from today on the reader's clock, unless the address says otherwise. Raises BadInput."""
    zone = schedules if wanted.zone == "schedule" else mine
    today = now.astimezone(zone).date()
    try:
        first, view = date.fromisoformat(wanted.first) if wanted.first else today, View(wanted.view or USUAL)
    except ValueError:
        views = ", ".join(View)
        raise BadInput(f"Write ?from=YYYY-MM-DD and &view= ({views}) in the address, or leave them out.") from None
    if abs(first - today) > FARTHEST:
        raise BadInput("A schedule is shown up to two years from today: write a nearer ?from= in the address.")
    first = _begins(first, view)
    return Shown(view, Window(first, _days(first, view), zone), today, is_schedules_zone=wanted.zone == "schedule")


def _begins(day: date, view: View) -> date:
    """Weeks begin on Monday and months on the first; a day, and two weeks, wherever they are asked to."""
    if view is View.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if view in MONTHS else day


def _days(first: date, view: View) -> int:
    return (_moved(first, view, 1) - first).days


def _moved(first: date, view: View, by: int) -> date:
    if view in DAYS:
        return first + by * timedelta(days=DAYS[view])
    years, month = divmod(first.month - 1 + by * MONTHS[view], 12)
    return date(first.year + years, month + 1, 1)

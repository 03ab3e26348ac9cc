"""Which part of the past a report is of, and the days or weeks that it is told by."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.moments import check_window
from schedules.spans import Span
from schedules.wallclock import to_local, to_utc

USUAL_DAYS = 30
MOST_DAYS = 93
"""Told one by one: what is longer is told by weeks."""
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """The time [start, end). `zone`: whose days are meant."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def span(self) -> Span:
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or a week from Monday, as far as it is in the window: [start, end), and its first and last day."""

    start: datetime
    end: datetime
    first_day: date
    last_day: date

    @property
    def span(self) -> Span:
        return self.start, self.end

    @property
    def label(self) -> str:
        """ "Mon 2 Mar"; "2 – 8 Mar"."""
        first, last = self.first_day, self.last_day
        if first == last:
            return f"{first:%a} {first.day} {first:%b}"
        return f"{first.day}{'' if first.month == last.month else f' {first:%b}'} – {last.day} {last:%b}"


def window_of(start: datetime | None, until: datetime | None, zone: ZoneInfo, now: datetime) -> Window:
    """The last 30 days, today as the last, unless told otherwise. Raises BadInput."""
    end = until or now
    begin = start or midnight(to_local(end, zone).date() - (USUAL_DAYS - 1) * _DAY, zone)
    check_window(begin, end)
    return Window(begin.astimezone(UTC), end.astimezone(UTC), zone)


def periods(window: Window) -> list[Period]:
    """The days of the window; of a long one the weeks. Never empty."""
    first = to_local(window.start, window.zone).date()
    last = to_local(window.end - datetime.resolution, window.zone).date()
    by_weeks = (last - first).days >= MOST_DAYS
    step, day = (_WEEK, first - first.weekday() * _DAY) if by_weeks else (_DAY, first)
    found = []
    while day <= last:
        start = max(midnight(day, window.zone), window.start)
        end = min(midnight(day + step, window.zone), window.end)
        if start < end:  # clocks have jumped over whole days
            found.append(Period(start, end, max(day, first), min(day + step - _DAY, last)))
        day += step
    return found


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return to_utc(datetime.combine(day, time()), zone)

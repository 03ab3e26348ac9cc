"""What being on call costs a person: hours, and how many of them are at night, at weekends and on holidays.

All three are those of the wall clock where the person lives, whatever the schedule's zone: it is their sleep.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schedules.hours import DAY_MINUTES, Hours, Window
from schedules.spans import Span, clip, length, merge
from schedules.wallclock import to_utc

NIGHT_BEGINS, NIGHT_ENDS = 22, 6
"""Hours of the wall clock. A night ends on the day after it begins."""
WEEKEND = (5, 6)
"""Weekdays; 0 is Monday."""

NIGHTS = Hours(tuple(Window(day, NIGHT_BEGINS * 60, DAY_MINUTES + NIGHT_ENDS * 60) for day in range(7)))
WEEKENDS = Hours(tuple(Window(day, 0, DAY_MINUTES) for day in WEEKEND))


@dataclass(frozen=True, slots=True)
class Burden:
    """Time on call as it passes, so that a night may be an hour longer or shorter when clocks change.

    The kinds overlap: the night of a holiday that is a Sunday is in all three of them, and once in the total.
    """

    total: timedelta
    night: timedelta
    weekend: timedelta
    holiday: timedelta


def burden(spans: Iterable[Span], start: datetime, end: datetime, zone: ZoneInfo, holidays: Set[date]) -> Burden:
    """Of one person whose shifts are `spans`, aware UTC, within [start, end).

    Time on two levels or two schedules at once counts once: it is one night without sleep, and paid once.
    `holidays` are whole days in `zone`, the person's own.
    """
    mine = clip(merge(spans), start, end)
    days = merge(_day(holiday, zone) for holiday in holidays)
    return Burden(
        total=length(mine),
        night=length(part for span in mine for part in NIGHTS.spans(zone, *span)),
        weekend=length(part for span in mine for part in WEEKENDS.spans(zone, *span)),
        holiday=length(part for span in mine for part in clip(days, *span)),
    )


def weight(carried: Burden) -> timedelta:
    """What “least burden” means wherever it is said: each hour counts once, and once more for each kind that it is of.

    So an hour at night is worth two by day, and one in the night of a holiday that is a Sunday four.
    """
    return carried.total + carried.night + carried.weekend + carried.holiday


def _day(day: date, zone: ZoneInfo) -> Span:
    """From midnight to midnight. No time at all for a day that clocks jump over."""
    midnight = datetime.combine(day, time())
    return to_utc(midnight, zone), to_utc(midnight + timedelta(days=1), zone)

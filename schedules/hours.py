"""The hours of the week in which a rotation is on call, like "Mon-Fri 09:00-17:00"."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.spans import Span, clip, merge
from schedules.wallclock import to_local, to_utc

DAY_MINUTES = 24 * 60
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday


class Window(NamedTuple):
    """One opening each week, wall clock."""

    weekday: int  # 0 is Monday
    opens: int  # minutes after midnight, 0..1439
    closes: int  # minutes after the same midnight, later than `opens`; past 1440 it closes on the next day


@dataclass(frozen=True)
class Hours:
    """Windows that open every week. They may overlap, and one past midnight belongs to the day it begins."""

    windows: tuple[Window, ...]

    def spans(self, zone: ZoneInfo, start: datetime, end: datetime) -> list[Span]:
        """The open times within [start, end), aware UTC: sorted, apart from each other, clipped.

        Both edges of a window are wall-clock times in `zone`, so that it may last an hour more or less when
        clocks change.
        """
        weeks = range((start - _EPOCH) // _WEEK, (end - _EPOCH) // _WEEK + 1)
        if len(weeks) == 1:
            return clip(_week(self, zone, weeks[0]), start, end)
        return clip(merge(span for week in weeks for span in _week(self, zone, week)), start, end)


@lru_cache(maxsize=8192)
def _week(hours: Hours, zone: ZoneInfo, week: int) -> list[Span]:
    """The open times within one UTC week after the epoch. Kept, because every question about it asks for them."""
    start = _EPOCH + week * _WEEK
    midnight = to_local(start, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    # A window may close on the day after, and a zone may jump over a day (Samoa had no 30 December 2011).
    days = (midnight + day * _DAY for day in range(-2, 9))
    return clip(merge(span for day in days for span in _opening_on(hours, zone, day)), start, start + _WEEK)


def _opening_on(hours: Hours, zone: ZoneInfo, midnight: datetime) -> Iterator[Span]:
    """The windows of one local day, aware UTC."""
    today = midnight.weekday()
    for weekday, opens, closes in hours.windows:
        if weekday == today:
            start = to_utc(midnight + timedelta(minutes=opens), zone)
            end = to_utc(midnight + timedelta(minutes=closes), zone)
            if start < end:  # else clocks jump over the window
                yield start, end

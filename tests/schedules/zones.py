"""Every clock change of every zone since 2020."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_FIRST, _LAST, _STEP = datetime(2020, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), timedelta(days=7)


@cache
def clock_changes() -> dict[ZoneInfo, list[datetime]]:
    """The instants, aware UTC, of the zones that have any."""
    zones = (ZoneInfo(name) for name in sorted(available_timezones()))
    return {zone: changes for zone in zones if (changes := _changes(zone))}


def _changes(zone: ZoneInfo) -> list[datetime]:
    weeks = [_FIRST + i * _STEP for i in range((_LAST - _FIRST) // _STEP)]
    offsets = [week.astimezone(zone).utcoffset() for week in weeks]
    return [_instant(zone, week) for week, a, b in zip(weeks, offsets, offsets[1:], strict=False) if a != b]


def _instant(zone: ZoneInfo, low: datetime) -> datetime:
    """The second of the change in the week from `low`."""
    before, high = low.astimezone(zone).utcoffset(), low + _STEP
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high

"""Moments and spans as a person reads them half asleep, on the clock of a zone that is named."""

from datetime import datetime
from zoneinfo import ZoneInfo


def moment(at: datetime, zone: ZoneInfo) -> str:
    """ "Tue 24 Nov 10:00 (EST)"; `at` is aware."""
    local = at.astimezone(zone)
    return f"{_day(local)} {local:%H:%M} ({local:%Z})"


def span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """ "from Tue 24 Nov 10:00 to Fri 27 Nov 10:00 (EST)"; the end without its day where that is the same.

    Where clocks change in between, each end has its own: "from Sat 31 Oct 10:00 EDT to Tue 3 Nov 10:00 EST".
    """
    first, last = start.astimezone(zone), end.astimezone(zone)
    begins = f"{_day(first)} {first:%H:%M}"
    ends = f"{last:%H:%M}" if first.date() == last.date() else f"{_day(last)} {last:%H:%M}"
    if f"{first:%Z}" != f"{last:%Z}":
        return f"from {begins} {first:%Z} to {ends} {last:%Z}"
    return f"from {begins} to {ends} ({first:%Z})"


def _day(local: datetime) -> str:
    return f"{local:%a} {local.day} {local:%b}"

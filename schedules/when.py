"""Moments and spans as a person reads them half asleep, on the clock of a zone that is named."""

from datetime import datetime
from zoneinfo import ZoneInfo

from schedules.wallclock import repeated, to_local


def moment(at: datetime, zone: ZoneInfo) -> str:
    """ "Tue 24 Nov 10:00 (EST)"; `at` is aware."""
    local = at.astimezone(zone)
    return f"{_day(local)} {local:%H:%M} ({name_of(at, zone)})"


def span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """ "from Tue 24 Nov 10:00 to Fri 27 Nov 10:00 (EST)"; the end without its day where that is the same.

    Where clocks change in between, each end has its own: "from Sat 31 Oct 10:00 EDT to Tue 3 Nov 10:00 EST".
    """
    first, last = start.astimezone(zone), end.astimezone(zone)
    begins = f"{_day(first)} {first:%H:%M}"
    ends = f"{last:%H:%M}" if first.date() == last.date() else f"{_day(last)} {last:%H:%M}"
    opens, closes = name_of(start, zone), name_of(end, zone)
    if opens != closes:
        return f"from {begins} {opens} to {ends} {closes}"
    return f"from {begins} to {ends} ({opens})"


def clock(at: datetime, zone: ZoneInfo, form: str = "%H:%M") -> str:
    """ "10:00", for where the zone is said anyway; "01:30 EST" where clocks show that time twice."""
    local = to_local(at, zone)
    return f"{local:{form}} {name_of(at, zone)}" if repeated(local, zone) else f"{local:{form}}"


def name_of(at: datetime, zone: ZoneInfo) -> str:
    """EST; UTC-03 or UTC+05:45 where the zone has no letters of its own."""
    name = f"{at.astimezone(zone):%Z}"
    if name[:1] not in ("+", "-"):
        return name
    hours, minutes = name[:3], name[3:]
    return f"UTC{hours}:{minutes}" if minutes else f"UTC{hours}"


def _day(local: datetime) -> str:
    return f"{local:%a} {local.day} {local:%b}"

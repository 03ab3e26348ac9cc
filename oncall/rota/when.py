"""Pure: times as a notice says them, in the reader's zone and with the zone named."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from schedules.when import name_of

SOON = timedelta(days=6)
"""Up to here the day of the week is enough to know which day is meant."""


def moment(at: datetime, zone: ZoneInfo, now: datetime | None = None) -> str:
    """ "Tue 10:00 EST" where that is clear at `now`, else "Tue 24 Nov 10:00 EST"."""
    return f"{_clock(at, zone, now)} {name_of(at, zone)}"


def span(start: datetime, end: datetime, zone: ZoneInfo, now: datetime | None = None) -> str:
    """ "Tue 10:00 to Fri 10:00 EST"; each with its zone's name when the clocks change in between."""
    first = _clock(start, zone, now)
    if name_of(start, zone) != name_of(end, zone):
        first = moment(start, zone, now)
    if start.astimezone(zone).date() == end.astimezone(zone).date():
        return f"{first} to {end.astimezone(zone):%H:%M} {name_of(end, zone)}"
    return f"{first} to {moment(end, zone, now)}"


def _clock(at: datetime, zone: ZoneInfo, now: datetime | None) -> str:
    local = at.astimezone(zone)
    day = "" if now is not None and now <= at <= now + SOON else f" {local.day} {local:%b}"
    return f"{local:%a}{day} {local:%H:%M}"

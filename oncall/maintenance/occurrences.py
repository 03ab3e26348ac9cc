"""Pure: when a window is on, and what is said of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.models import MaintenanceWindow
from schedules.recurrence import Recurrence
from schedules.spans import Span
from schedules.wallclock import to_utc
from schedules.when import name_of


def first_occurrence(start: datetime, end: datetime, timezone: str, repeats: str | None, now: datetime) -> Span | None:
    """Of a window planned by the clock on the wall: the first that is not over, else, where it comes once, that one.

    None: its rule never comes again.
    """
    zone = ZoneInfo(timezone)
    if repeats is None:
        return to_utc(start, zone), to_utc(end, zone)
    return Recurrence(repeats, start, end, zone).next(now)


def occurrence(window: MaintenanceWindow, now: datetime) -> Span:
    """The one that is on or comes next; the last one, where none comes any more.

    The stored one counts as it is, so that what was ended early or extended is so; later ones come by the rule.
    """
    stored = window.starts_at, window.ends_at
    if window.repeats is None or now < window.ends_at:
        return stored
    start, end = datetime.fromisoformat(window.start), datetime.fromisoformat(window.end)
    rule = Recurrence(window.repeats, start, end, ZoneInfo(window.timezone))
    return rule.next(now, after=window.starts_at) or stored


def is_on(window: MaintenanceWindow, now: datetime) -> bool:
    start, end = occurrence(window, now)
    return start <= now < end


def until(end: datetime, timezone: str, now: datetime) -> str:
    """On the clocks of the zone, which is named: "14:00 EST", or "Fri 27 Nov 14:00 EST" on another day."""
    zone = ZoneInfo(timezone)
    local = end.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    clock = f"{local:%H:%M}" if is_today else f"{local:%a %-d %b %H:%M}"
    return f"{clock} {name_of(end, zone)}"


def not_paged(window: MaintenanceWindow, end: datetime, now: datetime) -> str:
    """What the timeline says of an alert that it holds."""
    why = f" ({window.reason})" if window.reason else ""
    return f"Not paged: maintenance until {until(end, window.timezone, now)}{why}"

"""A person's calendar (RFC 5545) as the times at which they are busy.

Calendars come from outside: each fault of one event costs that event and no other, what is no calendar is refused, and
so is a rule that would repeat within a day, since the time it takes would have no end.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import recurring_ical_events
from icalendar import Calendar

from schedules.busy import BusySpan
from schedules.errors import ScheduleError
from schedules.wallclock import to_utc

MOST_EVENTS = 20_000
MOST_SPANS = 2_000
LONGEST_SUMMARY = 200
_REPEATING = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TIMES_OF_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_OWN_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID")
_LISTED_TIMES = ("EXDATE", "RDATE")

_NO_CALENDAR = (
    "This address does not give a calendar, but {what}: copy the calendar's secret iCal address (it ends in .ics)."
)


def busy_spans(body: bytes, zone: ZoneInfo, start: datetime, end: datetime) -> list[BusySpan]:
    """What in the file meets [start, end), by start. All-day and floating times are those of `zone`, the person's.

    Cancelled events, those marked as free time, and those without length are left out. Raises ScheduleError.
    """
    found: set[BusySpan] = set()
    for calendar in _calendars(body):
        _mend(calendar, zone)
        for event in _occurrences(calendar, start, end):
            if (span := _span(event, zone)) is not None and span.start < end and start < span.end:
                found.add(span)
            if len(found) > MOST_SPANS:
                raise ScheduleError(
                    f"This calendar has more than {MOST_SPANS:,} busy times ahead: give a calendar that holds only "
                    "when you are away."
                )
    return sorted(found, key=lambda span: (span.start, span.end, span.summary))


def _calendars(body: bytes) -> list[Calendar]:
    text = _text(body).strip()
    if not text:
        raise ScheduleError(_NO_CALENDAR.format(what="an empty file"))
    if not text[:15].upper().startswith("BEGIN:VCALENDAR"):
        what = "a web page (perhaps one to sign in)" if text.startswith("<") else "something else"
        raise ScheduleError(_NO_CALENDAR.format(what=what))
    if not text[-13:].upper().endswith("END:VCALENDAR"):
        raise ScheduleError("This calendar is cut off before its end: try again later, or ask whoever runs its server.")
    try:
        calendars: list[Calendar] = Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise ScheduleError("This calendar can't be read: export it anew, or give another one.") from None
    if sum(len(calendar.subcomponents) for calendar in calendars) > MOST_EVENTS:
        raise ScheduleError(
            f"This calendar has more than {MOST_EVENTS:,} events: give one that holds only when you are away."
        )
    return calendars


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")  # what old exports of Outlook are in


def _mend(calendar: Any, zone: ZoneInfo) -> None:
    """Give every time a zone, every UNTIL the form that its event's start asks for, and drop broken events."""
    named = _zone_named(calendar.get("X-WR-TIMEZONE"))
    if named is None:
        calendar.pop("X-WR-TIMEZONE", None)  # the library would stumble over it
    kept: list[Any] = []
    for component in calendar.subcomponents:
        if component.name == "VEVENT":
            if _is_broken(component):
                continue
            for value in _times(component):
                value.dt = _zoned(value.dt, (named if "TZID" in value.params else None) or zone)
            if _ends_early(component):
                continue
            for rule in _each(component.get("RRULE")):
                _check_rule(rule)
                _mend_until(rule, component["DTSTART"].dt)
        kept.append(component)
    calendar.subcomponents[:] = kept


def _is_broken(event: Any) -> bool:
    return any(name in ("DTSTART", "DTEND", "RRULE", "DURATION") for name, _ in event.errors) or not hasattr(
        event.get("DTSTART"), "dt"
    )


def _ends_early(event: Any) -> bool:
    """The library would take its end for its start."""
    start, end = event["DTSTART"].dt, getattr(event.get("DTEND"), "dt", None)
    return end is not None and (type(start) is not type(end) or end < start)


def _times(event: Any) -> Iterator[Any]:
    for name in _OWN_TIMES:
        yield from (value for value in _each(event.get(name)) if hasattr(value, "dt"))
    for name in _LISTED_TIMES:
        for listed in _each(event.get(name)):
            for value in getattr(listed, "dts", []):
                if "TZID" in listed.params:
                    value.params["TZID"] = listed.params["TZID"]
                yield value


def _each(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) and not hasattr(value, "dts") else [value]


def _zoned(moment: Any, zone: ZoneInfo) -> Any:
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    if isinstance(moment, tuple):
        return tuple(_zoned(part, zone) for part in moment)
    return moment


def _zone_named(name: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(str(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _check_rule(rule: Any) -> None:
    frequency = str(_first(rule, "FREQ")).upper()
    if frequency not in _REPEATING or any(len(_each(rule.get(part))) > 1 for part in _TIMES_OF_DAY):
        raise ScheduleError(
            "This calendar has an event that repeats more than once a day: take it out, or give a calendar that holds "
            "only when you are away."
        )
    if any(int(interval) < 1 for interval in _each(rule.get("INTERVAL"))):
        rule["INTERVAL"] = [1]  # the library would go round for ever


def _mend_until(rule: Any, start: date | datetime) -> None:
    """RFC 5545, 3.3.10: a date where the start is a date, else UTC. Many programs write the local time instead."""
    until = _first(rule, "UNTIL")
    if until is None:
        return
    if not isinstance(start, datetime):
        rule["UNTIL"] = [until.date() if isinstance(until, datetime) else until]
        return
    last = until if isinstance(until, datetime) else datetime.combine(until, time(23, 59, 59))
    rule["UNTIL"] = [(last if last.tzinfo else last.replace(tzinfo=start.tzinfo)).astimezone(UTC)]


def _first(rule: Any, part: str) -> Any:
    values = _each(rule.get(part))
    return values[0] if values else None


def _occurrences(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Any]:
    try:
        query = recurring_ical_events.of(calendar, skip_bad_series=True)
        # A day more on both sides: a date has no zone yet, and is not the same time for everybody.
        yield from query.between(start - timedelta(days=1), end + timedelta(days=1))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise ScheduleError("This calendar has an event whose times can't be read: take it out.") from None


def _span(event: Any, zone: ZoneInfo) -> BusySpan | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return None
    start, end = _utc(event["DTSTART"].dt, zone), _utc(event["DTEND"].dt, zone)
    summary = " ".join(str(event.get("SUMMARY", "")).replace("\0", "").split())
    return BusySpan(start, end, summary[:LONGEST_SUMMARY]) if start < end else None


def _utc(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """A date is its first instant on the person's clock."""
    if not isinstance(moment, datetime):
        return to_utc(datetime.combine(moment, time()), zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

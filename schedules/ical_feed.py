"""Shifts as a calendar that people subscribe to (RFC 5545, 7986).

The bytes depend on nothing but the entries, so that an ETag can match; times are UTC, so that no client needs a
VTIMEZONE; there is no METHOD, because libical rejects PUBLISH without an ORGANIZER.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from icalendar import Calendar
from icalendar.parser import Contentline, Parameters
from icalendar.prop import vDatetime, vDuration, vInt, vText, vUri

_REFRESH = timedelta(minutes=15)
_FOLDED_FROM = 75  # octets


@dataclass(frozen=True)
class FeedEntry:
    """One event. Times are aware UTC; the interval is [start, end)."""

    uid: str  # opaque; stays when the time or person changes
    sequence: int  # goes up at each edit
    revised_at: datetime  # of the last edit
    start: datetime
    end: datetime
    summary: str
    description: str
    url: str | None = None


def calendar(name: str, entries: Iterable[FeedEntry], color: str = "teal") -> bytes:
    """The whole feed, UTF-8, lines folded and ended by CRLF. `color` is a CSS3 name (RFC 7986, section 5.9)."""
    feed = Calendar()
    feed.add("PRODID", "-//oncall//schedules//EN")
    feed.add("VERSION", "2.0")
    feed.add("CALSCALE", "GREGORIAN")
    feed.add("NAME", vText(name))
    feed.add("X-WR-CALNAME", vText(name))
    feed.add("COLOR", vText(color))
    feed.add("REFRESH-INTERVAL", vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
    feed.add("X-PUBLISHED-TTL", vDuration(_REFRESH))
    frame = bytes(feed.to_ical())
    end = frame.rindex(b"END:VCALENDAR")
    return b"".join([frame[:end], *map(_event, entries), frame[end:]])


@lru_cache(maxsize=8192)  # about 10 MB: the shifts of a hundred schedules, each in many people's feeds
def _event(entry: FeedEntry) -> bytes:
    """The VEVENT. It follows from the entry alone, so that what was written once is right for as long as it is kept."""
    revised_at = vDatetime(entry.revised_at)
    properties = {
        "UID": vText(entry.uid),
        "SEQUENCE": vInt(entry.sequence),
        "DTSTAMP": revised_at,
        "LAST-MODIFIED": revised_at,
        "DTSTART": vDatetime(entry.start),
        "DTEND": vDatetime(entry.end),
        "SUMMARY": vText(entry.summary),
        "DESCRIPTION": vText(entry.description),
        "TRANSP": vText("TRANSPARENT"),  # being on call does not make people busy
    }
    if entry.url:
        properties["URL"] = vUri(entry.url)
    lines = (_line(name, value) for name, value in properties.items())
    return b"".join([b"BEGIN:VEVENT\r\n", *lines, b"END:VEVENT\r\n"])


def _line(name: str, value: Any) -> bytes:
    """As the library writes it; it looks at each character of a line to fold it, which most need not."""
    line: bytes = name.encode() + b":" + value.to_ical()
    if len(line) >= _FOLDED_FROM:
        line = Contentline.from_parts(name, Parameters(), value).to_ical()
    return line + b"\r\n"

"""Shifts as a calendar that people subscribe to (RFC 5545, 7986).

The bytes depend on nothing but the entries, so that an ETag can match; times are UTC, so that no client needs a
VTIMEZONE; there is no METHOD, because libical rejects PUBLISH without an ORGANIZER.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event
from icalendar.prop import vDuration, vText

_REFRESH = timedelta(minutes=15)


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
    for entry in entries:
        feed.add_component(_event(entry))
    return bytes(feed.to_ical())


def _event(entry: FeedEntry) -> Event:
    event = Event()
    event.add("UID", vText(entry.uid))
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.revised_at)
    event.add("LAST-MODIFIED", entry.revised_at)
    event.add("DTSTART", entry.start)
    event.add("DTEND", entry.end)
    event.add("SUMMARY", vText(entry.summary))
    event.add("DESCRIPTION", vText(entry.description))
    event.add("TRANSP", "TRANSPARENT")  # being on call does not make people busy
    if entry.url:
        event.add("URL", entry.url)
    return event

"""Shifts as a calendar that people subscribe to (RFC 5545, 7986).

The bytes depend on nothing but the entries, so that an ETag can match; times are UTC, so that no client needs a
VTIMEZONE; there is no METHOD, because libical rejects PUBLISH without an ORGANIZER.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from icalendar import Calendar, Event
from icalendar.prop import vDatetime, vDuration, vInt, vText, vUri

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
    frame = bytes(feed.to_ical())
    end = frame.rindex(b"END:VCALENDAR")
    return b"".join([frame[:end], *map(_event, entries), frame[end:]])


@lru_cache(maxsize=8192)  # about 10 MB: the shifts of a hundred schedules, each in many people's feeds
def _event(entry: FeedEntry) -> bytes:
    """The VEVENT. It follows from the entry alone, so that what was written once is right for as long as it is kept."""
    revised_at = vDatetime(entry.revised_at)
    event = Event()
    event["UID"] = vText(entry.uid)
    event["SEQUENCE"] = vInt(entry.sequence)
    event["DTSTAMP"] = revised_at
    event["LAST-MODIFIED"] = revised_at
    event["DTSTART"] = vDatetime(entry.start)
    event["DTEND"] = vDatetime(entry.end)
    event["SUMMARY"] = vText(entry.summary)
    event["DESCRIPTION"] = vText(entry.description)
    event["TRANSP"] = vText("TRANSPARENT")  # being on call does not make people busy
    if entry.url:
        event["URL"] = vUri(entry.url)
    return bytes(event.to_ical())

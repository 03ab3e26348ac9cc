"""A calendar that every client reads."""

from dataclasses import replace

import vobject
from icalendar import Calendar

from schedules.ical_feed import FeedEntry, calendar
from tests.schedules.cast import utc

SHIFT = FeedEntry(
    uid="7d1f",
    sequence=3,
    revised_at=utc("2026-01-01 12:00"),
    start=utc("2026-01-05 15:00"),
    end=utc("2026-01-08 15:00"),
    summary="L1 dev: Zoë Ångström",
    description="Pages escalate to L2; see the runbook, please\nThanks",
    url="https://oncall.example.com/schedules/dev",
)


def lines(feed: bytes) -> list[str]:
    return feed.decode().replace("\r\n ", "").split("\r\n")


def test_the_feed_says_what_clients_ask_of_it() -> None:
    assert lines(calendar("dev, L1", [SHIFT]))[:9] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//oncall//schedules//EN",
        "CALSCALE:GREGORIAN",
        r"NAME:dev\, L1",
        r"X-WR-CALNAME:dev\, L1",
        "COLOR:teal",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
    ]


def test_a_shift_is_one_event_in_utc() -> None:
    feed = lines(calendar("dev", [SHIFT]))
    assert set(feed[feed.index("BEGIN:VEVENT") : feed.index("END:VEVENT")]) == {
        "BEGIN:VEVENT",
        "UID:7d1f",
        "SEQUENCE:3",
        "DTSTAMP:20260101T120000Z",
        "LAST-MODIFIED:20260101T120000Z",
        "DTSTART:20260105T150000Z",
        "DTEND:20260108T150000Z",
        "SUMMARY:L1 dev: Zoë Ångström",
        r"DESCRIPTION:Pages escalate to L2\; see the runbook\, please\nThanks",
        "TRANSP:TRANSPARENT",
        "URL:https://oncall.example.com/schedules/dev",
    }


def test_there_is_no_method_and_no_time_zone() -> None:
    feed = calendar("dev", [SHIFT])
    assert b"METHOD" not in feed
    assert b"VTIMEZONE" not in feed
    assert b"TZID" not in feed


def test_the_same_shifts_are_the_same_bytes() -> None:
    assert calendar("dev", [SHIFT]) == calendar("dev", [replace(SHIFT)])
    assert calendar("dev", [SHIFT]) != calendar("dev", [replace(SHIFT, sequence=4)])


def test_long_lines_are_folded_within_75_octets_and_never_within_a_character() -> None:
    feed = calendar("dev", [replace(SHIFT, summary="é" * 200)])
    physical = feed.split(b"\r\n")
    assert max(map(len, physical)) <= 75
    assert all(line.decode() is not None for line in physical)
    assert "SUMMARY:" + "é" * 200 in lines(feed)


def test_an_event_may_do_without_a_url() -> None:
    assert "URL" not in calendar("dev", [replace(SHIFT, url=None)]).decode()


def test_two_libraries_read_it_back() -> None:
    feed = calendar("dev", [SHIFT, replace(SHIFT, uid="8e2a")])
    events = Calendar.from_ical(feed).walk("VEVENT")
    assert [(str(event["UID"]), event.start, event.end) for event in events] == [
        ("7d1f", SHIFT.start, SHIFT.end),
        ("8e2a", SHIFT.start, SHIFT.end),
    ]
    assert vobject.readOne(feed.decode()).validate(raiseException=True)

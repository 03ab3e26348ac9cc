"""Calendars as the world writes them, read as the times at which a person in New York is busy."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schedules.busy import BusySpan
from schedules.errors import ScheduleError
from schedules.ical_import import LONGEST_SUMMARY, MOST_SPANS, busy_spans

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=60)


def calendar(*events: str, head: str = "") -> bytes:
    numbered = [
        f"BEGIN:VEVENT\nUID:{i}\nDTSTAMP:20260101T000000Z\n{event}\nEND:VEVENT" for i, event in enumerate(events)
    ]
    lines = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", head, *numbered, "END:VCALENDAR"])
    return "".join(f"{line}\r\n" for line in lines.splitlines() if line).encode()


def read(*events: str, head: str = "") -> list[BusySpan]:
    return busy_spans(calendar(*events, head=head), NEW_YORK, START, END)


def times(*events: str, head: str = "") -> list[str]:
    return [f"{span.start:%m-%dT%H:%M} {span.end:%m-%dT%H:%M}" for span in read(*events, head=head)]


@pytest.mark.parametrize(
    ("event", "busy"),
    [
        ("DTSTART;VALUE=DATE:20260310\nDTEND;VALUE=DATE:20260312", "03-10T04:00 03-12T04:00"),
        ("DTSTART;VALUE=DATE:20260308\nDTEND;VALUE=DATE:20260309", "03-08T05:00 03-09T04:00"),  # a day of 23 hours
        ("DTSTART;VALUE=DATE:20260310", "03-10T04:00 03-11T04:00"),
        ("DTSTART;VALUE=DATE:20260310\nDURATION:P2D", "03-10T04:00 03-12T04:00"),
        ("DTSTART:20260310T120000Z\nDTEND:20260310T130000Z", "03-10T12:00 03-10T13:00"),
        ("DTSTART:20260310T120000Z\nDURATION:PT90M", "03-10T12:00 03-10T13:30"),
        ("DTSTART:20260310T120000\nDTEND:20260310T130000", "03-10T16:00 03-10T17:00"),
        ("DTSTART;TZID=Europe/Berlin:20260310T120000\nDURATION:PT1H", "03-10T11:00 03-10T12:00"),
        ("DTSTART;TZID=Our Office:20260310T120000\nDURATION:PT1H", "03-10T16:00 03-10T17:00"),
    ],
)
def test_an_event_is_busy_from_its_start_to_its_end(event: str, busy: str) -> None:
    assert times(event) == [busy]


def test_a_zone_nobody_knows_is_the_one_the_calendar_names() -> None:
    unknown = "DTSTART;TZID=Our Office:20260310T120000\nDURATION:PT1H"

    assert times(unknown, head="X-WR-TIMEZONE:Asia/Tokyo") == ["03-10T03:00 03-10T04:00"]
    assert times(unknown, head="X-WR-TIMEZONE:Nowhere/At all") == ["03-10T16:00 03-10T17:00"]


def test_a_time_in_utc_stays_what_it_is_whatever_zone_the_calendar_names() -> None:
    event = "DTSTART:20260310T120000Z\nDURATION:PT1H"

    assert times(event, head="X-WR-TIMEZONE:Asia/Tokyo") == ["03-10T12:00 03-10T13:00"]


@pytest.mark.parametrize(
    "mark", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "status:cancelled", "DTEND:20260310T120000Z", "X-NOTHING:1"]
)
def test_what_is_cancelled_free_or_without_length_is_left_out(mark: str) -> None:
    assert times(f"DTSTART:20260310T120000Z\n{mark}", "DTSTART:20260311T120000Z\nDURATION:PT1H") == [
        "03-11T12:00 03-11T13:00"
    ]


def test_a_weekly_event_keeps_its_time_on_the_wall_when_clocks_change() -> None:
    weekly = "DTSTART;TZID=America/New_York:20260302T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"

    assert times(weekly) == ["03-02T14:00 03-02T15:00", "03-09T13:00 03-09T14:00"]


@pytest.mark.parametrize("until", ["20260304T200000", "20260304", "20260305T010000Z"])
def test_the_last_day_counts_however_until_is_written(until: str) -> None:
    daily = f"DTSTART;TZID=America/New_York:20260302T200000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL={until}"

    assert times(daily)[-1] == "03-05T01:00 03-05T02:00"


@pytest.mark.parametrize("until", ["20260304", "20260304T235959Z"])
def test_the_last_whole_day_counts_too(until: str) -> None:
    assert times(f"DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY;UNTIL={until}")[-1] == "03-04T05:00 03-05T05:00"


def test_one_of_a_series_can_be_moved_left_out_or_cancelled() -> None:
    series = "DTSTART;TZID=America/New_York:20260302T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4"
    left_out = f"{series}\nEXDATE;TZID=America/New_York:20260303T090000"
    moved = "UID:0\nRECURRENCE-ID;TZID=America/New_York:20260304T090000\nDTSTART:20260304T200000Z\nDURATION:PT1H"
    cancelled = (
        "UID:0\nRECURRENCE-ID;TZID=America/New_York:20260305T090000\nDTSTART:20260305T140000Z\nDURATION:PT1H"
        "\nSTATUS:CANCELLED"
    )
    body = calendar(left_out, moved, cancelled).replace(b"UID:1\r\n", b"").replace(b"UID:2\r\n", b"")

    spans = busy_spans(body, NEW_YORK, START, END)

    assert [f"{span.start:%m-%dT%H}" for span in spans] == ["03-02T14", "03-04T20"]


def test_only_what_meets_the_window_is_read() -> None:
    before, into, after = (
        f"DTSTART:{day}T230000Z\nDTEND:{end}T010000Z"
        for day, end in [("20260227", "20260228"), ("20260228", "20260301"), ("20260430", "20260501")]
    )

    assert times(before, into, after) == ["02-28T23:00 03-01T01:00"]


def test_the_summary_comes_along_on_one_line_and_cut() -> None:
    span, long = read(
        "DTSTART:20260310T120000Z\nDURATION:PT1H\nSUMMARY:Holiday\\nin  Rome",
        "DTSTART:20260311T120000Z\nDURATION:PT1H\nSUMMARY:" + "x" * 500,
    )

    assert span.summary == "Holiday in Rome"
    assert len(long.summary) == LONGEST_SUMMARY


def test_an_event_that_can_t_be_read_costs_no_other() -> None:
    good = "DTSTART:20260310T120000Z\nDURATION:PT1H"

    for broken in ["DTSTART:soon", "SUMMARY:no start", "DTSTART:20260310T120000Z\nDTEND:20260309T120000Z", "DTSTART:"]:
        assert times(broken, good) == ["03-10T12:00 03-10T13:00"]


def test_a_calendar_without_events_and_an_old_outlook_s_letters_are_fine() -> None:
    assert read() == []
    body = calendar("DTSTART:20260310T120000Z\nDURATION:PT1H\nSUMMARY:Cafe").replace(b"Cafe", b"Caf\xe9")

    assert busy_spans(body, NEW_YORK, START, END)[0].summary == "Café"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "but an empty file"),
        (b" \r\n", "but an empty file"),
        (b"<!doctype html><title>Sign in</title>", "but a web page (perhaps one to sign in)"),
        (b'{"error": "gone"}', "but something else"),
        (b"\xff\xfe\x00\x00", "but something else"),
        (calendar("DTSTART:20260310T120000Z")[:-30], "is cut off before its end"),
    ],
)
def test_what_is_no_calendar_is_refused_with_what_to_do(body: bytes, said: str) -> None:
    with pytest.raises(ScheduleError, match=r"copy the calendar's|try again later") as refused:
        busy_spans(body, NEW_YORK, START, END)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3", "FREQ=YEARLY;BYSECOND=1,2"]
)
def test_a_rule_that_repeats_within_a_day_is_refused(rule: str) -> None:
    with pytest.raises(ScheduleError, match="repeats more than once a day"):
        read(f"DTSTART:19700101T000000Z\nDURATION:PT1S\nRRULE:{rule}")


def test_of_a_daily_event_for_ever_the_days_asked_for_are_read() -> None:
    assert len(read("DTSTART;VALUE=DATE:19700101\nRRULE:FREQ=DAILY")) == 61


@pytest.mark.parametrize("interval", ["0", "-1"])
def test_a_rule_that_never_moves_on_is_read_as_one_that_does(interval: str) -> None:
    every_day = "DTSTART;VALUE=DATE:20260301\nRRULE:FREQ=DAILY"
    assert read(f"{every_day};INTERVAL={interval}") == read(every_day)


def test_more_busy_times_than_anybody_is_away_are_refused() -> None:
    every_day = "DURATION:PT1M\nRRULE:FREQ=DAILY"
    events = [f"DTSTART:20260301T{hour:02}{minute:02}00Z\n{every_day}" for hour in range(2) for minute in range(20)]

    with pytest.raises(ScheduleError, match=f"more than {MOST_SPANS:,} busy times"):
        read(*events)

"""Rotations that are on call at some hours of the week."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.errors import ScheduleError
from schedules.hours_text import parse_hours
from schedules.wallclock import to_utc
from tests.schedules.cast import LONDON, NEW_YORK, hour, utc


def open_times(text: str, start: str, end: str) -> list[str]:
    spans = parse_hours(text).spans(LONDON, utc(start), utc(end))
    return [f"{a:%a %H:%M}-{b:%a %H:%M}" for a, b in spans]


MONDAY, NEXT_MONDAY = "2026-01-05", "2026-01-12"


def test_office_hours() -> None:
    assert open_times("Mon-Fri 09:00-17:00", "2026-01-08", "2026-01-13") == [
        "Thu 09:00-Thu 17:00",
        "Fri 09:00-Fri 17:00",
        "Mon 09:00-Mon 17:00",
    ]


def test_a_night_belongs_to_the_day_it_begins() -> None:
    assert open_times("Fri 22:00-06:00", MONDAY, NEXT_MONDAY) == ["Fri 22:00-Sat 06:00"]


def test_the_night_before_reaches_into_the_window_and_is_clipped() -> None:
    assert open_times("Sun 22:00-06:00", MONDAY, NEXT_MONDAY) == ["Mon 00:00-Mon 06:00", "Sun 22:00-Mon 00:00"]


def test_whole_days_that_touch_are_one_span() -> None:
    assert open_times("Sat,Sun 00:00-24:00", MONDAY, NEXT_MONDAY) == ["Sat 00:00-Mon 00:00"]


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("Sat,Sun", "Sat 00:00-24:00; Sun 00:00-24:00"),
        ("Mon, Wed 09:00-17:00", "Mon 09:00-17:00; Wed 09:00-17:00"),
        ("09:00-17:00", "Mon-Sun 09:00-17:00"),
        ("Mon-Fri 09:00-12:00, 13:00-17:00", "Mon-Fri 09:00-12:00; Mon-Fri 13:00-17:00"),
        ("Mon-Fri 09:00-17:00, Sat 10:00-12:00", "Mon-Fri 09:00-17:00; Sat 10:00-12:00"),
        ("Mon-Fri 09:00-17:00, Sat", "Mon-Fri 09:00-17:00; Sat"),
        ("Sat; 22:00-06:00", "Sat 00:00-24:00; Mon-Sun 22:00-06:00"),
        ("Fri-Mon 9:00-17:00", "Fri,Sat,Sun,Mon 09:00-17:00"),
        ("monday - FRIDAY 09:00 - 17:00", "Mon-Fri 09:00-17:00"),
        ("Mon 18:00-00:00", "Mon 18:00-24:00"),
    ],
)
def test_ways_to_write_the_same(text: str, same_as: str) -> None:
    assert parse_hours(text) == parse_hours(same_as)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", 'write "Mon-Fri 09:00-17:00"'),
        ("Mon-Fri 9-17", 'Can\'t read "Mon-Fri 9-17": write "Mon-Fri 09:00-17:00"'),
        ("Mon-Fri 09:00-17:00,", 'Can\'t read "" in the hours "Mon-Fri 09:00-17:00,": write "Mon-Fri 09:00-17:00"'),
        ("Moonday", "write Mon, Tue, Wed, Thu, Fri, Sat or Sun"),
        ("M 09:00-17:00", "write Mon, Tue"),
        ("09:00-25:00", "write 00:00 to 24:00"),
        ("09:60-12:00", "write 00:00 to 24:00"),
        ("09:00-09:00", "write 00:00-24:00 for the whole day"),
        ("24:00-06:00", "write 00:00-24:00 for the whole day"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(ScheduleError, match=advice):
        parse_hours(text)


def test_both_edges_follow_the_wall_clock_when_clocks_change() -> None:
    nights = parse_hours("22:00-06:00")
    spring, autumn = "2026-03-07 12:00", "2026-10-31 12:00"
    lengths = [
        [b - a for a, b in nights.spans(NEW_YORK, utc(day), utc(day) + timedelta(days=1))] for day in (spring, autumn)
    ]
    assert lengths == [[hour(7)], [hour(9)]]


def test_a_window_that_clocks_jump_over_is_left_out() -> None:
    early = parse_hours("Sun 02:00-03:00")
    assert early.spans(NEW_YORK, utc("2026-03-08 00:00"), utc("2026-03-09 00:00")) == []


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Pacific/Honolulu", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Apia"]
)
@pytest.mark.parametrize("text", ["Sun 01:00-23:00", "Mon 23:30-23:00", "22:00-06:00"])
def test_hours_hold_the_half_hours_that_a_look_at_the_clock_says(zone: str, text: str) -> None:
    start, hours = utc("2011-12-24"), parse_hours(text)  # Samoa had no 30 December that year
    days = [start.replace(tzinfo=None) + timedelta(days=day) for day in range(-3, 24)]
    edges = [
        tuple(to_utc(day + timedelta(minutes=minutes), ZoneInfo(zone)) for minutes in window[1:])
        for day in days
        for window in hours.windows
        if window.weekday == day.weekday()
    ]
    spans = hours.spans(ZoneInfo(zone), start, start + timedelta(days=21))
    for at in (start + hour(half / 2) for half in range(21 * 48)):
        assert any(a <= at < b for a, b in spans) == any(a <= at < b for a, b in edges)


@given(st.integers(0, 24 * 400), st.integers(1, 24 * 40), st.integers(0, 24 * 40))
def test_hours_cut_in_two_are_the_same_hours(start: int, length: int, cut: int) -> None:
    hours = parse_hours("Mon-Fri 09:00-17:00; Fri 22:00-06:00; Sun 01:30-02:30")
    begin = utc("2026-01-01 00:00") + hour(start)
    middle, end = begin + hour(min(cut, length)), begin + hour(length)
    whole = hours.spans(NEW_YORK, begin, end)
    parts = hours.spans(NEW_YORK, begin, middle), hours.spans(NEW_YORK, middle, end)
    covered = [span for part in parts for span in part]
    assert sum((b - a for a, b in whole), timedelta()) == sum((b - a for a, b in covered), timedelta())
    assert {edge for span in whole for edge in span} <= {edge for span in covered for edge in span}

"""Hours on call by kind, on the clock where the person lives."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.burden import Burden, burden, weight
from schedules.hours_text import parse_hours
from schedules.spans import Span, clip, merge
from schedules.wallclock import to_local, to_utc
from tests.schedules.cast import BERLIN, NEW_YORK, hour, utc, wall

ALWAYS = utc("2000-01-01"), utc("2100-01-01")
CHRISTMAS = date(2026, 12, 25)


def on_the_wall(zone: ZoneInfo, start: str, end: str) -> Span:
    return to_utc(wall(start), zone), to_utc(wall(end), zone)


def hours(*spans: Span, zone: ZoneInfo = BERLIN, holidays: frozenset[date] = frozenset()) -> list[float]:
    """Total, night, weekend, holiday."""
    found = burden(spans, *ALWAYS, zone, holidays)
    return [length / hour(1) for length in (found.total, found.night, found.weekend, found.holiday)]


def test_a_night_is_from_22_to_6_o_clock() -> None:
    assert hours(on_the_wall(BERLIN, "2026-01-05 18:00", "2026-01-06 10:00")) == [16, 8, 0, 0]


def test_part_of_a_night_counts_as_that_part() -> None:
    assert hours(on_the_wall(BERLIN, "2026-01-05 21:30", "2026-01-05 22:15")) == [0.75, 0.25, 0, 0]


def test_nights_are_those_where_the_person_lives() -> None:
    in_berlin = on_the_wall(BERLIN, "2026-01-05 22:00", "2026-01-06 06:00")

    assert hours(in_berlin, zone=NEW_YORK) == [8, 2, 0, 0]  # from 16:00 to midnight


@pytest.mark.parametrize(("evening", "length"), [("2026-03-07", 7), ("2026-10-31", 9), ("2026-06-06", 8)])
def test_a_night_in_which_clocks_change_lasts_as_long_as_it_lasts(evening: str, length: int) -> None:
    begin = wall(f"{evening} 22:00")
    span = to_utc(begin, NEW_YORK), to_utc(begin + hour(8), NEW_YORK)

    assert hours(span, zone=NEW_YORK)[:2] == [length, length]


@pytest.mark.parametrize(("friday", "length"), [("2026-03-27", 47), ("2026-10-23", 49), ("2026-06-05", 48)])
def test_a_weekend_is_from_midnight_to_midnight_also_when_clocks_change(friday: str, length: int) -> None:
    begin = wall(f"{friday} 20:00")
    span = to_utc(begin, BERLIN), to_utc(begin + hour(60), BERLIN)  # until Monday, 8:00

    assert hours(span)[2] == length


def test_a_holiday_is_a_day_of_the_persons_own_clock() -> None:
    span = utc("2026-12-24 22:00"), utc("2026-12-25 22:00")

    assert hours(span, holidays=frozenset({CHRISTMAS}))[3] == 23
    assert hours(span, zone=NEW_YORK, holidays=frozenset({CHRISTMAS}))[3] == 17


def test_holidays_that_follow_each_other_count_once_each() -> None:
    days = frozenset({CHRISTMAS, CHRISTMAS + timedelta(days=1)})

    assert hours(on_the_wall(BERLIN, "2026-12-25 18:00", "2026-12-27 06:00"), holidays=days)[3] == 30


def test_a_day_that_clocks_jump_over_is_no_holiday() -> None:
    samoa = ZoneInfo("Pacific/Apia")  # had no 30 December 2011
    span = on_the_wall(samoa, "2011-12-29 00:00", "2012-01-01 00:00")

    assert hours(span, zone=samoa, holidays=frozenset({date(2011, 12, 30)})) == [48, 14 + 2, 24, 0]


def test_the_kinds_overlap_and_the_total_does_not() -> None:
    sunday = date(2026, 11, 1)
    night = on_the_wall(BERLIN, "2026-11-01 00:00", "2026-11-01 06:00")

    assert hours(night, holidays=frozenset({sunday})) == [6, 6, 6, 6]


def test_who_is_on_two_levels_at_once_is_awake_once() -> None:
    first = on_the_wall(BERLIN, "2026-01-09 18:00", "2026-01-10 06:00")
    second = on_the_wall(BERLIN, "2026-01-10 00:00", "2026-01-10 12:00")

    assert hours(first, second) == hours(second, first, first) == [18, 8, 12, 0]


def test_only_the_window_counts() -> None:
    night = on_the_wall(BERLIN, "2026-01-05 18:00", "2026-01-06 10:00")
    window = on_the_wall(BERLIN, "2026-01-05 23:00", "2026-01-06 05:00")

    assert burden([night], *window, BERLIN, frozenset()) == Burden(hour(6), hour(6), hour(0), hour(0))
    assert burden([night], night[1], ALWAYS[1], BERLIN, frozenset()).total == hour(0)


BEGIN = utc("2026-01-01")
zones = st.sampled_from(
    [
        *("UTC", "America/New_York", "America/Havana", "America/Nuuk", "Africa/Cairo", "Africa/Casablanca"),
        *("Antarctica/Troll", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati"),
    ]
).map(ZoneInfo)
spans = st.builds(
    lambda start, length: (BEGIN + start * hour(0.5), BEGIN + (start + length) * hour(0.5)),
    st.integers(0, 2 * 24 * 360),
    st.integers(1, 2 * 24 * 14),
)
days = st.frozensets(st.integers(0, 380).map(lambda day: date(2026, 1, 1) + timedelta(days=day)), max_size=20)


@given(zones, spans, days)
def test_a_look_at_the_clock_each_half_hour_says_the_same(
    zone: ZoneInfo, span: Span, holidays: frozenset[date]
) -> None:
    halves = [to_local(span[0] + n * hour(0.5), zone) for n in range((span[1] - span[0]) // hour(0.5))]

    assert burden([span], *ALWAYS, zone, holidays) == Burden(
        total=len(halves) * hour(0.5),
        night=sum(local.hour >= 22 or local.hour < 6 for local in halves) * hour(0.5),
        weekend=sum(local.weekday() >= 5 for local in halves) * hour(0.5),
        holiday=sum(local.date() in holidays for local in halves) * hour(0.5),
    )


@given(zones, st.lists(spans, max_size=6), days, st.lists(st.integers(0, 24 * 380), min_size=1, max_size=3))
def test_windows_that_follow_each_other_add_up(
    zone: ZoneInfo, shifts: list[Span], holidays: frozenset[date], cuts: list[int]
) -> None:
    edges = [ALWAYS[0], *sorted(BEGIN + hour(cut) for cut in cuts), ALWAYS[1]]
    parts = [burden(shifts, start, end, zone, holidays) for start, end in pairwise(edges)]
    whole = burden(shifts, *ALWAYS, zone, holidays)

    assert whole == Burden(
        *(
            sum((getattr(part, kind) for part in parts), timedelta())
            for kind in ("total", "night", "weekend", "holiday")
        )
    )


@given(zones, st.lists(spans, max_size=6))
def test_night_and_day_make_the_total(zone: ZoneInfo, shifts: list[Span]) -> None:
    found = burden(shifts, *ALWAYS, zone, frozenset())
    daytime = [part for span in merge(shifts) for part in parse_hours("06:00-22:00").spans(zone, *span)]

    assert found.night + sum((end - start for start, end in clip(daytime, *ALWAYS)), timedelta()) == found.total


def test_the_least_burden_counts_an_hour_once_more_for_each_kind_that_it_is_of() -> None:
    def weighs(start: str, end: str, *holidays: date) -> float:
        span = on_the_wall(BERLIN, start, end)
        return weight(burden([span], *ALWAYS, BERLIN, frozenset(holidays))) / hour(1)

    assert weighs("2026-12-22 10:00", "2026-12-22 12:00") == 2
    assert weighs("2026-12-22 21:00", "2026-12-22 23:00") == 1 + 2  # an hour by day, and one at night
    assert weighs("2026-12-26 10:00", "2026-12-26 11:00") == 2  # Saturday
    assert weighs("2026-12-26 23:00", "2026-12-27 00:00") == 3
    assert weighs("2026-12-26 23:00", "2026-12-27 00:00", date(2026, 12, 26)) == 4

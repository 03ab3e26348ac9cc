from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from schedules.wallclock import offsets, skipped, to_local, to_utc
from tests.schedules.cast import NEW_YORK, TROLL, utc, wall


def test_wall_time_follows_the_zone_through_the_year() -> None:
    assert to_utc(wall("2026-01-15 10:00"), NEW_YORK) == utc("2026-01-15 15:00")
    assert to_utc(wall("2026-07-15 10:00"), NEW_YORK) == utc("2026-07-15 14:00")
    assert to_local(utc("2026-07-15 14:00"), NEW_YORK) == wall("2026-07-15 10:00")


def test_a_time_that_occurs_twice_means_the_first() -> None:
    assert to_utc(wall("2026-11-01 01:30"), NEW_YORK) == utc("2026-11-01 05:30")
    assert to_utc(wall("2026-11-01 01:30").replace(fold=1), NEW_YORK) == utc("2026-11-01 05:30")


def test_a_time_that_does_not_exist_is_read_with_the_offset_before_the_gap() -> None:
    assert to_utc(wall("2026-03-08 02:30"), NEW_YORK) == utc("2026-03-08 07:30")
    assert to_utc(wall("2026-03-29 02:30"), TROLL) == utc("2026-03-29 02:30")


def test_only_times_within_the_gap_are_skipped() -> None:
    times = ["2026-03-08 01:59", "2026-03-08 02:00", "2026-03-08 02:59", "2026-03-08 03:00", "2026-11-01 01:30"]
    assert [skipped(wall(time), NEW_YORK) for time in times] == [False, True, True, False, False]


@given(
    start=st.floats(0, 30 * 365).map(lambda days: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=days)),
    length=st.timedeltas(timedelta(0), timedelta(days=400)),
    zone=st.sampled_from(["America/New_York", "Africa/Casablanca", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]),
    share=st.floats(0, 1),
)
def test_offsets_are_those_of_every_moment(start: datetime, length: timedelta, zone: str, share: float) -> None:
    at = start + share * length
    edges, found = offsets(ZoneInfo(zone), start, start + length)

    assert edges == sorted(edges)
    assert found[bisect_right(edges, at)] == at.astimezone(ZoneInfo(zone)).utcoffset()

"""Times as people read them, on the clock of a zone that is named."""

from zoneinfo import ZoneInfo

from schedules.when import clock, moment, span
from tests.schedules.cast import NEW_YORK, utc

SAO_PAULO = ZoneInfo("America/Sao_Paulo")  # has no letters of its own


def test_a_moment_names_its_day_and_its_zone() -> None:
    assert moment(utc("2026-11-24 15:00"), NEW_YORK) == "Tue 24 Nov 10:00 (EST)"
    assert moment(utc("2026-11-24 15:00"), SAO_PAULO) == "Tue 24 Nov 12:00 (UTC-03)"


def test_the_end_of_a_span_is_without_its_day_where_that_is_the_same() -> None:
    assert span(utc("2026-11-24 15:00"), utc("2026-11-24 17:00"), NEW_YORK) == "from Tue 24 Nov 10:00 to 12:00 (EST)"
    assert span(utc("2026-11-24 15:00"), utc("2026-11-27 15:00"), NEW_YORK) == (
        "from Tue 24 Nov 10:00 to Fri 27 Nov 10:00 (EST)"
    )


def test_where_clocks_change_in_between_each_end_has_its_zone() -> None:
    said = span(utc("2026-10-31 14:00"), utc("2026-11-03 15:00"), NEW_YORK)

    assert said == "from Sat 31 Oct 10:00 EDT to Tue 3 Nov 10:00 EST"


def test_half_hours_of_a_zone_are_said_as_a_clock_has_them() -> None:
    said = span(utc("2026-04-04 14:45"), utc("2026-04-04 15:15"), ZoneInfo("Australia/Lord_Howe"))

    assert said == "from Sun 5 Apr 01:45 UTC+11 to 01:45 UTC+10:30"


def test_a_time_alone_is_told_with_its_zone_only_where_clocks_show_it_twice() -> None:
    told = [clock(utc(f"2026-11-01 0{hour}:30"), NEW_YORK) for hour in range(4, 8)]

    assert told == ["00:30", "01:30 EDT", "01:30 EST", "02:30"]
    assert clock(utc("2026-11-01 06:30"), NEW_YORK, "%H:%M:%S") == "01:30:00 EST"

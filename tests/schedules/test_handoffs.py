"""When turns begin."""

from zoneinfo import ZoneInfo

from schedules.rotation import handoff, turn_at
from schedules.types import Rotation
from schedules.wallclock import to_local
from tests.schedules.cast import ALICE, BERLIN, NEW_YORK, TROLL, hour, rotation, utc


def wall_handoffs(one: Rotation, turns: range) -> list[str]:
    return [f"{to_local(handoff(one, turn), one.zone):%m-%d %H:%M}" for turn in turns]


def test_twelve_hour_shifts_hand_off_at_eight_and_twenty_all_year() -> None:
    halves = rotation(ALICE, start="2026-01-01 08:00", shift="12 hours", zone=NEW_YORK)
    times = {time[-5:] for time in wall_handoffs(halves, range(730))}
    assert times == {"08:00", "20:00"}


def test_the_turn_in_which_clocks_change_is_an_hour_shorter_or_longer() -> None:
    days = rotation(ALICE, start="2026-03-27 10:00", shift="1 day", zone=BERLIN)
    lengths = [handoff(days, turn + 1) - handoff(days, turn) for turn in range(365)]
    assert lengths.index(hour(23)) == 1
    assert lengths.index(hour(25)) == 211
    assert set(lengths) == {hour(23), hour(24), hour(25)}


def test_months_keep_the_day_of_the_start_and_clip_at_month_end() -> None:
    months = rotation(ALICE, start="2026-01-31 09:00", shift="1 month", zone=BERLIN)
    assert wall_handoffs(months, range(5)) == [
        "01-31 09:00",
        "02-28 09:00",
        "03-31 09:00",
        "04-30 09:00",
        "05-31 09:00",
    ]


def test_a_leap_year_gives_february_its_day() -> None:
    months = rotation(ALICE, start="2028-01-31 09:00", shift="1 month", zone=BERLIN)
    assert wall_handoffs(months, range(1, 2)) == ["02-29 09:00"]


def test_a_cycle_uses_its_durations_in_turn() -> None:
    week = rotation(ALICE, start="2026-01-05 10:00", shift="4 days, 3 days", zone=NEW_YORK)
    assert wall_handoffs(week, range(5)) == [
        "01-05 10:00",
        "01-09 10:00",
        "01-12 10:00",
        "01-16 10:00",
        "01-19 10:00",
    ]


def test_a_cycle_may_mix_months_with_days() -> None:
    mixed = rotation(ALICE, start="2026-01-31 10:00", shift="1 month, 1 day", zone=NEW_YORK)
    assert wall_handoffs(mixed, range(5)) == [
        "01-31 10:00",
        "02-28 10:00",
        "03-01 10:00",
        "04-01 10:00",
        "04-02 10:00",
    ]


def test_a_handoff_that_clocks_jump_over_is_read_with_the_offset_before() -> None:
    days = rotation(ALICE, start="2026-03-07 02:30", shift="1 day", zone=NEW_YORK)
    assert wall_handoffs(days, range(3)) == ["03-07 02:30", "03-08 03:30", "03-09 02:30"]


def test_a_handoff_that_clocks_show_twice_is_at_the_first() -> None:
    days = rotation(ALICE, start="2026-10-31 01:30", shift="1 day", zone=NEW_YORK)
    assert handoff(days, 1) == utc("2026-11-01 05:30")


def test_turns_within_a_two_hour_gap_are_empty_and_never_overlap() -> None:
    hours = rotation(ALICE, start="2026-03-29 00:30", shift="1 hour", zone=TROLL)  # clocks jump from 01:00 to 03:00
    handoffs = [handoff(hours, turn) for turn in range(5)]
    assert handoffs == [utc(f"2026-03-29 {time}") for time in ("00:30", "01:30", "01:30", "01:30", "02:30")]
    assert turn_at(hours, utc("2026-03-29 01:29")) == 0
    assert turn_at(hours, utc("2026-03-29 01:30")) == 3


def test_handoffs_stay_in_order_when_a_whole_day_is_skipped() -> None:
    apia = ZoneInfo("Pacific/Apia")  # had no 30 December 2011
    halves = rotation(ALICE, start="2011-12-29 08:00", shift="12 hours", zone=apia)
    handoffs = [handoff(halves, turn) for turn in range(8)]
    assert handoffs == sorted(handoffs)
    assert wall_handoffs(halves, range(4, 6)) == ["12-31 08:00", "12-31 20:00"]


def test_nothing_runs_before_the_start() -> None:
    days = rotation(ALICE, zone=NEW_YORK)
    assert turn_at(days, utc("2026-01-05 14:59:59")) is None
    assert turn_at(days, utc("2026-01-05 15:00")) == 0


def test_every_turn_runs_from_its_handoff_to_the_next() -> None:
    for shift in (
        "1 hour",
        "12 hours",
        "3 days",
        "1 week",
        "1 month",
        "5 months",
        "2 months, 1 hour",
        "4 days, 3 days",
    ):
        one = rotation(ALICE, start="2026-01-31 02:30", shift=shift, zone=NEW_YORK)
        for turn in (0, 1, 2, 7, 400):
            at = handoff(one, turn)
            assert turn_at(one, at) == turn
            assert turn_at(one, handoff(one, turn + 1) - hour(0.001)) == turn


def test_a_turn_far_away_is_found_without_counting_to_it() -> None:
    hours = rotation(ALICE, start="1970-01-01 00:00", shift="1 hour")
    assert turn_at(hours, utc("2970-01-01 00:00")) == 8765832

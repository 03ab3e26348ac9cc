"""Several rotations on one level: the last in the list wins where it applies."""

from schedules.resolve import final_shifts, gaps
from schedules.types import Gap
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, rotation, schedule, told, utc

WEEK = (utc("2026-01-05"), utc("2026-01-12"))


def test_a_later_rotation_wins_within_its_hours_and_the_one_below_shows_through() -> None:
    always = rotation(ALICE, BOB, start="2026-01-05 00:00", shift="1 week")
    office = rotation(CAROL, name="office", start="2026-01-05 00:00", shift="1 week", hours="Wed 09:00-17:00")
    assert told(final_shifts(schedule(always, office), *WEEK)) == [
        "alice 05 00:00 - 07 09:00",
        "carol 07 09:00 - 07 17:00",
        "alice 07 17:00 - 12 00:00",
    ]


def test_a_rotation_that_is_over_or_yet_to_start_lets_the_one_below_through() -> None:
    always = rotation(ALICE, start="2026-01-05 00:00", shift="1 week")
    brief = rotation(CAROL, start="2026-01-06 00:00", shift="3 days", until="2026-01-07 12:00")
    assert told(final_shifts(schedule(always, brief), *WEEK)) == [
        "alice 05 00:00 - 06 00:00",
        "carol 06 00:00 - 07 12:00",
        "alice 07 12:00 - 12 00:00",
    ]


def test_a_rotation_without_members_lets_the_one_below_through() -> None:
    always = rotation(ALICE, start="2026-01-05 00:00", shift="1 week")
    assert told(final_shifts(schedule(always, rotation()), *WEEK)) == ["alice 05 00:00 - 12 00:00"]


def test_a_rotation_wins_only_on_its_own_levels() -> None:
    both = rotation(ALICE, BOB, levels="L1 L2", start="2026-01-05 00:00", shift="1 week")
    second = rotation(DAVE, levels="L2", start="2026-01-05 00:00", shift="1 week")
    shifts = final_shifts(schedule(both, second), *WEEK)
    assert [(shift.level, shift.person) for shift in shifts] == [("L1", ALICE), ("L2", DAVE)]


def test_hours_that_go_on_past_midnight_are_one_shift_but_turns_are_not_joined() -> None:
    weekend = rotation(ALICE, start="2026-01-05 00:00", shift="1 day", hours="Sat,Sun")
    weekly = rotation(ALICE, start="2026-01-05 00:00", shift="1 week", hours="Sat,Sun")
    assert told(final_shifts(schedule(weekend), *WEEK)) == ["alice 10 00:00 - 11 00:00", "alice 11 00:00 - 12 00:00"]
    assert told(final_shifts(schedule(weekly), *WEEK)) == ["alice 10 00:00 - 12 00:00"]


def test_shifts_are_sorted_by_start_and_then_by_level() -> None:
    pair = rotation(ALICE, BOB, levels="L2 L1", start="2026-01-05 00:00", shift="5 days")
    shifts = final_shifts(schedule(pair), *WEEK)
    assert [(shift.start.day, shift.level) for shift in shifts] == [(5, "L1"), (5, "L2"), (10, "L1"), (10, "L2")]


def test_until_cuts_the_last_turn_and_leaves_a_gap() -> None:
    one = schedule(rotation(ALICE, start="2026-01-06 00:00", shift="3 days", until="2026-01-08 00:00"), levels="L1")
    assert told(final_shifts(one, *WEEK)) == ["alice 06 00:00 - 08 00:00"]
    assert gaps(one, *WEEK) == [
        Gap("L1", utc("2026-01-05"), utc("2026-01-06")),
        Gap("L1", utc("2026-01-08"), utc("2026-01-12")),
    ]


def test_nobody_outside_of_the_hours_that_are_meant_to_be_covered_is_no_gap() -> None:
    late = rotation(ALICE, start="2026-01-05 00:00", hours="Mon-Fri 10:00-17:00")
    one = schedule(late, levels="L1", zone="America/New_York", covers="Mon-Tue 09:00-17:00")
    assert gaps(one, *WEEK) == [
        Gap("L1", utc("2026-01-05 14:00"), utc("2026-01-05 15:00")),
        Gap("L1", utc("2026-01-06 14:00"), utc("2026-01-06 15:00")),
    ]


def test_a_level_that_nobody_takes_is_a_gap_from_end_to_end() -> None:
    one = schedule(rotation(ALICE, start="2026-01-05 00:00"))
    assert gaps(one, *WEEK) == [Gap("L2", *WEEK)]


def test_a_schedule_without_rotations_is_all_gap() -> None:
    assert final_shifts(schedule(), *WEEK) == []
    assert gaps(schedule(levels="L1"), *WEEK) == [Gap("L1", *WEEK)]

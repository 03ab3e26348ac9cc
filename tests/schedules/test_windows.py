"""A shift is the same whatever window it is asked through."""

from schedules.resolve import final_shifts, on_call_at
from tests.schedules.cast import ALICE, BOB, CAROL, override, rotation, schedule, told, utc

MONTHLY = rotation(ALICE, BOB, start="2026-01-01 00:00", shift="1 month")
OFFICE = rotation(CAROL, name="office", start="2026-01-01 00:00", shift="1 week", hours="Mon 09:00-17:00")


def test_shifts_are_not_clipped_to_the_window() -> None:
    shifts = final_shifts(schedule(MONTHLY), utc("2026-01-15"), utc("2026-01-16"))
    assert told(shifts) == ["alice 01 00:00 - 01 00:00"]


def test_cuts_outside_the_window_are_seen() -> None:
    one = schedule(MONTHLY, OFFICE, overrides=(override(BOB, "2026-01-14", "2026-01-14 06:00"),))
    assert told(final_shifts(one, utc("2026-01-15"), utc("2026-01-16"))) == ["alice 14 06:00 - 19 09:00"]


def test_the_window_is_half_open() -> None:
    days = schedule(rotation(ALICE, BOB, start="2026-01-01 00:00", shift="1 day"))
    assert told(final_shifts(days, utc("2026-01-02"), utc("2026-01-03"))) == ["bob 02 00:00 - 03 00:00"]


def test_an_empty_window_has_no_shifts() -> None:
    assert final_shifts(schedule(MONTHLY), utc("2026-01-15"), utc("2026-01-15")) == []
    assert final_shifts(schedule(MONTHLY), utc("2026-01-16"), utc("2026-01-15")) == []


def test_exactly_one_person_is_on_at_the_second_of_a_handoff() -> None:
    days = schedule(rotation(ALICE, BOB, start="2026-01-01 00:00", shift="1 day"), levels="L1")
    [before], [at] = (on_call_at(days, utc(time))["L1"] for time in ("2026-01-01 23:59:59.999999", "2026-01-02 00:00"))
    assert (before.person, at.person) == (ALICE, BOB)
    assert before.end == at.start

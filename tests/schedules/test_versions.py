"""Two versions of one rotation: each counts while it was in force, and nothing is on twice or lost between them."""

from dataclasses import replace
from datetime import UTC, datetime

from schedules.experience import experience
from schedules.resolve import final_shifts, gaps, on_call_at
from schedules.types import Schedule
from tests.schedules.cast import ALICE, BOB, CAROL, rotation, schedule, told, utc

WEEK = (utc("2026-01-05"), utc("2026-01-12"))
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MADE, EDITED = utc("2026-01-01"), utc("2026-01-08 12:00")


def edited(first_shift_level: str | None = None) -> Schedule:
    """A turn a day until noon of the eighth, then turns of two days, in a schedule made on the first."""
    days = rotation(ALICE, BOB, start="2026-01-01 00:00", shift="1 day", first_shift_level=first_shift_level)
    pairs = rotation(CAROL, BOB, start="2026-01-01 00:00", shift="2 days", first_shift_level=first_shift_level)
    return schedule(replace(days, in_force=((MADE, EDITED),)), replace(pairs, in_force=((FIRST, MADE), (EDITED, LAST))))


def test_what_was_stays_and_the_edit_counts_from_its_moment() -> None:
    assert told(final_shifts(edited(), *WEEK)) == [
        "alice 05 00:00 - 06 00:00",
        "bob 06 00:00 - 07 00:00",
        "alice 07 00:00 - 08 00:00",
        "bob 08 00:00 - 08 12:00",
        "bob 08 12:00 - 09 00:00",
        "carol 09 00:00 - 11 00:00",
        "bob 11 00:00 - 13 00:00",
    ]
    assert [gap for gap in gaps(edited(), *WEEK) if gap.level == "L1"] == []


def test_at_the_moment_of_the_edit_there_is_one_person_of_the_new_version() -> None:
    (shift,) = on_call_at(edited(), EDITED)["L1"]
    assert (shift.person, shift.start, shift.end) == (BOB, EDITED, utc("2026-01-09"))


def test_turns_that_never_were_give_no_experience() -> None:
    known = experience(edited(first_shift_level="L1"))
    assert known.first_timers("L1", EDITED) == {CAROL}  # her turns of the new version before the edit were nobody's
    assert known.first_timers("L1", utc("2026-01-11")) == frozenset()

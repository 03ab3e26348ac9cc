"""A schedule that makes no sense says what to write instead."""

from dataclasses import replace

import pytest

from schedules.errors import ScheduleError
from schedules.hours import Hours
from schedules.types import Override, Rotation, Schedule
from schedules.validation import problems, validate
from tests.schedules.cast import ALICE, BOB, override, rotation, schedule, utc, wall


def test_a_sound_schedule_has_no_problems() -> None:
    one = schedule(
        rotation(ALICE, BOB, levels="L1 L2", until="2027-01-01", hours="Mon-Fri", first_shift_level="L1"),
        overrides=(override(BOB, "2026-02-01", "2026-02-02"),),
    )
    assert problems(one) == []
    validate(one)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (rotation(ALICE, until="2026-01-05 10:00"), "ends (2026-01-05 10:00) before it starts (2026-01-05 10:00)."),
        (rotation(ALICE, levels="L3"), "is on level L3, which the schedule does not have: write L1 or L2."),
        (rotation(ALICE, levels=""), "has no levels: name at least one of the schedule's."),
        (rotation(ALICE, levels="L1 L1"), "lists level L1 twice."),
        (rotation(ALICE, BOB, ALICE), "lists alice twice."),
        (rotation(ALICE, first_shift_level="L2"), "sends first-timers to L2, where it is not: write L1."),
        (replace(rotation(ALICE), shift=()), 'does not say how long a shift lasts: write "3 days".'),
        (replace(rotation(ALICE), start=utc("2026-01-05")), "has a start or until with an offset: write the time on"),
        (replace(rotation(ALICE), hours=Hours(())), "has no hours in the week"),
    ],
)
def test_a_rotation_says_what_is_wrong_with_it(wrong: Rotation, sentence: str) -> None:
    (problem,) = problems(schedule(wrong))
    assert problem.startswith(f"dev: rotation developers {sentence}")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (override(BOB, "2026-02-02", "2026-02-01"), "the override for bob ends at"),
        (override(BOB, "2026-02-02", "2026-02-02"), "the override for bob ends at"),
        (override(BOB, "2026-02-01", "2026-02-02", level="L9"), "an override puts bob on level L9, which the schedule"),
        (Override("L1", BOB, wall("2026-02-01"), wall("2026-02-02")), "the override for bob has a time without an"),
    ],
)
def test_an_override_says_what_is_wrong_with_it(wrong: Override, sentence: str) -> None:
    (problem,) = problems(schedule(overrides=(wrong,)))
    assert problem.startswith(f"dev: {sentence}")


def test_a_schedule_needs_levels_and_distinct_names() -> None:
    assert problems(schedule(levels="")) == ["dev: has no levels: name at least one, like L1."]
    assert problems(schedule(levels="L1 L1")) == ["dev: level L1 is listed twice."]
    assert problems(schedule(rotation(ALICE), rotation(BOB))) == [
        "dev: two rotations are called developers: rename one."
    ]


def test_all_problems_are_told_at_once() -> None:
    wrong: Schedule = schedule(rotation(ALICE, ALICE, levels="L3"))
    with pytest.raises(ScheduleError, match=r"L3.*lists alice twice"):
        validate(wrong)

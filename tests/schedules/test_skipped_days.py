"""Days that are neither worked nor counted, so that nobody is skipped with them."""

import pytest

from schedules.resolve import final_shifts, gaps
from schedules.rotation import handoff, turn_at
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, ERIN, FRANK, NEW_YORK, hour, rotation, schedule, told, utc

WEEKEND = (5, 6)
TWO_WEEKS = (utc("2026-01-05"), utc("2026-01-19"))


def test_daily_turns_go_on_after_the_weekend_with_whoever_is_next() -> None:
    six = rotation(ALICE, BOB, CAROL, DAVE, ERIN, FRANK, start="2026-01-05 00:00", shift="1 day", skip=WEEKEND)
    assert [line.split()[0] for line in told(final_shifts(schedule(six, levels="L1"), *TWO_WEEKS))] == [
        *(ALICE, BOB, CAROL, DAVE, ERIN),
        *(FRANK, ALICE, BOB, CAROL, DAVE),
    ]


def test_nobody_is_on_while_the_days_are_skipped() -> None:
    one = schedule(rotation(ALICE, BOB, start="2026-01-05 09:00", shift="3 days", skip=WEEKEND), levels="L1")
    assert told(final_shifts(one, *TWO_WEEKS)) == [
        "alice 05 09:00 - 08 09:00",
        "bob 08 09:00 - 10 09:00",  # Thursday and Friday, until the day that begins on Saturday
        "bob 12 09:00 - 13 09:00",
        "alice 13 09:00 - 16 09:00",
        "bob 16 09:00 - 17 09:00",
    ]
    assert [f"{gap.start:%d %H:%M} - {gap.end:%d %H:%M}" for gap in gaps(one, *TWO_WEEKS)] == [
        "05 00:00 - 05 09:00",
        "10 09:00 - 12 09:00",
        "17 09:00 - 19 00:00",
    ]


def test_somebody_else_can_have_the_weekends() -> None:
    weekends = rotation(CAROL, DAVE, name="weekends", start="2026-01-05 00:00", shift="1 week")
    week = rotation(ALICE, BOB, start="2026-01-05 00:00", shift="5 days", skip=WEEKEND)
    assert told(final_shifts(schedule(weekends, week, levels="L1"), *TWO_WEEKS)) == [
        "alice 05 00:00 - 10 00:00",
        "carol 10 00:00 - 12 00:00",
        "bob 12 00:00 - 17 00:00",
        "dave 17 00:00 - 19 00:00",
    ]


@pytest.mark.parametrize("skip", [(5, 6), (2,), (1, 3, 5), (0, 1, 2, 3, 4)])
@pytest.mark.parametrize("shift", ["1 day", "3 days", "4 days, 3 days", "10 days"])
def test_every_turn_runs_from_its_handoff_to_the_next(skip: tuple[int, ...], shift: str) -> None:
    day = next(day for day in range(5, 12) if (day - 5) % 7 not in skip)
    one = rotation(ALICE, start=f"2026-01-{day:02} 02:30", shift=shift, skip=skip, zone=NEW_YORK)
    for turn in (0, 1, 2, 7, 400):
        assert turn_at(one, handoff(one, turn)) == turn
        assert turn_at(one, handoff(one, turn + 1) - hour(0.001)) == turn

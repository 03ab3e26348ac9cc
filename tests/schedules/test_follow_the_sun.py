"""Rotations in different zones on one level, each on call by its own day."""

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from schedules.resolve import final_shifts, gaps
from tests.schedules.cast import ALICE, BOB, CAROL, LONDON, NEW_YORK, rotation, schedule, utc

SYDNEY = ZoneInfo("Australia/Sydney")
TEAMS = (
    rotation(CAROL, name="sydney", start="2026-01-05 09:00", shift="1 week", zone=SYDNEY),
    rotation(ALICE, name="new york", start="2026-01-05 09:00", shift="1 week", hours="09:00-17:00", zone=NEW_YORK),
    rotation(BOB, name="london", start="2026-01-05 09:00", shift="1 week", hours="09:00-17:00", zone=LONDON),
)


def test_each_team_has_its_own_day_whatever_the_schedules_zone() -> None:
    sun = schedule(*TEAMS, zone="Asia/Tokyo", levels="L1")
    day = final_shifts(sun, utc("2026-01-07 00:00"), utc("2026-01-08 00:00"))
    assert [f"{shift.person} {shift.start:%d %H:%M}" for shift in day] == [
        "carol 06 22:00",
        "bob 07 09:00",
        "alice 07 17:00",
        "carol 07 22:00",
    ]


def test_nobody_is_missing_when_clocks_change_on_different_days() -> None:
    """New York changes on 8 March, London on 29 March, Sydney on 5 April: the day's parts move, and no gap opens."""
    sun = schedule(*TEAMS, levels="L1")
    start, end = utc("2026-03-01"), utc("2026-04-12")
    assert gaps(sun, start, end) == []
    shifts = final_shifts(sun, start, end)
    assert all(one.end == other.start for one, other in pairwise(shifts))
    london = {shift.start.hour for shift in shifts if shift.person == BOB}
    assert london == {8, 9}
    assert all(shift.end - shift.start == timedelta(hours=8) for shift in shifts if shift.person == BOB)

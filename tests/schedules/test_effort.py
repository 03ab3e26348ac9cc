"""The work that a question takes is known before it is begun, and never told too small."""

from datetime import timedelta

import pytest

from schedules.effort import shifts_within, turns_until
from schedules.resolve import final_shifts
from schedules.types import Schedule
from tests.schedules.cast import ALICE, BOB, CAROL, override, rotation, schedule, utc

BEGIN, END = utc("2026-01-05 10:00"), utc("2026-02-09 10:00")


@pytest.mark.parametrize(
    ("dev", "most"),
    [
        (schedule(rotation(ALICE, BOB, levels="L1 L2")), 30),
        (schedule(rotation(ALICE, BOB, shift="1 hour", until="2026-01-06 10:00")), 30),
        (schedule(rotation(ALICE, BOB, shift="4 days, 3 days", start="2020-01-01")), 20),
        (schedule(rotation(ALICE, BOB, shift="1 month", hours="Mon-Fri 09:00-12:00, 13:00-17:00")), 150),
        (schedule(rotation(ALICE, shift="1 week"), overrides=(override(BOB, "2026-01-07", "2026-01-08"),) * 3), 12),
        (schedule(rotation(), rotation(ALICE, name="later", start="2027-01-01")), 0),
    ],
)
def test_shifts_are_counted_nearly_and_none_is_missed(dev: Schedule, most: int) -> None:
    assert len(final_shifts(dev, BEGIN, END)) <= shifts_within(dev, BEGIN, END) <= most


def test_turns_are_followed_from_the_start_where_the_rule_is_on() -> None:
    long_ago = rotation(ALICE, BOB, CAROL, levels="L1 L2", start="2016-01-05 10:00", shift="1 day")
    ruled = rotation(ALICE, BOB, name="ruled", levels="L1 L2", first_shift_level="L1", shift="1 week")

    assert turns_until(schedule(long_ago), END) == 0
    assert turns_until(schedule(long_ago, ruled), END) == (END - utc("2016-01-05 10:00")) // timedelta(days=1) + 1 + 6

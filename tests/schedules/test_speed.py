"""How long the two questions take, to be read with `pytest -s`. Nothing is asserted: machines differ."""

from datetime import timedelta
from random import Random
from time import perf_counter

from schedules.resolve import final_shifts, on_call_at
from schedules.types import Schedule
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, NEW_YORK, hour, override, rotation, schedule, utc

YEAR = (utc("2026-01-01"), utc("2027-01-01"))
PEOPLE = (ALICE, BOB, CAROL, DAVE)


def busy_schedule(random: Random) -> Schedule:
    """Eight rotations with hours, 200 overrides."""
    rotations = (
        rotation(
            *PEOPLE, name=str(i), start="2025-12-01 09:00", shift="1 week", hours=f"Mon-Fri {9 + i}:00-{10 + i}:00"
        )
        for i in range(8)
    )
    begins = (utc("2026-01-01") + hour(random.randrange(365 * 24)) for _ in range(200))
    made = (override(random.choice(PEOPLE), at.isoformat(), (at + hour(12)).isoformat()) for at in begins)
    return schedule(*rotations, overrides=tuple(made), zone=NEW_YORK, levels="L1")


def test_a_year_of_shifts_and_who_is_on_call_now() -> None:
    random = Random(1)
    for _ in range(3):  # the schedule is new each time, as it is when it comes from the database
        dev = busy_schedule(random)
        begin = perf_counter()
        shifts = final_shifts(dev, *YEAR)
        print(f"\na year, {len(shifts)} shifts: {(perf_counter() - begin) * 1e3:.1f} ms")
    begin = perf_counter()
    for _ in range(1000):
        on_call_at(dev, YEAR[0] + timedelta(seconds=random.randrange(365 * 86400)))
    print(f"on call at: {(perf_counter() - begin) * 1e3:.0f} us")

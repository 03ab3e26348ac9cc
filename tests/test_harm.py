"""What would get worse, of the time that is still to come."""

from datetime import timedelta

from oncall.harm import Look, Pair, harm
from schedules.types import Schedule, Shift
from schedules.worse import Picture
from tests.schedules.cast import ALICE, BOB, UTC_ZONE, utc

NOW = utc("2026-01-10")
DAY = timedelta(days=1)
LOOK = Look(NOW, NOW + 90 * DAY, NOW + 56 * DAY, goes_on=True)
NAMES = {ALICE: "Alice Archer", BOB: "Bob Baker"}


def worse(before: list[Shift], after: list[Shift]) -> list[str]:
    plan = Schedule("dev", UTC_ZONE, ("L1", "L2"))
    people = frozenset(NAMES)
    return harm([Pair(plan, 24, Picture(before, people), Picture(after, people))], [], NAMES, LOOK)


def shift(person: str, day: int, level: str = "L1") -> Shift:
    return Shift("dev", level, person, utc("2026-01-01") + day * DAY, utc("2026-01-02") + day * DAY, "rotation", "all")


def test_rest_and_double_bookings_of_the_past_harm_nobody() -> None:
    before = [shift(ALICE, 0), shift(BOB, 1)]
    assert worse(before, [shift(ALICE, 0), shift(ALICE, 1)]) == []
    assert worse(before, [shift(ALICE, 0), shift(BOB, 1), shift(BOB, 1, "L2")]) == []


def test_the_same_to_come_does() -> None:
    before = [shift(ALICE, 20), shift(BOB, 21)]
    assert worse(before, [shift(ALICE, 20), shift(ALICE, 21)]) == [
        "Alice Archer would have less than 24 h of rest before Thu 22 Jan 00:00 UTC."
    ]
    assert worse(before, [shift(ALICE, 20), shift(BOB, 21), shift(BOB, 21, "L2")]) == [
        "Bob Baker would be on dev L1 and dev L2 at once from Thu 22 Jan 00:00 UTC to Fri 23 Jan 00:00 UTC."
    ]

"""What would get worse, of the time that is still to come."""

from datetime import timedelta

from oncall.rota.harm import Look, Pair, harm
from schedules.types import Schedule, Shift
from schedules.worse import Picture
from tests.schedules.cast import ALICE, BOB, UTC_ZONE, rotation, schedule, utc

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


def test_whoever_is_put_on_by_hand_is_told_to_be_too_new_for_it() -> None:
    """Bob has finished no shift on L1, which is where first-timers belong."""
    plan = schedule(rotation(ALICE, levels="L1 L2", first_shift_level="L1"), experienced=(ALICE,))
    turns, swapped = [shift(BOB, 20), shift(ALICE, 20, "L2")], [shift(ALICE, 20), shift(BOB, 20, "L2")]

    def said(*named: str) -> list[str]:
        people = frozenset(NAMES)
        look = Look(NOW, NOW + 90 * DAY, NOW + 56 * DAY, named)
        return harm([Pair(plan, 0, Picture(turns, people), Picture(swapped, people))], [], NAMES, look)

    assert said(BOB) == [
        "Bob Baker, who would be on dev L2 from Wed 21 Jan 00:00 UTC to Thu 22 Jan 00:00 UTC, has finished no shift "
        "on dev L1 yet, and first-timers are L1 only."
    ]
    assert said() == said(ALICE) == []

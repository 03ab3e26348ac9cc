"""Whoever took a shift by a swap keeps it when the turns under it change: alice, bob and carol take turns of a day."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from schedules.promises import kept
from schedules.resolve import final_shifts
from schedules.types import Override, Schedule
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, ERIN, hour, rotation, schedule, utc

NOW = utc("2026-01-05 12:00")
DAY = 24 * hour(1)


def daily(*members: str, swaps: tuple[Override, ...] = (), until: str | None = None) -> Schedule:
    """From the 5th on, 10:00."""
    return replace(schedule(rotation(*members, shift="1 day", until=until)), overrides=swaps)


def swap(taker: str, giver: str, day: int, hours: int = 24) -> Override:
    start = utc("2026-01-05 10:00") + (day - 5) * DAY
    return Override("L1", taker, start, start + hour(hours), off=giver, source="swap")


def on(dev: Schedule, at: datetime) -> set[str]:
    return {shift.person for shift in final_shifts(dev, at, at + datetime.resolution)}


def changed(before: Schedule, *members: str, until: str | None = None) -> Schedule:
    after = daily(*members, swaps=before.overrides, until=until)
    return replace(after, overrides=(*after.overrides, *kept(before, after, NOW)))


def test_the_taker_relieves_whoever_has_the_turn_now_instead_of_the_giver() -> None:
    before = daily(ALICE, BOB, CAROL, swaps=(swap(DAVE, BOB, 6),))
    assert kept(before, daily(ALICE, CAROL, BOB, swaps=before.overrides), NOW) == [swap(DAVE, CAROL, 6)]
    assert on(changed(before, ALICE, CAROL, BOB), utc("2026-01-06 12:00")) == {DAVE}


def test_of_a_trade_both_keep_what_they_took() -> None:
    before = daily(ALICE, BOB, CAROL, DAVE, swaps=(swap(BOB, ALICE, 9), swap(ALICE, BOB, 6)))
    after = changed(before, ALICE, CAROL, DAVE, BOB, ERIN)
    assert on(after, utc("2026-01-06 12:00")) == {ALICE}
    assert on(after, utc("2026-01-09 12:00")) == {BOB}


def test_only_the_part_that_was_agreed_on_is_kept() -> None:
    after = changed(daily(ALICE, BOB, CAROL, swaps=(swap(DAVE, BOB, 6, hours=5),)), ALICE, CAROL, BOB)
    assert on(after, utc("2026-01-06 14:59")) == {DAVE}
    assert on(after, utc("2026-01-06 15:00")) == {CAROL}


def test_a_taker_whose_own_turn_it_is_now_needs_nothing() -> None:
    before = daily(ALICE, BOB, CAROL, swaps=(swap(DAVE, BOB, 6),))
    assert kept(before, daily(ALICE, DAVE, CAROL, swaps=before.overrides), NOW) == []


def test_where_nobody_has_the_turn_any_more_the_taker_is_off_too() -> None:
    after = changed(daily(ALICE, BOB, CAROL, swaps=(swap(DAVE, BOB, 6),)), ALICE, until="2026-01-06 10:00")
    assert on(after, utc("2026-01-06 12:00")) == set()


def test_what_has_been_swapped_back_is_nobody_s_promise() -> None:
    before = daily(ALICE, BOB, CAROL, swaps=(swap(DAVE, BOB, 6), swap(BOB, DAVE, 6)))
    assert kept(before, daily(ALICE, CAROL, BOB, swaps=before.overrides), NOW) == []


def test_what_is_over_stays_as_it_was() -> None:
    before = daily(ALICE, BOB, CAROL, swaps=(swap(DAVE, ALICE, 5),))
    (override,) = kept(before, daily(CAROL, ALICE, BOB, swaps=before.overrides), NOW)
    assert (override.start, override.end, override.off) == (NOW, utc("2026-01-06 10:00"), CAROL)


def test_what_the_change_itself_gives_back_is_kept_for_nobody() -> None:
    before = daily(ALICE, BOB, CAROL, swaps=(swap(DAVE, BOB, 6),))
    after = daily(ALICE, CAROL, BOB, swaps=(*before.overrides, swap(BOB, DAVE, 6)))
    assert kept(before, after, NOW) == []


orders = st.permutations([ALICE, BOB, CAROL, DAVE])


@given(orders, orders, st.sets(st.integers(6, 13), min_size=1))
def test_in_whatever_order_takers_keep_their_days_alone(old: list[str], new: list[str], days: set[int]) -> None:
    swaps = tuple(swap(ERIN, old[(day - 5) % 4], day) for day in sorted(days))
    after = changed(daily(*old, swaps=swaps), *new)
    assert {day for day in range(5, 15) if on(after, utc("2026-01-05 12:00") + (day - 5) * DAY) == {ERIN}} == days

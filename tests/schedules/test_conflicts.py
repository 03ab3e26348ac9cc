"""Nobody is on two levels at once, or on again too soon, without its being said."""

from datetime import timedelta
from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.conflicts import DoubleBooking, double_bookings, short_rests
from schedules.resolve import final_shifts
from schedules.types import Shift, Source
from tests.schedules.cast import ALICE, BOB, CAROL, hour, override, rotation, schedule, utc

START = utc("2026-01-05")


def shift(
    person: str, start: int, end: int, level: str = "L1", name: str = "dev", source: Source = "rotation"
) -> Shift:
    of = "developers" if source == "rotation" else None
    return Shift(name, level, person, START + hour(start), START + hour(end), source, of)


def taken(person: str, start: int, end: int) -> Shift:
    return shift(person, start, end, source="override")


def rests(*shifts: Shift, least: float = 12) -> list[tuple[str, int, int]]:
    """Who rests too shortly, from when until when, in hours."""
    return [
        (pair.after.person, (pair.before.end - START) // hour(1), (pair.after.start - START) // hour(1))
        for pair in short_rests(shifts, hour(least))
    ]


def test_one_person_on_two_levels_is_booked_twice_for_as_long_as_both_last() -> None:
    first, second = shift(ALICE, 0, 24), shift(ALICE, 12, 36, "L2")

    assert double_bookings([second, first]) == [DoubleBooking(first, second, START + hour(12), START + hour(24))]


def test_so_is_one_on_two_schedules_whose_levels_have_one_name() -> None:
    assert len(double_bookings([shift(ALICE, 0, 24), shift(ALICE, 0, 24, name="ops")])) == 1


def test_three_at_once_are_three_pairs() -> None:
    assert len(double_bookings([shift(ALICE, 0, 24, level) for level in ("L1", "L2", "L3")])) == 3


def test_others_and_shifts_that_only_touch_are_no_double_booking() -> None:
    assert double_bookings([shift(ALICE, 0, 24), shift(BOB, 0, 24, "L2"), shift(ALICE, 24, 48, "L2")]) == []


def test_rest_shorter_than_the_least_is_found_and_just_enough_is_not() -> None:
    assert rests(shift(ALICE, 0, 24), shift(ALICE, 35, 48)) == [(ALICE, 24, 35)]
    assert rests(shift(ALICE, 0, 24), shift(ALICE, 36, 48)) == []


@pytest.mark.parametrize("source", ["override", "swap", "temporary"])
def test_whoever_is_relieved_for_a_while_is_warned_of_no_short_rest(source: Source) -> None:
    relief = shift(BOB, 8, 12, source=source)

    assert rests(shift(ALICE, 0, 8), relief, shift(ALICE, 12, 24)) == []
    assert rests(shift(ALICE, 0, 8), shift(ALICE, 12, 24)) == [(ALICE, 8, 12)]


def test_rest_counts_across_levels_and_schedules() -> None:
    assert rests(shift(ALICE, 0, 24), shift(ALICE, 26, 48, "L2")) == [(ALICE, 24, 26)]
    assert rests(shift(ALICE, 0, 24), shift(ALICE, 26, 48, name="ops")) == [(ALICE, 24, 26)]


def test_no_rule_finds_nothing() -> None:
    assert rests(shift(ALICE, 0, 24), shift(ALICE, 24, 48), least=0) == []


def test_two_turns_in_a_row_are_no_rest_at_all() -> None:
    assert rests(shift(ALICE, 0, 24), shift(ALICE, 24, 48)) == [(ALICE, 24, 24)]


def test_taking_the_turn_next_to_ones_own_is_no_rest_at_all() -> None:
    assert rests(shift(ALICE, 0, 24), taken(ALICE, 24, 48)) == [(ALICE, 24, 24)]


def test_two_overrides_in_a_row_are_no_rest_at_all() -> None:
    assert rests(taken(ALICE, 0, 10), taken(ALICE, 10, 20)) == [(ALICE, 10, 10)]


@pytest.mark.parametrize("source", ["override", "swap", "temporary"])
def test_an_override_amid_ones_own_turn_changes_nothing(source: Source) -> None:
    turn = shift(ALICE, 0, 10), shift(ALICE, 14, 24)
    assert rests(*turn, shift(ALICE, 10, 14, source=source)) == []
    assert rests(*turn, taken(BOB, 10, 12), shift(ALICE, 12, 14, source=source)) == []
    assert rests(*turn, shift(ALICE, 10, 14, source=source), shift(ALICE, 30, 40)) == [(ALICE, 24, 30)]


def test_being_relieved_within_a_shift_is_no_short_rest() -> None:
    assert rests(shift(ALICE, 0, 10), taken(BOB, 10, 11), taken(CAROL, 11, 12), shift(ALICE, 12, 24)) == []
    assert rests(taken(ALICE, 0, 10), taken(BOB, 10, 12), taken(ALICE, 12, 24)) == []


def test_relief_must_last_all_the_time_between_and_be_on_the_same_level() -> None:
    assert rests(shift(ALICE, 0, 10), taken(BOB, 10, 11), shift(ALICE, 12, 24)) == [(ALICE, 10, 12)]
    elsewhere = shift(BOB, 10, 12, "L2", source="override")
    assert rests(shift(ALICE, 0, 10), elsewhere, shift(ALICE, 12, 24)) == [(ALICE, 10, 12)]


def test_a_turn_of_another_rotation_after_relief_is_another_shift() -> None:
    assert rests(shift(ALICE, 0, 10), taken(BOB, 10, 12), taken(ALICE, 12, 24)) == [(ALICE, 10, 12)]


def test_after_a_double_booking_rest_begins_when_the_last_of_the_two_ends() -> None:
    assert rests(shift(ALICE, 0, 48), shift(ALICE, 10, 20, "L2"), shift(ALICE, 50, 60)) == [(ALICE, 48, 50)]


def test_shifts_as_the_engine_gives_them() -> None:
    dev = schedule(
        rotation(ALICE, BOB, CAROL, levels="L1 L2", shift="1 day"),
        overrides=(override(ALICE, "2026-01-06 10:00", "2026-01-07 10:00"),),  # bob's turn, after her own
    )
    shifts = final_shifts(dev, utc("2026-01-05 10:00"), utc("2026-01-08 10:00"))

    assert [(pair.after.person, pair.after.level, pair.after.start) for pair in short_rests(shifts, hour(1))] == [
        (ALICE, "L1", utc("2026-01-06 10:00")),  # her own turn on L1 before
        (ALICE, "L2", utc("2026-01-07 10:00")),  # bob's turn before
        (CAROL, "L1", utc("2026-01-07 10:00")),  # L2 before
    ]
    assert double_bookings(shifts) == []


people, levels = st.sampled_from([ALICE, BOB, CAROL]), st.sampled_from(["L1", "L2", "L3"])
names, sources = st.sampled_from(["dev", "ops"]), st.sampled_from(["rotation", "override"])
any_shift = st.builds(
    lambda person, start, length, level, name, source: shift(person, start, start + length, level, name, source),
    *(people, st.integers(0, 60), st.integers(1, 12), levels, names, sources),
)


@st.composite
def any_shifts(draw: st.DrawFn) -> list[Shift]:
    """As final shifts are: on one level of one schedule one at a time."""
    kept: list[Shift] = []
    for new in draw(st.lists(any_shift, max_size=30)):
        same = [old for old in kept if (old.schedule, old.level) == (new.schedule, new.level)]
        if all(new.end <= old.start or old.end <= new.start for old in same):
            kept.append(new)
    return draw(st.permutations(kept))


@given(any_shifts())
def test_double_bookings_are_those_that_comparing_every_two_shifts_finds(shifts: list[Shift]) -> None:
    expected = {
        (frozenset((one, other)), max(one.start, other.start), min(one.end, other.end))
        for one, other in combinations(shifts, 2)
        if one.person == other.person and one.start < other.end and other.start < one.end
    }

    found = double_bookings(shifts)

    assert {(frozenset((each.first, each.second)), each.start, each.end) for each in found} == expected
    assert len(found) == len(expected)
    assert [each.start for each in found] == sorted(each.start for each in found)


@given(any_shifts(), st.integers(0, 30))
def test_short_rests_are_those_that_looking_at_every_hour_finds(shifts: list[Shift], least: int) -> None:
    """Each stretch of free hours of a person between two hours on call, and each hour at which they stop and start."""
    expected = set()
    for person in {each.person for each in shifts}:
        own = but_amid_turns(shifts, [each for each in shifts if each.person == person])
        for end in {each.end for each in own}:
            if any(each.start < end < each.end for each in own):
                continue  # on another level still
            starts = [each.start for each in own if each.start >= end]
            if starts and min(starts) - end < hour(least) and not relieved(shifts, own, end, min(starts)):
                expected.add((person, end, min(starts)))

    found = short_rests(shifts, hour(least))

    assert {(pair.after.person, pair.before.end, pair.after.start) for pair in found} == expected
    assert all(pair.before.person == pair.after.person and pair.rest < hour(least) for pair in found)


def but_amid_turns(shifts: list[Shift], own: list[Shift]) -> list[Shift]:
    """Without one's overrides between two pieces of a turn, where overrides hold the level for every hour."""
    left = list(own)
    for before, after in pairwise(sorted(each for each in own if each.source == "rotation")):
        same = (before.schedule, before.level) == (after.schedule, after.level)
        hours = [before.end + hour(i) for i in range((after.start - before.end) // hour(1))]
        level = [each for each in shifts if each[:2] == before[:2] and each.source == "override"]
        if same and hours and all(any(each.start <= at < each.end for each in level) for at in hours):
            amid = [each for each in level if before.end <= each.start and each.end <= after.start]
            left = [each for each in left if each not in amid]
    return left


def relieved(shifts: list[Shift], own: list[Shift], end: object, start: object) -> bool:
    """By the same pair that is told of: where several shifts end or start at once, the last and the first by name."""
    before = max((each for each in own if each.end == end), key=lambda each: (each.start, each.schedule, each.level))
    after = min((each for each in own if each.start == start), key=lambda each: (each.end, each.schedule, each.level))
    if end == start or (before.schedule, before.level, before.rotation) != (
        after.schedule,
        after.level,
        after.rotation,
    ):
        return False
    hours = [before.end + hour(i) for i in range((after.start - before.end) // hour(1))]
    held = [each for each in shifts if each.source == "override" and each.schedule == before.schedule]
    return all(
        any(
            each.level == before.level and each.start <= at < each.end and each.person != before.person for each in held
        )
        for at in hours
    )


def test_order_does_not_matter_among_thousands() -> None:
    random = Random(1)
    shifts = [
        shift(f"p{random.randrange(150)}", at, at + 72, f"L{level}", f"s{number}")
        for number in range(250)
        for level in (1, 2)
        for at in range(0, 90 * 24, 72)
    ]
    shuffled = random.sample(shifts, len(shifts))

    assert len(shifts) == 15_000
    assert set(double_bookings(shuffled)) == set(double_bookings(shifts))
    assert set(short_rests(shuffled, timedelta(hours=12))) == set(short_rests(shifts, timedelta(hours=12)))

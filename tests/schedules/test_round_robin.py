"""Who is on which level in turn k, before anything moves people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.order import seats
from schedules.types import Rotation
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, rotation


def turns(one: Rotation, count: int) -> list[tuple[str, ...]]:
    return [tuple(person for (person,) in seats(one, turn)) for turn in range(count)]


def test_members_take_the_first_level_in_order() -> None:
    assert turns(rotation(ALICE, BOB, CAROL), 4) == [(ALICE,), (BOB,), (CAROL,), (ALICE,)]


def test_the_second_level_is_half_way_round() -> None:
    four = rotation(ALICE, BOB, CAROL, DAVE, levels="L1 L2")
    assert turns(four, 4) == [(ALICE, CAROL), (BOB, DAVE), (CAROL, ALICE), (DAVE, BOB)]


def test_a_level_offset_replaces_half_way() -> None:
    four = rotation(ALICE, BOB, CAROL, DAVE, levels="L1 L2", level_offset=1)
    assert turns(four, 2) == [(ALICE, BOB), (BOB, CAROL)]


def test_without_members_nobody_is_on() -> None:
    assert turns(rotation(levels="L1 L2"), 2) == [(), ()]


def test_a_single_member_is_on_every_level() -> None:
    assert turns(rotation(ALICE, levels="L1 L2"), 2) == [(ALICE, ALICE), (ALICE, ALICE)]


@given(st.integers(1, 12), st.integers(1, 4), st.integers(0, 10**6), st.none() | st.integers(0, 12))
def test_the_formula_of_the_design(members: int, levels: int, turn: int, offset: int | None) -> None:
    names = [f"person-{i}" for i in range(members)]
    one = rotation(*names, levels=" ".join(f"L{j}" for j in range(levels)), level_offset=offset)
    step = members // levels if offset is None else offset
    assert seats(one, turn) == tuple((names[(turn + j * step) % members],) for j in range(levels))


@pytest.mark.parametrize("members", range(4, 12))
def test_nobody_is_on_two_levels_at_once_or_back_to_back_where_there_are_enough(members: int) -> None:
    one = rotation(*(f"person-{i}" for i in range(members)), levels="L1 L2")
    for turn in range(2 * members):
        assert len({*seats(one, turn), *seats(one, turn + 1)}) == 4

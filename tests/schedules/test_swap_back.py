"""A swap and its reverse give back the same final schedule, to the shift."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from schedules.experience import experience
from schedules.resolve import final_shifts
from schedules.spans import clip
from schedules.swaps import Piece, received
from schedules.types import Override, Schedule, Shift
from tests.schedules.cast import ALICE, BOB, CAROL, override, rotation, schedule, told, utc
from tests.schedules.test_properties import BEGIN, PEOPLE, WINDOW_END, schedules

TAKERS = [*PEOPLE, "frank"]
parts = st.tuples(st.integers(0, 30), st.integers(0, 3), st.integers(1, 4), st.sampled_from(TAKERS))
"""Which shift, from and up to which quarter of it, and who takes it."""


def swapped(dev: Schedule, pieces: Iterable[Piece]) -> Schedule:
    made = [Override(p.level, p.taker, p.start, p.end, off=p.giver, source="swap") for p in pieces]
    return replace(dev, overrides=(*dev.overrides, *made))


def back(piece: Piece) -> Piece:
    return piece._replace(giver=piece.taker, taker=piece.giver)


def shifts(dev: Schedule) -> list[Shift]:
    return final_shifts(dev, BEGIN, WINDOW_END)


def in_order(found: Iterable[Shift]) -> list[Shift]:
    """Of several who come on together it does not matter who is named first."""
    return sorted(found, key=lambda shift: (shift.start, shift.level, shift.person))


def piece_of(there: list[Shift], part: tuple[int, int, int, str]) -> Piece | None:
    """None where it can't be: nobody to give it, or the taker is on the level then already."""
    which, first, last, taker = part
    if not there or first >= last:
        return None
    shift = there[which % len(there)]
    quarter = (shift.end - shift.start) / 4
    start, end = shift.start + first * quarter, shift.start + last * quarter
    theirs = [(each.start, each.end) for each in there if (each.level, each.person) == (shift.level, taker)]
    if clip(theirs, start, end):
        return None
    return Piece("dev", shift.level, shift.person, taker, start, end)


def overlap(one: Piece, other: Piece) -> bool:
    return one.level == other.level and one.start < other.end and other.start < one.end


@given(schedules, st.lists(parts, min_size=1, max_size=3))
def test_a_swap_and_its_reverse_give_back_the_same_final_schedule(
    dev: Schedule, wanted: list[tuple[int, int, int, str]]
) -> None:
    before = shifts(dev)
    pieces: list[Piece] = []
    for part in wanted:
        piece = piece_of(before, part)
        if piece is not None and not any(overlap(piece, other) for other in pieces):
            pieces.append(piece)
    assume(pieces)
    once = swapped(dev, pieces)
    assume(all(takes(once, piece) for piece in pieces))  # and not moved away by what the swap itself changes

    assert in_order(shifts(swapped(once, map(back, pieces)))) == in_order(before)


def takes(dev: Schedule, piece: Piece) -> bool:
    return received(piece) in final_shifts(dev, piece.start, piece.end)


def on_l1(dev: Schedule, until: datetime) -> list[str]:
    return told(final_shifts(dev, utc("2026-01-05 10:00"), until))


def test_a_turn_of_which_a_part_was_swapped_and_swapped_back_is_one_shift_again() -> None:
    dev = schedule(rotation(ALICE, BOB))
    away = override(CAROL, "2026-01-05 18:00", "2026-01-05 22:00", off=ALICE)
    again = override(ALICE, "2026-01-05 18:00", "2026-01-05 22:00", off=CAROL)
    until = utc("2026-01-08 10:00")

    assert on_l1(replace(dev, overrides=(away,)), until) == [
        "alice 05 10:00 - 05 18:00",
        "carol 05 18:00 - 05 22:00",
        "alice 05 22:00 - 08 10:00",
    ]
    assert on_l1(replace(dev, overrides=(away, again)), until) == ["alice 05 10:00 - 08 10:00"]


def test_nobody_is_experienced_sooner_because_a_part_of_their_first_turn_went_there_and_back() -> None:
    away = override(CAROL, "2026-01-05 18:00", "2026-01-05 22:00", off=ALICE)
    again = override(ALICE, "2026-01-05 18:00", "2026-01-05 22:00", off=CAROL)
    dev = schedule(rotation(ALICE, BOB, levels="L1 L2", first_shift_level="L1"))
    there_and_back = replace(dev, overrides=(away, again))

    for hours in ("05 18:00", "05 22:00", "08 09:59", "08 10:00"):
        at = utc(f"2026-01-{hours}")
        for person in (ALICE, BOB):
            assert experience(there_and_back).is_new("L1", person, at) == experience(dev).is_new("L1", person, at)


def test_what_comes_back_for_a_part_of_the_time_leaves_the_rest_swapped() -> None:
    away = override(CAROL, "2026-01-05 18:00", "2026-01-05 22:00", off=ALICE)
    sooner = override(ALICE, "2026-01-05 20:00", "2026-01-05 22:00", off=CAROL)
    dev = replace(schedule(rotation(ALICE, BOB)), overrides=(away, sooner))

    assert on_l1(dev, utc("2026-01-08 10:00")) == [
        "alice 05 10:00 - 05 18:00",
        "carol 05 18:00 - 05 20:00",
        "alice 05 20:00 - 08 10:00",
    ]

"""Before and after: who gains and who loses which time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schedules.compare import Move, moves
from schedules.types import Shift
from tests.schedules.cast import ALICE, BOB, CAROL, hour, utc

START = utc("2026-01-05")
END = START + hour(48)


def shift(person: str, start: int, end: int, level: str = "L1") -> Shift:
    return Shift("dev", level, person, START + hour(start), START + hour(end), "rotation", "developers")


def told(before: list[Shift], after: list[Shift]) -> list[tuple[str, int, int, str | None, str | None]]:
    found = moves(before, after, START, END)
    return [(m.level, (m.start - START) // hour(1), (m.end - START) // hour(1), m.loses, m.gains) for m in found]


def test_the_same_shifts_move_nobody() -> None:
    assert told([shift(ALICE, 0, 24)], [shift(ALICE, 0, 12), shift(ALICE, 12, 24)]) == []


def test_only_the_time_that_differs_is_told() -> None:
    assert told([shift(ALICE, 0, 24)], [shift(ALICE, 0, 8), shift(BOB, 8, 24)]) == [("L1", 8, 24, ALICE, BOB)]


def test_a_gap_is_nobody() -> None:
    assert told([shift(ALICE, 0, 24)], []) == [("L1", 0, 24, ALICE, None)]
    assert told([], [shift(BOB, 0, 4)]) == [("L1", 0, 4, None, BOB)]


def test_what_goes_on_is_one_move() -> None:
    before = [shift(ALICE, 0, 12), shift(ALICE, 12, 24), shift(CAROL, 24, 30)]
    assert told(before, [shift(BOB, 0, 30)]) == [("L1", 0, 24, ALICE, BOB), ("L1", 24, 30, CAROL, BOB)]


def test_levels_are_told_apart_and_the_window_clips() -> None:
    before = [shift(ALICE, -10, 60), shift(BOB, -10, 60, "L2")]
    after = [shift(ALICE, -10, 60), shift(CAROL, -10, 60, "L2")]
    assert told(before, after) == [("L2", 0, 48, BOB, CAROL)]


@st.composite
def tilings(draw: st.DrawFn) -> list[Shift]:
    edges = sorted(draw(st.sets(st.integers(0, 48), min_size=2, max_size=8)))
    pairs = pairwise(edges)
    return [shift(draw(st.sampled_from([ALICE, BOB, CAROL])), a, b) for a, b in pairs if draw(st.booleans())]


def on_at(shifts: list[Shift], at: int) -> str | None:
    return next((s.person for s in shifts if s.start <= START + hour(at) < s.end), None)


@given(tilings(), tilings())
def test_every_hour_is_told_right(before: list[Shift], after: list[Shift]) -> None:
    found: list[Move] = moves(before, after, START, END)
    for at in range(48):
        here = [m for m in found if m.start <= START + hour(at) < m.end]
        expected = (on_at(before, at), on_at(after, at))
        assert [(m.loses, m.gains) for m in here] == ([expected] if expected[0] != expected[1] else [])

"""Overrides change what rotations give, and later ones what earlier ones have made."""

from schedules.compare import moves
from schedules.resolve import final_shifts, gaps, on_call_at
from schedules.types import Gap, Member, Override
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, override, rotation, schedule, told, utc

WEEK = (utc("2026-01-05"), utc("2026-01-12"))
TURNS = rotation(ALICE, BOB, start="2026-01-05 00:00", shift="4 days")


def lines(*overrides: Override) -> list[str]:
    return told(final_shifts(schedule(TURNS, overrides=overrides), utc("2026-01-05"), utc("2026-01-10")))


def test_an_override_cuts_the_shift_under_it_in_two() -> None:
    assert lines(override(CAROL, "2026-01-06", "2026-01-07")) == [
        "alice 05 00:00 - 06 00:00",
        "carol 06 00:00 - 07 00:00",
        "alice 07 00:00 - 09 00:00",
        "bob 09 00:00 - 13 00:00",
    ]


def test_an_override_over_a_handoff_stays_one_shift() -> None:
    assert lines(override(CAROL, "2026-01-08", "2026-01-10")) == [
        "alice 05 00:00 - 08 00:00",
        "carol 08 00:00 - 10 00:00",
    ]


def test_the_later_made_wins_and_the_earlier_goes_on_around_it() -> None:
    assert lines(override(CAROL, "2026-01-05", "2026-01-09"), override(DAVE, "2026-01-06", "2026-01-07"))[:3] == [
        "carol 05 00:00 - 06 00:00",
        "dave 06 00:00 - 07 00:00",
        "carol 07 00:00 - 09 00:00",
    ]
    assert lines(override(DAVE, "2026-01-06", "2026-01-07"), override(CAROL, "2026-01-05", "2026-01-09"))[:1] == [
        "carol 05 00:00 - 09 00:00",
    ]


def test_each_override_is_its_own_shift_even_for_the_same_person() -> None:
    assert lines(override(CAROL, "2026-01-05", "2026-01-07"), override(CAROL, "2026-01-07", "2026-01-09"))[:2] == [
        "carol 05 00:00 - 07 00:00",
        "carol 07 00:00 - 09 00:00",
    ]


def test_an_override_fills_a_gap() -> None:
    one = schedule(overrides=(override(CAROL, "2026-01-06", "2026-01-07"),))
    assert told(final_shifts(one, *WEEK)) == ["carol 06 00:00 - 07 00:00"]


def test_an_override_touches_no_other_level() -> None:
    pair = rotation(ALICE, BOB, levels="L1 L2", start="2026-01-05 00:00", shift="1 week")
    one = schedule(pair, overrides=(override(CAROL, "2026-01-06", "2026-01-07", level="L2"),))
    shifts = final_shifts(one, *WEEK)
    assert told(shifts, "L1") == ["alice 05 00:00 - 12 00:00"]
    assert told(shifts, "L2")[1] == "carol 06 00:00 - 07 00:00"


def test_a_shift_says_where_it_comes_from() -> None:
    one = schedule(TURNS, overrides=(override(CAROL, "2026-01-06", "2026-01-07"),), levels="L1")
    by_rotation, by_override = final_shifts(one, utc("2026-01-05"), utc("2026-01-06 01:00"))
    assert (by_rotation.schedule, by_rotation.source, by_rotation.rotation) == ("dev", "rotation", "developers")
    assert (by_override.schedule, by_override.source, by_override.rotation) == ("dev", "override", None)


def test_an_override_is_half_open() -> None:
    one = schedule(TURNS, overrides=(override(CAROL, "2026-01-06", "2026-01-07"),), levels="L1")
    on = [on_call_at(one, utc(at))["L1"] for at in ("2026-01-05 23:59:59", "2026-01-06", "2026-01-06 23:59:59.999999")]
    assert [shift.person for (shift,) in on] == [ALICE, CAROL, CAROL]
    (after,) = on_call_at(one, utc("2026-01-07"))["L1"]
    assert after.person == ALICE


PAIR = rotation(Member((ALICE, BOB)), start="2026-01-05 00:00", shift="1 week")


def pair_lines(*overrides: Override) -> list[str]:
    return told(final_shifts(schedule(PAIR, overrides=overrides), *WEEK))


def test_one_of_several_is_replaced_and_the_others_stay() -> None:
    assert pair_lines(override(CAROL, "2026-01-06", "2026-01-07", off=ALICE)) == [
        "alice 05 00:00 - 06 00:00",
        "bob 05 00:00 - 12 00:00",
        "carol 06 00:00 - 07 00:00",
        "alice 07 00:00 - 12 00:00",
    ]


def test_somebody_is_added_and_no_shift_is_cut_by_it() -> None:
    assert pair_lines(override(CAROL, "2026-01-06", "2026-01-07", off=None)) == [
        "alice 05 00:00 - 12 00:00",
        "bob 05 00:00 - 12 00:00",
        "carol 06 00:00 - 07 00:00",
    ]


def test_somebody_is_taken_off() -> None:
    assert pair_lines(override(None, "2026-01-06", "2026-01-07", off=BOB)) == [
        "alice 05 00:00 - 12 00:00",
        "bob 05 00:00 - 06 00:00",
        "bob 07 00:00 - 12 00:00",
    ]


def test_everybody_is_taken_off_and_a_gap_is_left() -> None:
    one = schedule(PAIR, overrides=(override(None, "2026-01-06", "2026-01-07"),), levels="L1")
    assert gaps(one, *WEEK) == [Gap("L1", utc("2026-01-06"), utc("2026-01-07"))]


def test_a_cover_of_a_cover() -> None:
    assert lines(
        override(CAROL, "2026-01-05", "2026-01-09", off=ALICE), override(DAVE, "2026-01-06", "2026-01-07", off=CAROL)
    )[:3] == ["carol 05 00:00 - 06 00:00", "dave 06 00:00 - 07 00:00", "carol 07 00:00 - 09 00:00"]


def test_what_replaces_somebody_who_is_not_on_changes_nothing() -> None:
    """Alice is on until the 9th, and bob from then."""
    assert lines(override(CAROL, "2026-01-08", "2026-01-10", off=ALICE)) == [
        "alice 05 00:00 - 08 00:00",
        "carol 08 00:00 - 09 00:00",
        "bob 09 00:00 - 13 00:00",
    ]


def test_nobody_is_on_a_level_twice() -> None:
    assert pair_lines(override(BOB, "2026-01-06", "2026-01-07", off=ALICE)) == [
        "alice 05 00:00 - 06 00:00",
        "bob 05 00:00 - 12 00:00",
        "alice 07 00:00 - 12 00:00",
    ]


def test_a_hand_over_and_its_reverse_give_the_schedule_back() -> None:
    there = override(CAROL, "2026-01-06", "2026-01-11", off=ALICE)
    back = override(ALICE, "2026-01-06", "2026-01-11", off=CAROL)
    plain = schedule(TURNS, levels="L1")
    both = schedule(TURNS, overrides=(there, back), levels="L1")
    assert moves(final_shifts(plain, *WEEK), final_shifts(both, *WEEK), *WEEK) == []

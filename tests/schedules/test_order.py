"""Members who have turns together, turns that nobody has, and members who come and go at a date."""

from schedules.resolve import final_shifts, gaps, on_call_at
from schedules.types import Gap, Member
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, rotation, schedule, told, utc, wall

MONDAY, NEXT_MONDAY = utc("2026-01-05"), utc("2026-01-12")


def initials(*members: str | Member, count: int = 9, **more: str) -> str:
    """Whose each day is, from Monday 5 January."""
    one = schedule(rotation(*members, start="2026-01-05 00:00", shift="1 day", **more), levels="L1")  # type: ignore[arg-type]
    days = [on_call_at(one, utc(f"2026-01-{5 + day:02} 12:00"))["L1"] for day in range(count)]
    return " ".join("+".join(shift.person[0] for shift in day) or "-" for day in days)


def test_several_people_can_have_a_turn_together() -> None:
    assert initials(ALICE, Member((BOB, CAROL)), count=4) == "a b+c a b+c"


def test_each_of_them_has_a_shift() -> None:
    pair = schedule(rotation(Member((BOB, CAROL)), start="2026-01-05 00:00", shift="1 week"), levels="L1")
    assert told(final_shifts(pair, MONDAY, NEXT_MONDAY)) == ["bob 05 00:00 - 12 00:00", "carol 05 00:00 - 12 00:00"]


def test_an_empty_turn_is_a_gap() -> None:
    one = schedule(rotation(ALICE, Member(()), start="2026-01-05 00:00", shift="3 days"), levels="L1")
    assert told(final_shifts(one, MONDAY, NEXT_MONDAY)) == ["alice 05 00:00 - 08 00:00", "alice 11 00:00 - 14 00:00"]
    assert gaps(one, MONDAY, NEXT_MONDAY) == [Gap("L1", utc("2026-01-08"), utc("2026-01-11"))]


def test_an_empty_turn_lets_the_rotation_below_through() -> None:
    below = rotation(DAVE, name="below", start="2026-01-05 00:00", shift="1 week")
    above = rotation(ALICE, Member(()), start="2026-01-05 00:00", shift="3 days")
    assert told(final_shifts(schedule(below, above, levels="L1"), MONDAY, NEXT_MONDAY)) == [
        "alice 05 00:00 - 08 00:00",
        "dave 08 00:00 - 11 00:00",
        "alice 11 00:00 - 14 00:00",
    ]


def test_a_member_comes_on_with_the_first_turn_that_begins_after_joining() -> None:
    """The order goes on from whoever follows the last one: nobody's turn comes early or twice."""
    assert initials(ALICE, BOB, Member((CAROL,), joins=wall("2026-01-08"))) == "a b a b c a b c a"


def test_who_joins_within_a_turn_waits_for_the_next() -> None:
    assert initials(ALICE, BOB, Member((CAROL,), joins=wall("2026-01-06 09:00"))) == "a b c a b c a b c"


def test_a_member_s_last_turn_is_the_last_that_ends_before_leaving() -> None:
    assert initials(ALICE, Member((BOB,), leaves=wall("2026-01-09")), CAROL) == "a b c a c a c a c"
    assert initials(ALICE, Member((BOB,), leaves=wall("2026-01-10")), CAROL) == "a b c a b c a c a"


def test_somebody_may_come_back() -> None:
    parts = Member((BOB,), leaves=wall("2026-01-07")), Member((BOB,), joins=wall("2026-01-10"))
    assert initials(ALICE, *parts) == "a b a a a b a b a"


def test_when_all_have_left_nobody_is_on_until_somebody_joins() -> None:
    parts = Member((ALICE,), leaves=wall("2026-01-07")), Member((BOB,), joins=wall("2026-01-09"))
    assert initials(*parts, count=6) == "a a - - b b"


def test_two_together_are_behind_a_first_timer_when_one_of_them_is_experienced() -> None:
    pairs = rotation(
        Member((ALICE, BOB)), Member((CAROL, DAVE)), levels="L1 L2", start="2026-01-05 00:00", first_shift_level="L1"
    )
    one = schedule(pairs, experienced=(BOB,))
    on = on_call_at(one, MONDAY)
    assert [[shift.person for shift in on[level]] for level in ("L1", "L2")] == [[CAROL, DAVE], [ALICE, BOB]]


def test_a_first_timer_does_not_go_to_a_turn_that_is_meant_to_be_empty() -> None:
    order = rotation(
        Member(()), ALICE, BOB, levels="L1 L2", start="2026-01-05 00:00", first_shift_level="L1", level_offset=1
    )
    on = on_call_at(schedule(order, experienced=(BOB,)), MONDAY)
    assert [[shift.person for shift in on[level]] for level in ("L1", "L2")] == [[], [BOB]]

"""What people have been told stays, whoever joins or leaves; a leaver's turns alone change hands."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schedules.durations import parse_duration
from schedules.published_turns import Besides, PublishedTurn, continued, handed_on, to_publish
from schedules.resolve import final_shifts, on_call_at
from schedules.types import Schedule
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, ERIN, FRANK, rotation, schedule, utc, wall

START = utc("2026-01-05")
DAY = timedelta(days=1)
Told = dict[int, PublishedTurn]


def daily(
    *members: str,
    levels: str = "L1",
    told: Told | None = None,
    rule: str | None = None,
    since: datetime = START,
    **more: object,
) -> Schedule:
    """One-day turns from Monday 5 January, bound to what has been told since the schedule was made."""
    one = replace(
        rotation(*members, levels=levels, start="2026-01-05 00:00", shift="1 day", first_shift_level=rule),
        **more,  # type: ignore[arg-type]
    )
    return schedule(continued(one, (told or {}).values(), since), levels=levels)


def told_after(plan: Schedule, told: Told, now: datetime, days: int) -> Told:
    """What people have been told once everything is published up to so many days from now."""
    news = [*handed_on(plan, -1, told.values(), now), *to_publish(plan, -1, now, now + days * DAY)]
    return told | {turn.number: turn for turn in news}


def leads(plan: Schedule, count: int, first: int = 0, level: str = "L1") -> str:
    """Initials of whoever is on the level on each day."""
    at = [on_call_at(plan, START + (first + i) * DAY)[level] for i in range(count)]
    return "".join(on[0].person[0] if on else "-" for on in at)


def test_publishing_begins_with_the_running_turn_and_ends_at_the_horizon() -> None:
    now = START + 2.5 * DAY
    turns = to_publish(daily(ALICE, BOB), -1, now, now + 3 * DAY)
    assert [(turn.number, turn.lead) for turn in turns] == [(2, (ALICE,)), (3, (BOB,)), (4, (ALICE,)), (5, (BOB,))]


def test_publishing_twice_gives_nothing_more() -> None:
    told = told_after(daily(ALICE, BOB), {}, START, 7)
    assert told_after(daily(ALICE, BOB, told=told), told, START, 7) == told


def test_what_is_projected_is_what_is_published_later() -> None:
    told = told_after(daily(ALICE, BOB, CAROL), {}, START, 4)
    bound = daily(ALICE, BOB, CAROL, told=told)
    assert leads(bound, 9) == leads(daily(ALICE, BOB, CAROL), 9) == "abcabcabc"


def test_somebody_who_joins_comes_on_after_the_horizon() -> None:
    told = told_after(daily(ALICE, BOB), {}, START, 4)
    assert leads(daily(ALICE, BOB, CAROL, told=told), 9) == "abab" + "cabca"


def test_the_next_is_whoever_follows_the_last_published_even_if_that_one_has_left() -> None:
    told = told_after(daily(ALICE, BOB, CAROL, DAVE), {}, START, 2)  # alice, bob
    assert leads(daily(ALICE, CAROL, DAVE, told=told), 4, first=2) == "cdac"


def test_when_all_who_were_told_have_left_the_order_begins_anew() -> None:
    told = told_after(daily(ALICE, BOB), {}, START, 2)
    assert leads(daily(CAROL, DAVE, told=told), 3, first=2) == "cdc"


def test_a_leavers_turns_go_to_whoever_has_the_least_ahead_and_no_others_move() -> None:
    told = told_after(daily(ALICE, BOB, CAROL, DAVE), {}, START, 8)  # abcdabcd
    after = told_after(daily(ALICE, BOB, CAROL, told=told), told, START, 8)
    assert leads(daily(ALICE, BOB, CAROL, told=after), 8) == "abcbabca"
    moved = {number for number in told if told[number] != after[number]}
    assert moved == {3, 7}
    assert (DAVE,) not in {seat for turn in after.values() for seat in turn.seats}


def test_the_burden_ahead_is_counted_in_time_not_in_turns() -> None:
    """Everybody has two turns, Alice and Carol the long ones: her first goes to Dave, who is not on beside it."""
    lengths = (parse_duration("4 days"), parse_duration("1 day"))
    told = told_after(daily(ALICE, BOB, CAROL, DAVE, shift=lengths), {}, START, 20)
    assert leads(daily(ALICE, BOB, CAROL, DAVE, shift=lengths, told=told), 20) == "aaaabccccd" * 2
    left = daily(BOB, CAROL, DAVE, shift=lengths, told=told)
    after = told_after(left, told, START, 20)
    assert leads(daily(BOB, CAROL, DAVE, shift=lengths, told=after), 20) == "ddddbccccd" + "ccccbccccd"


def test_the_burden_ahead_is_that_of_all_schedules() -> None:
    told = told_after(daily(ALICE, BOB, CAROL, DAVE, ERIN), {}, START, 5)  # abcde
    left = daily(ALICE, BOB, DAVE, ERIN, told=told)
    (turn,) = handed_on(left, -1, told.values(), START)
    assert turn.seats == ((ALICE,),)
    elsewhere = Besides(on_call={ALICE: [(START + 20 * DAY, START + 21 * DAY)]})
    (turn,) = handed_on(left, -1, told.values(), START, elsewhere)
    assert turn.seats == ((ERIN,),)


def test_a_leavers_turn_goes_rather_to_somebody_who_is_not_away_nor_on_call_elsewhere_then() -> None:
    told = told_after(daily(ALICE, BOB, CAROL, DAVE, ERIN), {}, START, 5)
    left = daily(ALICE, BOB, DAVE, ERIN, told=told)
    then = START + 2.5 * DAY, START + 2.6 * DAY
    (turn,) = handed_on(left, -1, told.values(), START, Besides(on_call={ERIN: [then]}, away={ALICE: [then]}))
    assert turn.seats == ((BOB,),)


def test_the_turn_that_runs_is_handed_on_too_and_those_that_have_ended_stay() -> None:
    told = told_after(daily(ALICE, BOB), {}, START, 4)  # abab
    after = told_after(daily(ALICE, told=told), told, START + 1.5 * DAY, 1)
    assert leads(daily(ALICE, told=after), 4) == "aaaa"
    told_of_first = told_after(daily(BOB, told=told), told, START + 1.5 * DAY, 1)
    assert leads(daily(BOB, told=told_of_first), 4) == "abbb"


def test_a_leavers_turn_on_l2_does_not_go_to_a_first_timer() -> None:
    members = (ALICE, BOB, CAROL, DAVE)
    plan = replace(daily(*members, levels="L1 L2", rule="L1"), experienced=frozenset({ALICE, BOB, CAROL}))
    told = told_after(plan, {}, START, 1)
    assert told[0].seats == ((ALICE,), (CAROL,))
    without = replace(
        daily(ALICE, BOB, DAVE, levels="L1 L2", rule="L1", told=told), experienced=frozenset({ALICE, BOB})
    )
    assert told_after(without, told, START, 1)[0].seats == ((ALICE,), (BOB,))


def test_the_first_timer_rule_does_not_move_what_has_been_told() -> None:
    """Dave is told L1; that he is marked experienced afterwards changes nothing about it."""
    members = (ALICE, BOB, DAVE, CAROL)
    plan = replace(daily(*members, levels="L1 L2", rule="L1"), experienced=frozenset({ALICE, BOB, CAROL}))
    told = told_after(plan, {}, START, 1)
    assert told[0].seats == ((DAVE,), (ALICE,))
    now_experienced = replace(daily(*members, levels="L1 L2", rule="L1", told=told), experienced=frozenset(members))
    assert leads(now_experienced, 1) == "d"


def test_turns_told_for_other_levels_do_not_bind() -> None:
    told = told_after(daily(ALICE, BOB), {}, START, 4)
    assert daily(ALICE, BOB, CAROL, levels="L1 L2", told=told).rotations[0].published == {}


def test_nothing_is_published_beyond_the_rotations_end_or_without_members() -> None:
    ends = daily(ALICE, BOB, until=wall("2026-01-07 00:00"))
    assert [turn.number for turn in to_publish(ends, -1, START, START + 7 * DAY)] == [0, 1]
    assert to_publish(daily(), -1, START, START + 7 * DAY) == []


@given(st.lists(st.sets(st.sampled_from([ALICE, BOB, CAROL, DAVE, ERIN, FRANK]), min_size=1), min_size=1, max_size=8))
def test_published_shifts_move_only_for_those_who_leave(memberships: list[set[str]]) -> None:
    """Members change every two days, the horizon is a week: whoever stays keeps every shift that was published."""
    told: Told = {}
    for step, members in enumerate(memberships):
        now = START + 2 * step * DAY
        order = sorted(members)
        before = dict(told)
        told = told_after(daily(*order, levels="L1 L2", told=told), told, now, 7)
        for number, turn in before.items():
            for (was,), (now_on,) in zip(turn.seats, told[number].seats, strict=True):
                assert was == now_on or was not in members
        plan = daily(*order, levels="L1 L2", told=told)
        shifts = [shift for shift in final_shifts(plan, now, now + 14 * DAY) if shift.level == "L1"]
        assert all(one.end == other.start for one, other in pairwise(shifts))
        assert all(shift.person in members for shift in shifts)


def test_whoever_joins_gets_no_past_of_the_time_before_anybody_was_told() -> None:
    made = START + 30 * DAY
    told = told_after(daily(ALICE, BOB, since=made), {}, made, 4)
    joined = daily(ALICE, BOB, CAROL, told=told, since=made, newcomers=frozenset({CAROL}))
    assert leads(joined, 34) == leads(daily(ALICE, BOB), 34)
    assert "c" in leads(joined, 4, first=34)


def test_a_newcomer_is_a_first_timer_however_long_ago_the_rotation_begins() -> None:
    made = START + 30 * DAY
    told = told_after(daily(ALICE, BOB, levels="L1 L2", rule="L1", since=made), {}, made, 3)
    new = frozenset({CAROL})
    joined = daily(ALICE, BOB, CAROL, levels="L1 L2", told=told, rule="L1", since=made, newcomers=new)
    assert (leads(joined, 4, first=33), leads(joined, 4, first=33, level="L2")) == ("ccab", "babc")


def test_with_an_edit_that_tells_turns_anew_a_newcomer_is_a_first_timer_still() -> None:
    made = START + 30 * DAY
    joined = daily(ALICE, BOB, CAROL, levels="L1 L2", rule="L1", since=made, newcomers=frozenset({CAROL}))
    first = leads(joined, 4, first=31, level="L1").index("c")
    assert "c" not in leads(joined, first, first=31, level="L2")

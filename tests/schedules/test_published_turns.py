"""What people have been told stays, whoever joins or leaves."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.published_turns import to_publish
from schedules.resolve import final_shifts
from schedules.types import Member, Seat
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, ERIN, FRANK, wall
from tests.schedules.told import DAY, START, Told, daily, leads, told_after


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


AGAIN = Member((ALICE,), joins=wall("2026-01-01"))


def published_day_by_day(*members: str | Member, horizon: int) -> str:
    told: Told = {}
    for day in range(30):
        told = told_after(daily(*members, told=told), told, START + day * DAY, horizon)
    return leads(daily(*members, told=told), 30)


def test_whoever_leaves_on_a_date_keeps_the_turns_until_then() -> None:
    members = ALICE, Member((BOB,), leaves=wall("2026-01-12")), CAROL
    assert published_day_by_day(*members, horizon=6) == "abcabc" + "ac" * 12


def test_whoever_comes_back_on_a_date_has_their_turns_and_no_more() -> None:
    stays = Member((BOB,), leaves=wall("2026-01-12")), Member((BOB,), joins=wall("2026-01-20"))
    assert published_day_by_day(ALICE, *stays, CAROL, horizon=6) == "abcabc" + "ac" * 4 + "a" + "bca" * 5


@pytest.mark.parametrize("horizon", [1, 3, 30])
@pytest.mark.parametrize(
    ("members", "told"),
    [
        ((ALICE, BOB, AGAIN, CAROL), "abac"),
        ((Member((BOB, ALICE)), AGAIN, CAROL), "bac"),
        ((ALICE, BOB, AGAIN, Member((BOB,), joins=wall("2026-01-01")), CAROL), "ababc"),
        ((ALICE, Member((DAVE,), joins=wall("2027-01-01")), Member(()), CAROL), "a-c"),
    ],
    ids=["twice in the list", "once with another and once alone", "both of them", "before a turn that nobody has"],
)
def test_the_order_goes_on_from_the_right_place_of_whoever_is_in_the_list_twice(
    members: tuple[str | Member, ...], told: str, horizon: int
) -> None:
    assert published_day_by_day(*members, horizon=horizon) == (told * 30)[:30]


four_days = st.lists(st.integers(0, 30), min_size=4, max_size=4).map(sorted)
seats_with_stays = st.tuples(st.sampled_from([(BOB,), (CAROL,), (DAVE, ERIN)]), four_days, st.integers(1, 2))


def stays_of(seat: Seat, days: list[int], which: int) -> list[Member]:
    """One stay, or two of which neither has anything of the other."""
    begin, leave, come, end = ((START + day * DAY).replace(tzinfo=None) for day in days)
    return [Member(seat, begin, leave), Member(seat, come, end)][:which]


@given(st.lists(seats_with_stays, max_size=3, unique_by=lambda each: each[0]), st.randoms(), st.integers(1, 12))
def test_with_dates_too_what_is_projected_is_what_is_published_later(
    found: list[tuple[Seat, list[int], int]], shuffled: Random, horizon: int
) -> None:
    members = [member for each in found for member in stays_of(*each)]
    shuffled.shuffle(members)
    assert published_day_by_day(ALICE, *members, horizon=horizon) == leads(daily(ALICE, *members), 30)


def test_somebody_who_joins_comes_on_after_the_horizon() -> None:
    told = told_after(daily(ALICE, BOB), {}, START, 4)
    assert leads(daily(ALICE, BOB, CAROL, told=told), 9) == "abab" + "cabca"


def test_the_next_is_whoever_follows_the_last_published_even_if_that_one_has_left() -> None:
    told = told_after(daily(ALICE, BOB, CAROL, DAVE), {}, START, 2)  # alice, bob
    assert leads(daily(ALICE, CAROL, DAVE, told=told), 4, first=2) == "cdac"


def test_when_all_who_were_told_have_left_the_order_begins_anew() -> None:
    told = told_after(daily(ALICE, BOB), {}, START, 2)
    assert leads(daily(CAROL, DAVE, told=told), 3, first=2) == "cdc"


def test_whoever_has_the_last_turn_in_a_leavers_place_has_not_the_next_one_too() -> None:
    told = told_after(daily(ALICE, BOB), {}, START, 3)
    told = told_after(daily(CAROL, DAVE, told=told), told, START, 3)
    assert leads(daily(CAROL, DAVE, told=told), 6) in {"cdcdcd", "dcdcdc"}


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

"""L1 if it's your first time: somebody new is never the last line."""

from dataclasses import replace
from datetime import timedelta

from schedules.resolve import on_call_at, warnings
from schedules.types import Schedule
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, ERIN, FRANK, hour, override, rotation, schedule, utc

START = utc("2026-01-05")


def pair(*members: str, levels: str = "L1 L2", rule: str | None = "L1", hours: str | None = None) -> Schedule:
    return schedule(
        rotation(*members, levels=levels, start="2026-01-05 00:00", shift="1 day", first_shift_level=rule, hours=hours),
        levels=levels,
    )


def days(one: Schedule, count: int, first: int = 0) -> list[str]:
    """Who is on during each day, levels in order: "alice bob"."""
    noons = [START + timedelta(days=first + i, hours=12) for i in range(count)]
    return [" ".join(shift.person for on in on_call_at(one, noon).values() for shift in on) for noon in noons]


def test_without_the_rule_the_base_assignment_stands() -> None:
    assert days(pair(ALICE, BOB, CAROL, DAVE, rule=None), 3) == ["alice carol", "bob dave", "carol alice"]


def test_a_newcomer_swaps_with_the_experienced_person_on_the_first_level() -> None:
    one = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({ALICE, BOB, DAVE}))
    assert days(one, 4) == ["carol alice", "bob dave", "carol alice", "dave bob"]


def test_two_newcomers_are_parted_and_somebody_experienced_stands_in() -> None:
    one = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({BOB, DAVE}))
    assert days(one, 1) == ["alice dave"]  # both base people are new; dave comes after carol


def test_the_stand_in_is_rather_one_whom_the_turns_around_leave_free() -> None:
    one = replace(pair(ALICE, BOB, CAROL, DAVE, ERIN, FRANK), experienced=frozenset({BOB, ERIN, FRANK}))
    # Base: alice dave, bob erin. After dave come erin, frank, bob; erin and bob are on the next day.
    assert days(one, 2) == ["alice frank", "bob erin"]


def test_a_newcomer_is_experienced_once_a_turn_on_that_level_is_over() -> None:
    one = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({ALICE, BOB, DAVE}))
    assert days(one, 5) == ["carol alice", "bob dave", "carol alice", "dave bob", "alice carol"]


def test_a_turn_on_another_level_gives_no_experience() -> None:
    one = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({ALICE, BOB, DAVE}))
    second = rotation(CAROL, name="second", levels="L2", start="2026-01-01 00:00", until="2026-01-05 00:00")
    assert days(replace(one, rotations=(*one.rotations, second)), 1) == ["carol alice"]


def test_while_nobody_is_experienced_the_base_stands_and_a_warning_says_so() -> None:
    one = pair(ALICE, BOB, CAROL, DAVE)
    assert days(one, 1) == ["alice carol"]
    assert warnings(one, START, START + hour(24)) == [
        "dev: nobody in developers is experienced in the turn from 2026-01-05 00:00 UTC, "
        "so a first-timer is on a level other than L1: mark somebody experienced."
    ]
    assert warnings(one, START + hour(24), START + hour(240)) == []


def test_a_schedule_of_newcomers_becomes_experienced_turn_by_turn() -> None:
    one = pair(ALICE, BOB, CAROL, DAVE)
    # Day 1: bob and dave are both new, alice is not. Day 2: carol is new and on L1 anyway. Day 3: dave too.
    assert days(one, 5) == ["alice carol", "bob alice", "carol alice", "dave bob", "alice carol"]


def test_the_rule_may_name_another_level_than_the_first() -> None:
    one = replace(pair(ALICE, BOB, CAROL, DAVE, rule="L2"), experienced=frozenset({BOB, CAROL, DAVE}))
    assert days(one, 3) == ["carol alice", "bob dave", "carol alice"]


def test_an_override_gives_experience_to_the_person_who_took_it() -> None:
    base = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({ALICE, BOB, DAVE}))
    early = replace(base, overrides=(override(CAROL, "2026-01-03", "2026-01-03 06:00"),))
    running = replace(base, overrides=(override(CAROL, "2026-01-04", "2026-01-05 00:00:01"),))
    other_level = replace(base, overrides=(override(CAROL, "2026-01-03", "2026-01-04", level="L2"),))
    assert days(early, 1) == ["alice carol"]
    assert days(running, 1) == ["carol alice"]
    assert days(other_level, 1) == ["carol alice"]


def test_an_override_in_place_of_somebody_who_is_not_on_call_gives_no_experience() -> None:
    one = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({ALICE, BOB, DAVE}))
    void = override(CAROL, "2026-01-03", "2026-01-04", off=BOB)  # before anybody's first turn

    assert days(replace(one, overrides=(void,)), 1) == days(one, 1) == ["carol alice"]


def test_an_override_that_a_later_one_hides_gives_no_experience() -> None:
    hidden = (override(CAROL, "2026-01-03", "2026-01-04"), override(BOB, "2026-01-02", "2026-01-05"))
    one = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({ALICE, BOB, DAVE}), overrides=hidden)
    assert days(one, 1) == ["carol alice"]


def test_who_was_wholly_replaced_stays_a_first_timer_and_who_was_partly_does_not() -> None:
    new_alice = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({BOB, CAROL, DAVE}))
    wholly = replace(new_alice, overrides=(override(BOB, "2026-01-05", "2026-01-06"),))
    partly = replace(new_alice, overrides=(override(BOB, "2026-01-05", "2026-01-05 23:00"),))
    assert days(wholly, 1, first=2) == ["alice carol"]
    assert days(partly, 1, first=2) == ["carol alice"]


def test_a_turn_outside_the_hours_gives_no_experience() -> None:
    # Turn 0 is a Monday, and alice's first turn on call is on a Friday.
    one = replace(pair(ALICE, BOB, CAROL, DAVE, hours="Wed-Sun"), experienced=frozenset({BOB, CAROL, DAVE}))
    assert days(one, 3, first=2) == ["alice carol", "dave bob", "alice carol"]


def test_a_shift_in_another_rotation_of_the_schedule_counts() -> None:
    one = replace(pair(ALICE, BOB, CAROL, DAVE), experienced=frozenset({ALICE, BOB, DAVE}))
    before = rotation(CAROL, name="before", start="2026-01-01 00:00", shift="1 day", until="2026-01-03 00:00")
    assert days(replace(one, rotations=(before, *one.rotations)), 1) == ["alice carol"]


def test_with_three_levels_only_those_who_must_move() -> None:
    one = replace(
        pair(ALICE, BOB, CAROL, DAVE, ERIN, FRANK, levels="L1 L2 L3"),
        experienced=frozenset({ALICE, BOB, DAVE, ERIN, FRANK}),
    )
    assert days(one, 1) == ["carol alice erin"]


def test_the_stand_in_is_not_on_the_turn_already_if_that_can_be() -> None:
    six = pair(ALICE, BOB, CAROL, DAVE, ERIN, FRANK, levels="L1 L2 L3")
    # Base: alice carol erin. After carol come dave, erin; dave is on the next day, and erin on this one.
    assert days(replace(six, experienced=frozenset({DAVE, ERIN})), 1) == ["alice dave erin"]
    # After erin comes frank, on the next day; before alice and carol nobody else is experienced.
    assert days(replace(six, experienced=frozenset({ERIN, FRANK})), 1) == ["alice frank erin"]


def test_the_only_experienced_person_is_every_last_line() -> None:
    one = replace(pair(ALICE, BOB, CAROL, levels="L1 L2 L3"), experienced=frozenset({BOB}))
    assert days(one, 1) == ["alice bob bob"]


def test_a_far_turn_is_answered_without_following_every_turn_once_all_are_experienced() -> None:
    one = pair(ALICE, BOB, CAROL, DAVE)
    assert days(one, 2, first=100_000) == ["alice carol", "bob dave"]

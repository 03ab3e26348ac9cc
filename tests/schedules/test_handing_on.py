"""A leaver's published turns go to others, and nobody else's move."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from schedules.durations import parse_duration
from schedules.handing_on import Besides, handed_on
from schedules.hours_text import parse_hours
from schedules.resolve import warnings
from schedules.spans import Span, length
from schedules.types import Schedule
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, ERIN
from tests.schedules.told import DAY, START, Told, daily, leads, told_after


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


def test_a_leavers_turn_goes_to_whoever_can_be_paged_however_burdened() -> None:
    told = told_after(daily(ALICE, BOB, CAROL, DAVE, ERIN), {}, START, 5)
    left = daily(ALICE, BOB, DAVE, ERIN, told=told)
    (turn,) = handed_on(left, -1, told.values(), START, Besides(reachable={BOB}))
    assert turn.seats == ((BOB,),)
    two_weeks_before = START - 14 * DAY
    (turn,) = handed_on(left, -1, told.values(), two_weeks_before, Besides(reachable={BOB}))
    assert turn.seats == ((ALICE,),)  # who has time to add a phone


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


def test_least_burden_is_as_it_is_weighed() -> None:
    """Erin has an hour more ahead than Alice, who has hers at night."""
    told = told_after(daily(ALICE, BOB, CAROL, DAVE, ERIN), {}, START, 5)
    left = daily(ALICE, BOB, DAVE, ERIN, told=told)
    later = {who: [(START + 20 * DAY, START + (20 + hours / 24) * DAY)] for who, hours in ((ALICE, 2), (ERIN, 3))}

    def at_night(person: str, spans: Sequence[Span]) -> timedelta:
        return length(spans) * (2 if person == ALICE else 1)

    (turn,) = handed_on(left, -1, told.values(), START, Besides(later | {BOB: later[ERIN] * 2}, weigh=at_night))
    assert turn.seats == ((ERIN,),)
    (turn,) = handed_on(left, -1, told.values(), START, Besides(later | {BOB: later[ERIN] * 2}))
    assert turn.seats == ((ALICE,),)


def test_of_a_turn_only_the_hours_in_which_it_is_worked_are_a_burden() -> None:
    """Turns of eight hours by day; Alice has ten hours elsewhere, Erin two more turns here."""
    hours = parse_hours("09:00-17:00")
    told = told_after(daily(ALICE, BOB, CAROL, ERIN, ERIN, shift=(parse_duration("1 day"),), hours=hours), {}, START, 5)
    left = daily(ALICE, ERIN, told=told, hours=hours)
    elsewhere = Besides({ALICE: [(START + 20 * DAY, START + 20.5 * DAY)]})
    first, *_ = handed_on(left, -1, told.values(), START, elsewhere)
    assert first.seats == ((ERIN,),)


LEVELS, RULE = "L1 L2", "L1"


def leaving_l2(*stay: str, experienced: str = ALICE, besides: Besides = Besides()) -> tuple[Schedule, Told]:  # noqa: B008
    """Alice is on L1 and Bob, who leaves, on L2."""
    told = told_after(
        replace(daily(ALICE, BOB, levels=LEVELS, rule=RULE), experienced=frozenset({ALICE, BOB})), {}, START, 1
    )
    assert told[0].seats == ((ALICE,), (BOB,))
    left = replace(daily(*stay, levels=LEVELS, rule=RULE, told=told), experienced=frozenset({experienced}))
    news = {turn.number: turn for turn in handed_on(left, -1, told.values(), START, besides)}
    after = replace(daily(*stay, levels=LEVELS, rule=RULE, told=told | news), experienced=frozenset({experienced}))
    return after, news


def test_two_people_are_better_than_one_on_two_levels_even_where_the_second_is_new() -> None:
    plan, news = leaving_l2(ALICE, DAVE)

    assert news[0].seats == ((ALICE,), (DAVE,))
    assert warnings(plan, START, START + DAY) == [
        "dev: a first-timer in developers is on a level other than L1 in the turn from 2026-01-05 00:00 UTC, which was "
        "told when nobody experienced was free for it: let the two on it swap levels, or mark somebody experienced."
    ]


def test_somebody_experienced_is_better_than_somebody_who_is_free() -> None:
    away = Besides(away={CAROL: [(START, START + DAY)]})
    plan, news = leaving_l2(ALICE, DAVE, CAROL, experienced=CAROL, besides=away)

    assert news[0].seats == ((ALICE,), (CAROL,))
    assert warnings(plan, START, START + DAY) == []


def test_only_where_nobody_else_is_left_one_person_has_both_levels() -> None:
    _, news = leaving_l2(ALICE)

    assert news[0].seats == ((ALICE,), (ALICE,))

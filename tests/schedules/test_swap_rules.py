"""What must hold before a shift changes hands. Alice and bob take turns on L1 and L2 of dev, a day each from 10:00."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from schedules.resolve import final_shifts
from schedules.swap_rules import ASKED_BY_OTHERS, AT_ONCE, BY_THEMSELVES, FOR_A_WHILE, Strictness, objections
from schedules.swaps import Ground, Piece, Taker, not_the_givers
from schedules.types import Member, Schedule, Shift
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, ERIN, hour, override, rotation, schedule, utc

EVERYBODY_HERE = frozenset({ALICE, BOB, CAROL, DAVE, ERIN})
TURNS = rotation(ALICE, BOB, levels="L1 L2", shift="1 day")
DEV = schedule(TURNS)  # on the 5th alice is L1 and bob L2, on the 6th the other way round
WINDOW = utc("2026-01-01"), utc("2026-02-01")


def ground(plan: Schedule = DEV, *others: Shift, rest: float = 0, eligible: Iterable[str] = EVERYBODY_HERE) -> Ground:
    """`others`: shifts on other schedules."""
    return Ground(
        plans={plan.name: plan},
        rest={plan.name: hour(rest)},
        shifts=[*final_shifts(plan, *WINDOW), *others],
        eligible={(plan.name, level): frozenset(eligible) for level in plan.levels},
        names={person: person.title() for person in EVERYBODY_HERE},
    )


def piece(giver: str, taker: str, start: str, end: str, level: str = "L1") -> Piece:
    """Of January, as "05 18:00"."""
    return Piece("dev", level, giver, taker, utc(f"2026-01-{start}"), utc(f"2026-01-{end}"))


EVENING = piece(ALICE, CAROL, "05 18:00", "05 22:00")


def against(known: Ground, *pieces: Piece, strict: Strictness = ASKED_BY_OTHERS, **taker: object) -> list[str]:
    """What speaks against the first piece's taker."""
    person = pieces[0].taker
    return objections(Taker(person, person.title(), **taker), pieces, known, strict)  # type: ignore[arg-type]


def on_ops(person: str, start: str, end: str) -> Shift:
    return Shift("ops", "L1", person, utc(f"2026-01-{start}"), utc(f"2026-01-{end}"), "rotation", "operators")


# Whose it is


def test_all_of_a_piece_must_be_its_givers() -> None:
    assert not_the_givers(EVENING, ground()) is None
    said = not_the_givers(EVENING._replace(end=utc("2026-01-06 12:00")), ground())
    assert said == "dev L1 from Tue 6 Jan 10:00 to 12:00 (UTC) is not a shift of Alice: it is one of Bob."


def test_where_nobody_is_on_call_there_is_nothing_to_give() -> None:
    known = ground(schedule(rotation(ALICE, shift="1 day", until="2026-01-06 10:00")))

    said = not_the_givers(EVENING._replace(start=utc("2026-01-06 09:00"), end=utc("2026-01-06 11:00")), known)
    assert said == "dev L1 from Tue 6 Jan 10:00 to 11:00 (UTC) is not a shift of Alice: nobody is on call then."


def test_each_of_two_who_are_on_together_may_give_theirs() -> None:
    known = ground(schedule(rotation(Member((ALICE, BOB)), shift="1 day")))

    assert [not_the_givers(EVENING._replace(giver=who), known) for who in (ALICE, BOB)] == [None, None]
    assert against(known, EVENING) == []
    assert against(known, EVENING._replace(taker=BOB)) == ["Bob is on dev L1 then already."]


# Who may take it


def test_nothing_speaks_against_somebody_who_is_eligible_and_free() -> None:
    assert against(ground(), EVENING) == []


def test_only_members_of_the_rotation_and_of_the_team_are_eligible() -> None:
    said = against(ground(eligible={ALICE, BOB}), EVENING)
    assert said == ["Carol is neither in a rotation of dev L1 nor in the schedule's team."]


def test_whoever_takes_it_must_be_here_and_within_reach() -> None:
    assert against(ground(), EVENING, is_retired=True) == ["Carol has retired."]
    said = against(ground(), EVENING, can_be_reached=False)
    assert said == ["Carol can't be paged: they have no verified contact method."]


def test_others_do_not_ask_somebody_away_who_may_say_so_themselves() -> None:
    away = ((utc("2026-01-05 20:00"), utc("2026-01-05 21:00")),)

    assert against(ground(), EVENING, away=away) == ["Carol is away from Mon 5 Jan 20:00 to 21:00 (UTC)."]
    assert against(ground(), EVENING, away=away, strict=BY_THEMSELVES) == []


# Double bookings


def test_nobody_takes_what_puts_them_on_two_levels_at_once_except_for_a_short_while() -> None:
    to_bob = EVENING._replace(taker=BOB)

    assert against(ground(), to_bob) == ["Bob is on dev L2 from Mon 5 Jan 18:00 to 22:00 (UTC) too."]
    assert against(ground(), to_bob, strict=FOR_A_WHILE) == []


@pytest.mark.parametrize("strict", [ASKED_BY_OTHERS, BY_THEMSELVES, AT_ONCE, FOR_A_WHILE])
def test_nobody_is_on_two_schedules_at_once_however_short(strict: Strictness) -> None:
    known = ground(DEV, on_ops(CAROL, "05 21:00", "06 21:00"))

    assert against(known, EVENING, strict=strict) == ["Carol is on ops L1 from Mon 5 Jan 21:00 to 22:00 (UTC) too."]


def test_a_double_booking_that_is_there_already_is_no_objection_to_something_else() -> None:
    busy = [on_ops(CAROL, "07 10:00", "08 10:00"), on_ops(CAROL, "07 10:00", "08 10:00")._replace(schedule="web")]

    assert against(ground(DEV, *busy), EVENING) == []


def test_two_who_trade_levels_are_on_one_each_as_before() -> None:
    there = piece(ALICE, BOB, "05 18:00", "05 22:00")
    back = piece(BOB, ALICE, "05 18:00", "05 22:00", "L2")

    assert against(ground(), there, back) == []
    assert against(ground(), back, there) == []


# Rest


def test_rest_that_would_be_too_short_is_an_objection_unless_it_is_taken_over_at_once() -> None:
    known = ground(DEV, on_ops(CAROL, "06 04:00", "06 10:00"), rest=7)

    said = against(known, EVENING)
    assert said == ["Carol would have 6 h of rest between dev L1 and ops L1; dev asks for 7 h."]
    assert against(known, EVENING, strict=AT_ONCE) == against(known, EVENING, strict=FOR_A_WHILE) == []


def test_whoever_gets_back_what_their_turn_gives_them_is_not_asked_for_rest() -> None:
    plan = replace(DEV, overrides=(override(CAROL, "2026-01-05 18:00", "2026-01-05 22:00", off=ALICE),))

    assert against(ground(plan, rest=12), piece(CAROL, ALICE, "05 18:00", "05 22:00")) == []


# First-timers. Everybody but carol, dave and erin is experienced.

RULED = rotation(ALICE, BOB, levels="L1 L2", shift="1 day", first_shift_level="L1")
SEASONED = (ALICE, BOB)
ONLY_L1 = "has finished no shift on dev L1 yet, and first-timers are L1 only."
ALONE = "is a first-timer on dev, and nobody experienced would be on call beside them."


def ruled(*more: Member, levels: str = "L1 L2", experienced: tuple[str, ...] = SEASONED) -> Schedule:
    """`more` in place of alice and bob."""
    one = rotation(*more, levels=levels, shift="1 day", first_shift_level="L1") if more else RULED
    return schedule(one, levels=levels, experienced=experienced)


def test_a_first_timer_takes_l1_beside_somebody_experienced_and_nothing_else() -> None:
    assert against(ground(ruled()), EVENING) == []
    on_l2 = piece(BOB, CAROL, "05 18:00", "05 22:00", "L2")
    assert against(ground(ruled()), on_l2) == [f"Carol {ONLY_L1}"]


def test_without_the_rule_anybody_takes_anything() -> None:
    assert against(ground(), piece(BOB, CAROL, "05 18:00", "05 22:00", "L2")) == []


def test_whoever_has_finished_a_shift_by_then_is_no_first_timer() -> None:
    earlier = override(CAROL, "2026-01-05 10:00", "2026-01-05 12:00", off=ALICE)
    known = ground(replace(ruled(), overrides=(earlier,)))

    on_l2 = piece(BOB, CAROL, "05 18:00", "05 22:00", "L2")
    assert against(known, on_l2) == []
    sooner = piece(BOB, CAROL, "05 11:00", "05 11:30", "L2")
    assert f"Carol {ONLY_L1}" in against(known, sooner)


def test_a_shift_of_a_rotation_without_the_rule_counts_as_experience_too() -> None:
    weekends = rotation(CAROL, name="weekends", shift="1 day", start="2026-01-01 10:00", until="2026-01-02 10:00")
    known = ground(schedule(weekends, RULED, experienced=SEASONED))

    assert against(known, piece(BOB, CAROL, "05 18:00", "05 22:00", "L2")) == []


def test_a_first_timer_is_not_left_alone_for_a_part_of_the_time_either() -> None:
    gone = override(None, "2026-01-05 21:00", "2026-01-05 23:00", level="L2")
    known = ground(replace(ruled(), overrides=(gone,)))

    assert against(known, EVENING) == [f"Carol {ALONE}"]
    assert against(known, EVENING._replace(end=utc("2026-01-05 21:00"))) == []


def test_whoever_is_on_the_same_level_stands_by_a_first_timer_as_well() -> None:
    known = ground(ruled(Member((ALICE, BOB)), levels="L1"))

    assert against(known, EVENING) == []


def test_the_only_experienced_one_beside_a_first_timer_does_not_give_their_place_to_another() -> None:
    known = ground(ruled(Member((ALICE, CAROL)), levels="L1"))

    assert against(known, EVENING._replace(taker=DAVE)) == [f"Dave {ALONE}"]
    assert against(known, EVENING._replace(taker=BOB)) == []


def test_of_several_on_l2_one_experienced_is_enough() -> None:
    known = ground(ruled(Member((ALICE,)), Member((BOB, DAVE))))
    on_l2 = piece(DAVE, ERIN, "05 18:00", "05 22:00", "L2")

    assert against(known, on_l2) == []
    assert against(known, on_l2._replace(giver=BOB)) == [f"Erin {ONLY_L1}"]


def test_both_ways_of_a_trade_count_together() -> None:
    """Carol is new and on L1, bob on L2: traded, she would be the last line."""
    known = ground(replace(ruled(), overrides=(override(CAROL, "2026-01-05 10:00", "2026-01-06 10:00", off=ALICE),)))
    there = piece(BOB, CAROL, "05 18:00", "05 22:00", "L2")
    back = piece(CAROL, BOB, "05 18:00", "05 22:00")

    assert against(known, there, back) == [f"Carol {ONLY_L1}"]
    assert against(known, back, there) == []


def test_two_levels_given_away_at_once_leave_a_first_timer_alone() -> None:
    known = ground(ruled())
    pieces = EVENING, piece(BOB, DAVE, "05 18:00", "05 22:00", "L2")

    assert against(known, *pieces) == [f"Carol {ALONE}"]


def test_where_nobody_is_experienced_yet_a_swap_makes_nothing_worse() -> None:
    known = ground(ruled(experienced=()))

    assert against(known, EVENING) == []
    assert against(known, piece(BOB, CAROL, "05 18:00", "05 22:00", "L2")) == []


def test_one_who_is_on_call_by_themselves_by_design_may_be_new() -> None:
    assert against(ground(ruled(Member((ALICE,)), levels="L1")), EVENING) == []


def test_each_objection_is_said_once() -> None:
    pieces = [EVENING, piece(ALICE, CAROL, "07 18:00", "07 22:00")]

    assert len(against(ground(eligible={ALICE}), *pieces)) == 1

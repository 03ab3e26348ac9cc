"""What people are told when shifts that they have been told change."""

from oncall.notices.changes import Change, Stint, changes, sentence
from schedules.types import Person
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, NEW_YORK, utc

NAMES = {ALICE: "Alice Archer", BOB: "Bob Baker", CAROL: "Carol Cohen", DAVE: "Dave Dunn"}
NOW, HORIZON = utc("2026-11-23 14:00"), utc("2026-12-31 14:00")


def stint(person: Person, start: str, end: str, level: str = "L1", source: str = "rotation") -> Stint:
    return Stint(level, person, utc(f"2026-{start}"), utc(f"2026-{end}"), source)


def told(before: list[Stint], after: list[Stint]) -> dict[Person, str]:
    """By person, the sentence without its beginning."""
    found = changes("dev", before, after, NOW, HORIZON)
    own = {person: [change for change in found if change.person == person] for person in NAMES}
    said = {person: sentence(theirs, NAMES, NEW_YORK) for person, theirs in own.items() if theirs}
    return {person: text.removeprefix("Your on-call shifts changed: ") for person, text in said.items()}


BEFORE = [stint(ALICE, "11-24 15:00", "11-27 15:00"), stint(BOB, "11-27 15:00", "11-30 15:00")]


def test_nothing_that_changes_is_nothing_to_tell() -> None:
    assert told(BEFORE, BEFORE) == {}


def test_who_gains_and_who_loses_a_shift_are_both_told() -> None:
    after = [stint(CAROL, "11-24 15:00", "11-27 15:00", source="override"), BEFORE[1]]
    when = "dev (L1) Tue 24 Nov 10:00 to Fri 27 Nov 10:00 EST"

    assert told(BEFORE, after) == {
        ALICE: f"{when} is Carol Cohen's now (was yours), by override.",
        CAROL: f"{when} is yours now (was Alice Archer's), by override.",
    }


def test_part_of_a_shift_is_told_as_that_part() -> None:
    after = [
        stint(ALICE, "11-24 15:00", "11-25 15:00"),
        stint(BOB, "11-25 15:00", "11-25 23:00", source="override"),
        stint(ALICE, "11-25 23:00", "11-27 15:00"),
        BEFORE[1],
    ]
    when = "dev (L1) Wed 25 Nov 10:00 to 18:00 EST"

    assert told(BEFORE, after) == {
        ALICE: f"{when} is Bob Baker's now (was yours), by override.",
        BOB: f"{when} is yours now (was Alice Archer's), by override.",
    }


def test_two_who_swap_are_each_told_both_halves_in_one_notice() -> None:
    after = [stint(BOB, "11-24 15:00", "11-27 15:00"), stint(ALICE, "11-27 15:00", "11-30 15:00")]

    assert told(BEFORE, after)[ALICE] == (
        "dev (L1) Tue 24 Nov 10:00 to Fri 27 Nov 10:00 EST is Bob Baker's now (was yours); "
        "dev (L1) Fri 27 Nov 10:00 to Mon 30 Nov 10:00 EST is yours now (was Bob Baker's)."
    )


def test_a_handoff_that_moves_is_told_to_both_sides() -> None:
    after = [stint(ALICE, "11-24 15:00", "11-27 17:00"), stint(BOB, "11-27 17:00", "11-30 15:00")]
    when = "dev (L1) Fri 27 Nov 10:00 to 12:00 EST"

    assert told(BEFORE, after) == {
        ALICE: f"{when} is yours now (was Bob Baker's).",
        BOB: f"{when} is Alice Archer's now (was yours).",
    }


def test_a_shift_that_was_nobodys_and_one_that_is_nobodys_now() -> None:
    after = [BEFORE[0], stint(CAROL, "12-01 15:00", "12-02 15:00")]

    assert told(BEFORE, after) == {
        BOB: "dev (L1) Fri 27 Nov 10:00 to Mon 30 Nov 10:00 EST is yours no more.",
        CAROL: "dev (L1) Tue 1 Dec 10:00 to Wed 2 Dec 10:00 EST is yours now.",
    }


def test_shifts_cut_otherwise_for_the_same_person_are_the_same() -> None:
    after = [stint(ALICE, "11-24 15:00", "11-25 15:00"), stint(ALICE, "11-25 15:00", "11-27 15:00"), BEFORE[1]]

    assert told(BEFORE, after) == {}


def test_the_past_and_what_lies_past_the_horizon_are_not_told() -> None:
    before = [stint(ALICE, "11-20 15:00", "11-23 14:00"), stint(ALICE, "12-31 14:00", "12-31 20:00")]

    assert told(before, [shift._replace(person=BOB) for shift in before]) == {}


def test_a_shift_that_goes_on_past_the_horizon_is_told_to_its_end() -> None:
    month = Stint("L1", ALICE, utc("2026-12-15 15:00"), utc("2027-01-15 15:00"))
    after = [month._replace(person=BOB), Stint("L1", CAROL, utc("2027-01-15 15:00"), utc("2027-02-15 15:00"))]

    assert told([month], after) == {
        ALICE: "dev (L1) Tue 15 Dec 10:00 to Fri 15 Jan 10:00 EST is Bob Baker's now (was yours).",
        BOB: "dev (L1) Tue 15 Dec 10:00 to Fri 15 Jan 10:00 EST is yours now (was Alice Archer's).",
    }


def test_what_somebody_keeps_of_a_shift_past_the_horizon_is_not_told_as_lost() -> None:
    month = Stint("L1", ALICE, utc("2026-12-15 15:00"), utc("2027-01-15 15:00"))
    second = utc("2027-01-04 15:00")
    after = [Stint("L1", BOB, month.start, second), Stint("L1", ALICE, second, month.end)]

    assert told([month], after) == {
        ALICE: "dev (L1) Tue 15 Dec 10:00 to Mon 4 Jan 10:00 EST is Bob Baker's now (was yours).",
        BOB: "dev (L1) Tue 15 Dec 10:00 to Mon 4 Jan 10:00 EST is yours now (was Alice Archer's).",
    }


def test_what_a_temporary_schedule_changes_is_said_to_come_from_one() -> None:
    after = [stint(CAROL, "11-24 15:00", "11-27 15:00", source="temporary"), BEFORE[1]]

    assert told(BEFORE, after)[CAROL].endswith("is yours now (was Alice Archer's), by temporary schedule.")


def test_who_shares_a_level_loses_nothing_when_somebody_joins() -> None:
    after = [*BEFORE, stint(DAVE, "11-24 15:00", "11-27 15:00")]

    assert told(BEFORE, after) == {DAVE: "dev (L1) Tue 24 Nov 10:00 to Fri 27 Nov 10:00 EST is yours now."}


def test_another_levels_change_is_another_change() -> None:
    before = [*BEFORE, stint(CAROL, "11-24 15:00", "11-27 15:00", "L2")]
    after = [*BEFORE, stint(DAVE, "11-24 15:00", "11-27 15:00", "L2")]

    assert set(told(before, after)) == {CAROL, DAVE}
    assert "dev (L2)" in told(before, after)[DAVE]


def test_clocks_that_change_in_between_are_named_both() -> None:
    found = changes("dev", [], [stint(ALICE, "10-31 14:00", "11-03 15:00")], utc("2026-10-01 00:00"), HORIZON)

    assert "Sat 31 Oct 10:00 EDT to Tue 3 Nov 10:00 EST is yours now" in sentence(found, NAMES, NEW_YORK)


def test_of_many_changes_the_first_are_spelled_out() -> None:
    one = Change("dev", "L1", ALICE, utc("2026-11-24 15:00"), utc("2026-11-24 16:00"), True, ())
    text = sentence([one] * 9, NAMES, NEW_YORK)

    assert text.count("is yours now") == 4
    assert text.endswith(" And 5 more: see My on-call.")

"""Which notices about shifts are due. Alice, Bob and Carol hand over at 10:00 in New York; Carol lives in Berlin."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.delivery.quiet import Quiet
from oncall.models import NoticeKind
from oncall.notices.decide import Due, Follow, Person, Stint, due, joined
from schedules.hours_text import parse_hours
from tests.schedules.cast import BERLIN, NEW_YORK, hour, utc

ALICE, BOB, CAROL = 1, 2, 3
PEOPLE = {
    ALICE: Person("Alice Archer", NEW_YORK, hour(24), start=True, end=False, weekly=False),
    BOB: Person("Bob Baker", NEW_YORK, hour(24), start=True, end=False, weekly=False),
    CAROL: Person("Carol Cohen", BERLIN, hour(24), start=True, end=False, weekly=False),
}


def stint(user_id: int, start: str, end: str, level: str = "L1") -> Stint:
    return Stint(1, "dev", level, user_id, utc(start), utc(end))


SHIFTS = [
    stint(BOB, "2026-11-21 15:00", "2026-11-24 15:00"),
    stint(ALICE, "2026-11-24 15:00", "2026-11-27 15:00"),
    stint(CAROL, "2026-11-27 15:00", "2026-11-30 15:00"),
]


def told(
    now: datetime | str, shifts: list[Stint] = SHIFTS, follows: Sequence[Follow] = (), **wishes: object
) -> list[str]:
    people = {user_id: replace(person, **wishes) for user_id, person in PEOPLE.items()}  # type: ignore[arg-type]
    found = due(shifts, people, utc(now) if isinstance(now, str) else now, follows)
    return [f"{people[one.user_id].name}: {one.text}" for one in found]


def test_a_shift_is_told_a_day_ahead_with_who_comes_before_and_after() -> None:
    assert told("2026-11-23 15:00") == [
        "Alice Archer: You are on call for dev (L1) from Tue 10:00 to Fri 10:00 EST. "
        "Before you: Bob Baker. After you: Carol Cohen."
    ]
    assert told("2026-11-23 14:59") == []


def test_times_are_those_of_the_reader() -> None:
    assert told("2026-11-26 20:00") == [
        "Carol Cohen: You are on call for dev (L1) from Fri 16:00 to Mon 16:00 CET. Before you: Alice Archer."
    ]


def test_ahead_is_as_long_as_each_wants_and_never_for_none() -> None:
    assert told("2026-11-24 14:00", ahead=hour(2)) != []
    assert told("2026-11-24 12:00", ahead=hour(2)) == []
    assert told("2026-11-24 14:59", ahead=timedelta()) == []


def follow_told(now: str, *, is_first: bool = False, made_at: str = "2026-11-20 15:00", **wishes: object) -> list[str]:
    start, end = utc("2026-11-24 15:00"), utc("2026-11-25 15:00")
    follow = Follow(1, "ops", "L1", ALICE, start, end, is_first, utc(made_at))
    return told(now, [], [follow], **wishes)


def test_whoever_follows_is_told_a_day_ahead_too() -> None:
    text = "Alice Archer: You follow along with ops (L1), Tue 10:00 to Wed 10:00 EST, to learn."
    assert follow_told("2026-11-23 15:00") == [text]
    assert follow_told("2026-11-23 15:00", is_first=True) == [text.replace("follow along with", "are paged first for")]
    assert follow_told("2026-11-23 14:59") == follow_told("2026-11-24 15:00") == []
    assert follow_told("2026-11-24 14:00", ahead=timedelta()) == []


def test_of_a_shadow_shift_that_is_made_as_late_one_is_told_no_second_time() -> None:
    assert follow_told("2026-11-23 16:00", made_at="2026-11-23 15:00") == []


def test_once_a_shift_has_begun_its_beginning_is_told_and_not_what_is_ahead() -> None:
    assert told("2026-11-24 15:00") == [
        "Alice Archer: You are on call for dev (L1) now, until Fri 10:00 EST. "
        "Before you: Bob Baker. After you: Carol Cohen."
    ]
    assert told("2026-11-24 15:00", start=False) == []


def test_an_engine_that_was_off_for_an_hour_tells_nothing_stale() -> None:
    assert told("2026-11-24 15:59", end=True) != []
    assert told("2026-11-24 16:00", end=True) == []


def test_a_shift_that_has_ended_already_is_not_begun() -> None:
    assert told("2026-11-24 15:20", [stint(ALICE, "2026-11-24 15:00", "2026-11-24 15:15")]) == []


def test_the_end_is_told_to_whoever_asks_for_it() -> None:
    assert told("2026-11-24 15:00", start=False, end=True) == [
        "Bob Baker: Your shift for dev (L1) has ended at 10:00 EST. After you: Alice Archer."
    ]


NIGHTS = Quiet(parse_hours("22:00-07:00"), NEW_YORK)


def test_what_is_told_ahead_waits_for_the_end_of_quiet_hours() -> None:
    shifts = [stint(ALICE, "2026-11-25 06:00", "2026-11-26 06:00")]  # at 01:00: a day ahead she sleeps
    assert told("2026-11-24 06:00", shifts) != []
    assert told("2026-11-24 06:00", shifts, quiet=NIGHTS) == []
    assert told("2026-11-24 11:59", shifts, quiet=NIGHTS) == []
    assert told("2026-11-24 12:00", shifts, quiet=NIGHTS) == [
        "Alice Archer: You are on call for dev (L1) from Wed 01:00 to Thu 01:00 EST."
    ]


def test_what_can_not_wait_for_the_end_of_quiet_hours_is_told_in_them() -> None:
    tonight = [stint(ALICE, "2026-11-25 06:00", "2026-11-26 06:00")]
    assert told("2026-11-25 04:00", tonight, ahead=hour(2), quiet=NIGHTS) != []
    assert told("2026-11-25 06:00", tonight, quiet=NIGHTS) != []
    assert told("2026-11-26 06:00", tonight, end=True, quiet=NIGHTS) != []


def test_the_week_waits_for_the_end_of_quiet_hours() -> None:
    late = Quiet(parse_hours("Mon 00:00-10:00"), NEW_YORK)
    assert told("2026-11-23 14:00", start=False, ahead=timedelta(), weekly=True, quiet=late) == []
    assert told("2026-11-23 15:00", start=False, ahead=timedelta(), weekly=True, quiet=late) != []


def test_an_end_is_told_with_a_zone_that_has_no_letters() -> None:
    there = ZoneInfo("America/Sao_Paulo")
    said = told("2026-11-24 15:00", start=False, end=True, zone=there)
    assert said == ["Bob Baker: Your shift for dev (L1) has ended at 12:00 UTC-03. After you: Alice Archer."]


def test_shifts_that_follow_one_another_without_a_break_are_one() -> None:
    shifts = [
        stint(ALICE, "2026-11-24 15:00", "2026-11-25 15:00"),
        stint(ALICE, "2026-11-25 15:00", "2026-11-26 15:00"),
        stint(BOB, "2026-11-26 15:00", "2026-11-27 15:00"),
    ]
    assert joined(shifts)[0] == stint(ALICE, "2026-11-24 15:00", "2026-11-26 15:00")
    assert "from Tue 10:00 to Thu 10:00 EST" in told("2026-11-23 16:00", shifts)[0]
    assert told("2026-11-25 15:00", shifts, ahead=hour(12), end=True) == []


def test_the_same_person_on_another_level_has_another_shift() -> None:
    shifts = [
        stint(ALICE, "2026-11-24 15:00", "2026-11-25 15:00"),
        stint(ALICE, "2026-11-25 15:00", "2026-11-26 15:00", "L2"),
    ]
    assert told("2026-11-25 15:00", shifts) == ["Alice Archer: You are on call for dev (L2) now, until Thu 10:00 EST."]


def test_several_people_who_share_a_level_are_all_named() -> None:
    shifts = [
        stint(BOB, "2026-11-23 15:00", "2026-11-24 15:00"),
        stint(CAROL, "2026-11-23 15:00", "2026-11-24 15:00"),
        stint(ALICE, "2026-11-24 15:00", "2026-11-25 15:00"),
    ]
    assert "Before you: Bob Baker and Carol Cohen." in told("2026-11-24 15:00", shifts)[0]


def keys(now: str, shifts: list[Stint]) -> set[str]:
    return {one.key for one in due(shifts, PEOPLE, utc(now))}


def test_a_key_lasts_for_as_long_as_the_shift_stays_and_no_longer() -> None:
    moved = [SHIFTS[1]._replace(start=utc("2026-11-24 17:00"))]
    longer = [SHIFTS[1]._replace(end=utc("2026-11-28 15:00"))]

    assert keys("2026-11-23 18:00", SHIFTS) == keys("2026-11-24 12:00", SHIFTS) == keys("2026-11-24 12:00", longer)
    assert keys("2026-11-24 12:00", SHIFTS) != keys("2026-11-24 12:00", moved)


def test_a_zone_name_changes_with_the_clocks() -> None:
    shifts = [stint(ALICE, "2026-10-31 14:00", "2026-11-03 15:00")]

    assert "from Sat 10:00 EDT to Tue 10:00 EST" in told("2026-10-30 15:00", shifts)[0]


MONDAY = "2026-11-23 14:00"
"""09:00 in New York."""


def weekly(now: str, shifts: list[Stint], zone: ZoneInfo = NEW_YORK) -> list[Due]:
    person = replace(PEOPLE[ALICE], weekly=True, ahead=timedelta(), start=False, zone=zone)
    found = due(shifts, {ALICE: person}, utc(now))
    assert {one.kind for one in found} <= {NoticeKind.WEEKLY}
    return found


def test_of_many_shifts_a_week_the_first_are_said_and_the_others_counted() -> None:
    turns = [
        stint(ALICE, f"2026-11-{day} {at}:00", f"2026-11-{day} {at}:30") for day in (24, 25, 26) for at in (15, 18, 21)
    ]
    (one,) = weekly(MONDAY, turns)

    assert one.text.count("dev (L1)") == 7
    assert one.text.endswith("dev (L1) Thu 10:00 to 10:30 EST. And 2 more: see My on-call.")


def test_the_week_is_told_on_monday_at_nine_and_once() -> None:
    shifts = [
        stint(ALICE, "2026-11-24 15:00", "2026-11-27 15:00"),
        stint(ALICE, "2026-11-29 15:00", "2026-12-02 15:00"),
    ]

    (one,) = weekly(MONDAY, shifts)
    assert one.text == (
        "Your on-call shifts this week: dev (L1) Tue 10:00 to Fri 10:00 EST; "
        "dev (L1) Sun 29 Nov 10:00 to Wed 2 Dec 10:00 EST."
    )
    assert weekly("2026-11-23 13:59", shifts) == []
    assert [each.key for each in weekly("2026-11-23 20:00", shifts)] == [one.key]
    assert weekly("2026-11-24 02:00", shifts) == [], "an engine that was off all day lets it be"


def test_a_week_without_shifts_is_not_told() -> None:
    assert weekly(MONDAY, [stint(ALICE, "2026-11-30 14:00", "2026-12-02 15:00")]) == []


def test_a_shift_that_runs_is_told_by_its_end() -> None:
    (one,) = weekly(MONDAY, [stint(ALICE, "2026-11-21 15:00", "2026-11-24 15:00")])

    assert one.text == "Your on-call shifts this week: dev (L1) until Tue 10:00 EST."


@pytest.mark.parametrize(
    ("before", "at"), [("2026-03-30 06:59", "2026-03-30 07:00"), ("2026-10-26 07:59", "2026-10-26 08:00")]
)
def test_nine_is_nine_after_the_clocks_change(before: str, at: str) -> None:
    """In Berlin, which changes its clocks on the Sundays before."""
    tuesday = utc(at) + hour(24)
    shifts = [Stint(1, "dev", "L1", ALICE, tuesday, tuesday + hour(24))]

    assert weekly(before, shifts, BERLIN) == []
    assert len(weekly(at, shifts, BERLIN)) == 1

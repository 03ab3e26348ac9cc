"""What each layer says by itself, before those above it count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from schedules.resolve import final_shifts, on_call_at
from schedules.stack import is_first, stack
from schedules.types import Member, Schedule
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, override, rotation, schedule, utc

WEEK = (utc("2026-01-05"), utc("2026-01-12"))
ALWAYS = rotation(ALICE, BOB, name="always", start="2026-01-05 00:00", shift="4 days")
OFFICE = rotation(CAROL, name="office", start="2026-01-05 00:00", shift="1 week", hours="Mon-Tue 09:00-17:00")


def lines(one: Schedule, level: str = "L1") -> dict[str, list[str]]:
    return {
        f"{layer.source} {layer.name}".strip(): [
            f"{part.person or 'nobody'} {part.start:%d %H:%M} - {part.end:%d %H:%M}" for part in layer.parts
        ]
        for layer in stack(one, level, *WEEK)
    }


def test_each_rotation_is_whole_and_the_one_that_wins_comes_first() -> None:
    assert lines(schedule(ALWAYS, OFFICE)) == {
        "rotation office": ["carol 05 09:00 - 05 17:00", "carol 06 09:00 - 06 17:00"],
        "rotation always": ["alice 05 00:00 - 09 00:00", "bob 09 00:00 - 13 00:00"],
    }


def test_what_was_made_by_hand_lies_above_by_kind_the_latest_first() -> None:
    swap = replace(override(BOB, "2026-01-05", "2026-01-06"), source="swap")
    removal = override(None, "2026-01-07", "2026-01-08")

    found = lines(schedule(ALWAYS, overrides=(removal, swap)))

    assert list(found) == ["swap", "override", "rotation always"]
    assert found["override"] == ["nobody 07 00:00 - 08 00:00"]


def test_a_window_planned_by_hand_says_nobody_only_where_it_stays_empty() -> None:
    clears = replace(override(None, "2026-01-06", "2026-01-09"), source="temporary")
    adds = replace(override(DAVE, "2026-01-06", "2026-01-08", off=None), source="temporary")

    assert lines(schedule(ALWAYS, overrides=(clears, adds)))["temporary"] == [
        "dave 06 00:00 - 08 00:00",
        "nobody 08 00:00 - 09 00:00",
    ]


def test_a_layer_without_a_word_on_these_days_or_this_level_is_left_out() -> None:
    past, elsewhere = override(DAVE, "2025-01-05", "2025-01-06"), override(DAVE, "2026-01-05", "2026-01-06", "L2")

    assert list(lines(schedule(ALWAYS, overrides=(past, elsewhere)))) == ["rotation always"]
    assert list(lines(schedule(rotation(Member(()), name="nobody")))) == []


def test_versions_of_one_rotation_are_one_layer() -> None:
    edited = utc("2026-01-07")
    before = replace(ALWAYS, in_force=((utc("2026-01-01"), edited),))
    other = replace(OFFICE, levels=("L1",))
    after = replace(rotation(DAVE, name="always"), in_force=((edited, datetime.max.replace(tzinfo=UTC)),))

    found = lines(schedule(before, other, after))

    assert found["rotation always"][:2] == ["alice 05 00:00 - 07 00:00", "dave 07 00:00 - 08 10:00"]
    assert len(found) == 2


def test_the_first_layer_that_has_somebody_is_the_one_that_counts() -> None:
    one = schedule(ALWAYS, OFFICE, overrides=(override(DAVE, "2026-01-06 10:00", "2026-01-06 12:00"),))
    for hours in range(24 * 7):
        at = WEEK[0] + timedelta(hours=hours)
        said = [part.person for layer in stack(one, "L1", *WEEK) for part in layer.parts if part.start <= at < part.end]
        assert [shift.person for shift in on_call_at(one, at)["L1"]] == said[:1]


def test_a_first_shift_is_known_as_such_where_the_rule_asks_for_it() -> None:
    ruled = schedule(rotation(ALICE, BOB, shift="1 day", first_shift_level="L1"), experienced=(BOB,))
    shifts = final_shifts(ruled, utc("2026-01-05"), utc("2026-01-10"))

    assert [shift.person for shift in shifts if is_first(ruled, shift)] == [ALICE]
    assert not any(is_first(schedule(ALWAYS), shift) for shift in final_shifts(schedule(ALWAYS), *WEEK))

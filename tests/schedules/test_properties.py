"""What holds for any schedule at all."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from schedules import kept
from schedules.layers import applies
from schedules.order import people, seats
from schedules.resolve import final_shifts, gaps, on_call_at
from schedules.rotation import handoff
from schedules.spans import intersect, merge
from schedules.types import EVERYBODY, Member, Override, Rotation, Schedule, Shift
from tests.schedules.cast import ALICE, BOB, CAROL, DAVE, ERIN, hour, rotation, utc

PEOPLE = [ALICE, BOB, CAROL, DAVE, ERIN]
BEGIN = utc("2026-02-20")
WINDOW_END = BEGIN + timedelta(days=41)
ZONES = ["UTC", "America/New_York", "Antarctica/Troll", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"]
SHIFTS = ["1 hour", "12 hours", "1 day", "3 days", "1 week", "1 month", "4 days, 3 days", "5 hours, 2 days"]
LEVELS = ["L1", "L2", "L1 L2", "L2 L1"]
HOURS = [None, None, "Mon-Fri 09:00-17:00", "22:00-06:00", "Sat,Sun", "Sun 01:30-03:30", "Tue 10:00-14:00; Thu"]

levels = st.sampled_from(LEVELS)
person_lists = st.lists(st.sampled_from(PEOPLE), max_size=5, unique=True)
starts = st.integers(-24 * 40, 24 * 20).map(lambda hours: BEGIN.replace(tzinfo=None) + hour(hours))
instants = st.integers(0, 24 * 60 * 40).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
dates = st.none() | st.integers(-10, 40).map(lambda days: (BEGIN + timedelta(days=days)).replace(tzinfo=None))

# Made once: to make them at each draw takes longer than to draw from them.
booleans, names = st.booleans(), st.integers().map(str)
one_or_two, one_in_four = st.integers(1, 2), st.integers(0, 3)
zones, cycles, daytimes = st.sampled_from(ZONES).map(ZoneInfo), st.sampled_from(SHIFTS), st.sampled_from(HOURS)
lengths = st.none() | st.integers(1, 24 * 40).map(hour)
first_shift_levels = {on: st.sampled_from([None, *on.split()]) for on in LEVELS}


@st.composite
def members(draw: st.DrawFn) -> list[str | Member]:
    """By themselves, some with dates; now and then two together, or an empty turn."""
    people = draw(person_lists)
    found: list[str | Member] = []
    while people:
        seat = tuple(people.pop() for _ in range(min(draw(one_or_two), len(people))))
        plain = len(seat) == 1 and draw(booleans)
        found.append(seat[0] if plain else Member(seat, draw(dates), draw(dates)))
    return [*found, Member(())] if draw(one_in_four) == 0 else found


turns = members()


@st.composite
def rotations(draw: st.DrawFn) -> Rotation:
    on = draw(levels)
    start = draw(starts)
    shift = draw(cycles)
    may_skip = "hour" not in shift and "week" not in shift and "month" not in shift
    length = draw(lengths)
    return rotation(
        *draw(turns),
        name=draw(names),
        zone=draw(zones),
        skip=tuple({5, 6} - {start.weekday()}) if may_skip and draw(booleans) else (),
        levels=on,
        start=start.isoformat(),
        shift=shift,
        hours=draw(daytimes),
        until=(start + length).isoformat() if length else None,
        first_shift_level=draw(first_shift_levels[on]),
    )


overrides = st.builds(
    lambda level, person, start, minutes, off: Override(level, person, start, start + timedelta(minutes=minutes), off),
    st.sampled_from(["L1", "L2"]),
    st.sampled_from([*PEOPLE, None]),
    instants,
    st.integers(1, 60 * 24 * 5),
    st.sampled_from([EVERYBODY, EVERYBODY, None, *PEOPLE]),
)
schedules = st.builds(
    lambda zone, rotations, overrides, experienced: Schedule(
        "dev", ZoneInfo(zone), ("L1", "L2"), tuple(rotations), tuple(overrides), frozenset(experienced)
    ),
    st.sampled_from(ZONES),
    st.lists(rotations(), max_size=4),
    st.lists(overrides, max_size=6),
    st.lists(st.sampled_from(PEOPLE), max_size=3),
)


@given(schedules, st.lists(instants, min_size=2, max_size=5, unique=True))
def test_resolving_in_pieces_is_resolving_at_once(dev: Schedule, cuts: list[datetime]) -> None:
    cuts.sort()
    whole = final_shifts(dev, cuts[0], cuts[-1])
    pieces = [shift for start, end in pairwise(cuts) for shift in final_shifts(dev, start, end)]
    assert set(whole) == set(pieces)
    for start, end in pairwise(cuts):
        mine = [shift for shift in whole if shift.start < end and start < shift.end]
        assert final_shifts(dev, start, end) == mine
        assert kept.final_shifts(dev, start, end) == mine


@given(schedules, st.lists(instants, min_size=1, max_size=4))
def test_who_is_on_call_is_who_the_shifts_say(dev: Schedule, some: list[datetime]) -> None:
    shifts = final_shifts(dev, BEGIN, WINDOW_END)
    edges = [edge for shift in shifts[:6] for edge in (shift.start, shift.end)]
    for at in [*some, *(edge for edge in edges if BEGIN <= edge < WINDOW_END)]:
        holding: dict[str, list[Shift]] = {level: [] for level in dev.levels}
        for shift in shifts:
            if shift.start <= at < shift.end:
                holding[shift.level].append(shift)
        on = on_call_at(dev, at)
        assert {level: set(shifts) for level, shifts in holding.items()} == {
            level: set(shifts) for level, shifts in on.items()
        }
        assert all(len({shift.person for shift in shifts}) == len(shifts) for shifts in on.values())


@given(schedules, st.lists(instants, min_size=1, max_size=8))
def test_the_layers_agree_with_asking_each_in_turn(dev: Schedule, some: list[datetime]) -> None:
    plain = [replace(one, first_shift_level=None) for one in dev.rotations]
    dev = replace(dev, rotations=tuple(plain))
    for at in some:
        on = on_call_at(dev, at)
        assert {level: {shift.person for shift in shifts} for level, shifts in on.items()} == {
            level: asked_in_turn(dev, level, at) for level in dev.levels
        }


def asked_in_turn(dev: Schedule, level: str, at: datetime) -> set[str]:
    on = by_rotation(dev, level, at)
    for override in dev.overrides:
        if override.level == level and override.start <= at < override.end:
            if override.off == EVERYBODY:
                on = set()
            elif override.off is not None:
                if override.off not in on:
                    continue
                on.discard(override.off)
            on |= {override.person} if override.person else set()
    return on


def by_rotation(dev: Schedule, level: str, at: datetime) -> set[str]:
    for one in reversed(dev.rotations):
        if level in one.levels and applies(one, level, at, at + datetime.resolution):
            turn = 0
            while handoff(one, turn + 1) <= at:
                turn += 1
            return set(seats(one, turn)[one.levels.index(level)])
    return set()


@given(schedules, instants, st.integers(1, 24 * 20))
def test_shifts_and_gaps_fill_every_level_exactly(dev: Schedule, start: datetime, hours: int) -> None:
    end = start + hour(hours)
    for level in dev.levels:
        parts = [(max(s.start, start), min(s.end, end)) for s in final_shifts(dev, start, end) if s.level == level]
        parts += [(gap.start, gap.end) for gap in gaps(dev, start, end) if gap.level == level]
        assert merge(parts) == [(start, end)]
        gap = [(gap.start, gap.end) for gap in gaps(dev, start, end) if gap.level == level]
        shifts = [(s.start, s.end) for s in final_shifts(dev, start, end) if s.level == level]
        assert not intersect(gap, merge(shifts))


@given(
    st.integers(1, 5),
    st.sampled_from(["L1 L2", "L1 L2 L3", "L2 L1"]),
    st.lists(st.sampled_from(PEOPLE), max_size=4),
    st.lists(overrides, max_size=4),
)
def test_a_first_timer_is_on_no_other_level_while_anybody_is_experienced(
    count: int, on: str, experienced: list[str], made: list[Override]
) -> None:
    one = rotation(*PEOPLE[:count], levels=on, start="2026-02-18 08:00", shift="1 day", first_shift_level="L1")
    dev = Schedule("dev", ZoneInfo("UTC"), tuple(on.split()), (one,), tuple(made), frozenset(experienced))
    shifts = final_shifts(dev, utc("2026-02-18"), utc("2026-03-05"))
    for turn in range(14):
        begins = handoff(one, turn)
        seasoned = {s.person for s in shifts if s.level == "L1" and s.end <= begins} | dev.experienced
        if not seasoned.isdisjoint(people(one)):
            further = {s.person for s in shifts if s.level != "L1" and s.source == "rotation" and meets(s, begins)}
            assert further <= seasoned


def meets(shift: Shift, begins: datetime) -> bool:
    return begins <= shift.start < begins + hour(24)

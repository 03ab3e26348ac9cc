"""Who is on call? The one engine behind paging, pages, API, command line and feeds."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from operator import itemgetter

from schedules.experience import Turn, experience, people_of, turn_of
from schedules.layers import Claim, decided, overrides, rank_at, stretch
from schedules.rotation import turn_at
from schedules.spans import holes
from schedules.types import Gap, Level, Person, Schedule, Shift

_START = itemgetter(0)  # of claims and turns


def final_shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """The shifts that meet [start, end), aware UTC, by start and then by level.

    Each has its own start and end, whatever the window: it lasts as long as one person is on for one turn or one
    override without a break.
    """
    by_level = [_level_shifts(schedule, level, start, end) for level in schedule.levels]
    return sorted((shift for shifts in by_level for shift in shifts), key=lambda shift: shift.start)


def on_call_at(schedule: Schedule, at: datetime) -> dict[Level, Shift | None]:
    """The shift on each level at the aware instant `at`; None where nobody is on."""
    return {level: shift_at(schedule, level, at) for level in schedule.levels}


def shift_at(schedule: Schedule, level: Level, at: datetime) -> Shift | None:
    """The shift on the level at the aware instant `at`; None where nobody is on."""
    rank = rank_at(schedule, level, at)
    if rank is None:
        return None
    if rank >= 0:
        made = overrides(schedule, level)
        return _override_shift(schedule, made[bisect_right(made, at, key=_START) - 1])
    turn = next(_turns(schedule, rank, at, at + datetime.resolution))
    return _rotation_shift(schedule, level, turn, *stretch(schedule, level, at, rank, turn.start, turn.end))


def gaps(schedule: Schedule, start: datetime, end: datetime) -> list[Gap]:
    """Where in [start, end) nobody is on a level, clipped to the window; by start and then by level."""
    found = [
        Gap(level, *hole)
        for level in schedule.levels
        for hole in holes([claim[:2] for claim in decided(schedule, level, start, end)], start, end)
    ]
    return sorted(found, key=lambda gap: gap.start)


def next_handoff(schedule: Schedule, at: datetime) -> datetime | None:
    """When the first of the shifts running at the aware instant `at` ends; None if nobody is on call."""
    return min((shift.end for shift in on_call_at(schedule, at).values() if shift), default=None)


def warnings(schedule: Schedule, start: datetime, end: datetime) -> list[str]:
    """What the schedule's owner should know about [start, end): a sentence for each rotation the rule can't help."""
    said: dict[str, str] = {}
    for turn in experience(schedule).alone_until(end):
        if turn.start < end and start < turn.end:
            said.setdefault(schedule.rotations[turn.rank].name, _alone(schedule, turn))
    return list(said.values())


def _alone(schedule: Schedule, turn: Turn) -> str:
    rotation = schedule.rotations[turn.rank]
    return (
        f"{schedule.name}: nobody in {rotation.name} is experienced in the turn from {turn.start:%Y-%m-%d %H:%M} UTC,"
        f" so a first-timer is on a level other than {rotation.first_shift_level}: mark somebody experienced."
    )


def _level_shifts(schedule: Schedule, level: Level, start: datetime, end: datetime) -> list[Shift]:
    """The shifts of one level that meet the window, in order."""
    shifts = list(_clipped(schedule, level, start, end))
    if shifts and shifts[0].start == start:
        shifts[0] = shift_at(schedule, level, start) or shifts[0]
    if shifts and shifts[-1].end == end:
        shifts[-1] = shift_at(schedule, level, shifts[-1].start) or shifts[-1]
    return shifts


def _clipped(schedule: Schedule, level: Level, start: datetime, end: datetime) -> Iterator[Shift]:
    """The shifts of one level that meet the window, clipped to it, in order."""
    claims = decided(schedule, level, start, end)
    taken = {rank for _, _, rank in claims if rank < 0}
    turns = {rank: _people_on(schedule, level, rank, start, end) for rank in taken}
    for begin, finish, rank in claims:
        if rank >= 0:
            yield _override_shift(schedule, (begin, finish, rank))
            continue
        name, mine = schedule.rotations[rank].name, turns[rank]
        for place in range(bisect_right(mine, begin, key=_START) - 1, len(mine)):
            opens, closes, person = mine[place]
            if opens >= finish:
                break
            on, off = opens if opens > begin else begin, closes if closes < finish else finish
            yield Shift(schedule.name, level, person, on, off, "rotation", name)


def _people_on(
    schedule: Schedule, level: Level, rank: int, start: datetime, end: datetime
) -> list[tuple[datetime, datetime, Person]]:
    """The turns of one rotation that meet [start, end), each with its person on the level."""
    place = schedule.rotations[rank].levels.index(level)
    return [(turn.start, turn.end, people_of(schedule, turn)[place]) for turn in _turns(schedule, rank, start, end)]


def _turns(schedule: Schedule, rank: int, start: datetime, end: datetime) -> Iterator[Turn]:
    """The turns of one rotation that meet [start, end), in order; those that last no time are left out."""
    rotation, zone = schedule.rotations[rank], schedule.zone
    for number in count(turn_at(rotation, zone, start) or 0):
        turn = turn_of(rotation, rank, zone, number)
        if turn.start >= end:
            return
        if turn.start < turn.end:
            yield turn


def _rotation_shift(schedule: Schedule, level: Level, turn: Turn, start: datetime, end: datetime) -> Shift:
    rotation = schedule.rotations[turn.rank]
    person = people_of(schedule, turn)[rotation.levels.index(level)]
    return Shift(schedule.name, level, person, start, end, "rotation", rotation.name)


def _override_shift(schedule: Schedule, claim: Claim) -> Shift:
    start, end, rank = claim
    override = schedule.overrides[rank]
    return Shift(schedule.name, override.level, override.person, start, end, "override", None)

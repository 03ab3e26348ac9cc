"""What a change of a schedule does to people: who gains and who loses which time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from schedules.types import Level, Person, Shift


@dataclass(frozen=True)
class Move:
    """For [start, end), aware UTC, the level is `gains`'s in place of `loses`'s. None is nobody."""

    level: Level
    start: datetime
    end: datetime
    loses: Person | None
    gains: Person | None


def moves(before: Iterable[Shift], after: Iterable[Shift], start: datetime, end: datetime) -> list[Move]:
    """Every difference within [start, end), as few and as long as can be, by start and then by level.

    The shifts of one level must not overlap, as final shifts don't.
    """
    old, new = list(before), list(after)
    levels = dict.fromkeys(shift.level for shift in (*old, *new))
    found = [move for level in levels for move in _on_level(level, old, new, start, end)]
    return sorted(found, key=lambda move: move.start)


def _on_level(level: Level, old: list[Shift], new: list[Shift], start: datetime, end: datetime) -> list[Move]:
    ours = [[shift for shift in shifts if shift.level == level] for shifts in (old, new)]
    edges = {edge for shifts in ours for shift in shifts for edge in (shift.start, shift.end)}
    moments = sorted({start, end, *(edge for edge in edges if start < edge < end)})
    before, after = (_people_at(shifts, moments) for shifts in ours)
    found: list[Move] = []
    for (begin, finish), loses, gains in zip(pairwise(moments), before, after, strict=False):
        if loses == gains:
            continue
        last = found[-1] if found else None
        if last and (last.end, last.loses, last.gains) == (begin, loses, gains):
            found[-1] = Move(level, last.start, finish, loses, gains)
        else:
            found.append(Move(level, begin, finish, loses, gains))
    return found


def _people_at(shifts: list[Shift], moments: list[datetime]) -> list[Person | None]:
    """Who is on at each moment. Both are sorted by time."""
    ordered = sorted(shifts, key=lambda shift: shift.start)
    people: list[Person | None] = []
    place = 0
    for moment in moments:
        while place < len(ordered) and ordered[place].end <= moment:
            place += 1
        on = place < len(ordered) and ordered[place].start <= moment
        people.append(ordered[place].person if on else None)
    return people

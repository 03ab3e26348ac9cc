"""What a change of a schedule does to people: who gains and who loses which time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise, zip_longest

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

    Where several people are on a level, those who go off and those who come on are told in pairs, by name.
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
    running: dict[tuple[Person | None, Person | None], int] = {}
    for (begin, finish), was, now_on in zip(pairwise(moments), before, after, strict=False):
        for pair in zip_longest(sorted(was - now_on), sorted(now_on - was)):
            place = running.get(pair)
            if place is not None and found[place].end == begin:
                found[place] = replace(found[place], end=finish)
            else:
                running[pair] = len(found)
                found.append(Move(level, begin, finish, *pair))
    return found


def _people_at(shifts: list[Shift], moments: list[datetime]) -> list[set[Person]]:
    """Who is on at each moment. Both are sorted by time."""
    waiting = sorted(shifts, key=lambda shift: shift.start, reverse=True)
    on: list[Shift] = []
    people: list[set[Person]] = []
    for moment in moments:
        while waiting and waiting[-1].start <= moment:
            on.append(waiting.pop())
        on = [shift for shift in on if shift.end > moment]
        people.append({shift.person for shift in on})
    return people

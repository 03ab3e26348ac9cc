"""The first-timer rule where a shift changes hands: somebody new is never the last line, nor on call alone.

People who are on a level together are as experienced as the most experienced of them, as in `first_timers.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from schedules.experience import experience
from schedules.swaps import Piece
from schedules.types import Level, Person, Schedule, Shift

On = Mapping[Level, set[Person]]  # who is on the levels of a schedule at one moment


def first_timers_alone(plan: Schedule, piece: Piece, before: Iterable[Shift], after: Iterable[Shift]) -> Iterator[str]:
    """Why the taker of `piece` is too new for it, said after their name; not what was so `before` as well."""
    was, will_be = ([shift for shift in shifts if shift.schedule == plan.name] for shifts in (before, after))
    for first in _first_levels(plan, piece.level):
        if not experience(plan).is_new(first, piece.taker, piece.start):
            continue
        if piece.level != first:
            problem = f"has finished no shift on {plan.name} {first} yet, and first-timers are {first} only"
        else:
            problem = f"is a first-timer on {plan.name}, and nobody experienced would be on call beside them"
        if any(
            _is_alone(plan, piece, first, _on(will_be, at)) and not _is_alone(plan, piece, first, _on(was, at))
            for at in _moments(piece, [*was, *will_be])
        ):
            yield problem


def _first_levels(plan: Schedule, level: Level) -> list[Level]:
    """Where first-timers belong, by the rule of each rotation that has the level."""
    return sorted({one.first_shift_level for one in plan.rotations if one.first_shift_level and level in one.levels})


def _is_alone(plan: Schedule, piece: Piece, first: Level, on: On) -> bool:
    """Whether the piece's level is left to first-timers; the first level only where nobody else stands by them."""
    here = on.get(piece.level, set())
    standing_by = here if piece.level != first else {person for people in on.values() for person in people}
    is_nobody_meant_to = piece.level == first and len(plan.levels) == len(here) == 1
    return (
        bool(here)
        and not is_nobody_meant_to
        and all(experience(plan).is_new(first, person, piece.start) for person in standing_by)
    )


def _moments(piece: Piece, shifts: Iterable[Shift]) -> list[datetime]:
    """At which it may become different who is on."""
    edges = {edge for shift in shifts for edge in (shift.start, shift.end)}
    return [piece.start, *(edge for edge in edges if piece.start < edge < piece.end)]


def _on(shifts: Iterable[Shift], at: datetime) -> On:
    on: dict[Level, set[Person]] = {}
    for shift in shifts:
        if shift.start <= at < shift.end:
            on.setdefault(shift.level, set()).add(shift.person)
    return on

"""What must hold before a shift changes hands: every rule as data in, sentences out; no sentence is no objection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from schedules import when
from schedules.conflicts import Place, double_bookings, place_of, short_rests
from schedules.experience import experience
from schedules.order import people
from schedules.resolve import final_shifts
from schedules.spans import Span, clip, holes
from schedules.types import Level, Person, Schedule, Shift


class Piece(NamedTuple):
    """[start, end), aware UTC, of one level of a schedule, which goes from one person to another."""

    schedule: str
    level: Level
    giver: Person
    taker: Person
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Taker:
    """Who would take something. `away`: when they have said that they can't be on call."""

    person: Person
    name: str
    is_retired: bool = False
    can_be_reached: bool = True
    away: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rules look at: schedules by name, and everybody's final shifts on all of them around the pieces."""

    plans: Mapping[str, Schedule]
    rest: Mapping[str, timedelta]
    """The least time between two shifts, by schedule; zero is no rule."""
    shifts: Sequence[Shift]
    eligible: Mapping[Place, frozenset[Person]]
    names: Mapping[Person, str]

    def on(self, schedule: str, level: Level) -> Iterator[Shift]:
        return (shift for shift in self.shifts if place_of(shift) == (schedule, level))


@dataclass(frozen=True, slots=True)
class Strictness:
    """Which of the rules that depend on how it came about apply."""

    absence: bool = True
    rest: bool = True
    two_levels: bool = True
    """Whether being on two levels of one schedule counts as a double booking."""


ASKED_BY_OTHERS = Strictness()
BY_THEMSELVES = Strictness(absence=False)  # people may agree to cover while away
AT_ONCE = Strictness(absence=False, rest=False)  # whoever takes over now knows how rested they are
FOR_A_WHILE = Strictness(rest=False, two_levels=False)  # out of reach: one person has both levels for half an hour


def not_the_givers(piece: Piece, ground: Ground) -> str | None:
    """Why the giver can't give it, as a sentence; None when all of the piece is theirs."""
    theirs = [(s.start, s.end) for s in ground.on(piece.schedule, piece.level) if s.person == piece.giver]
    missing = holes(theirs, piece.start, piece.end)
    if not missing:
        return None
    start, end = missing[0]
    others = sorted({_name(s.person, ground) for s in holders(ground, piece.schedule, piece.level, start, end)})
    whose = f"it is one of {', '.join(others)}" if others else "nobody is on call then"
    what = f"{piece.schedule} {piece.level} {_span(piece.schedule, start, end, ground)}"
    return f"{what} is not a shift of {_name(piece.giver, ground)}: {whose}."


def holders(ground: Ground, schedule: str, level: Level, start: datetime, end: datetime) -> list[Shift]:
    """The shifts that meet [start, end), by start."""
    met = (shift for shift in ground.on(schedule, level) if shift.start < end and start < shift.end)
    return sorted(met, key=lambda shift: shift.start)


def objections(taker: Taker, pieces: Sequence[Piece], ground: Ground, strict: Strictness) -> list[str]:
    """Why they can't take what the pieces give them, a sentence each. `pieces`: the whole swap, both ways."""
    return list(dict.fromkeys(_objections(taker, pieces, ground, strict)))


def _objections(taker: Taker, pieces: Sequence[Piece], ground: Ground, strict: Strictness) -> Iterator[str]:
    taken = [piece for piece in pieces if piece.taker == taker.person]
    if taker.is_retired:
        yield f"{taker.name} has retired."
        return
    if not taker.can_be_reached:
        yield f"{taker.name} can't be paged: they have no verified contact method."
    for piece in taken:
        yield from _place(taker, piece, ground)
    yield from _times(taker, pieces, ground, strict)
    if strict.absence:
        for piece in taken:
            yield from absences(taker, piece, ground)


def _place(taker: Taker, piece: Piece, ground: Ground) -> Iterator[str]:
    where = f"{piece.schedule} {piece.level}"
    if any(shift.person == taker.person for shift in holders(ground, *piece[:2], piece.start, piece.end)):
        yield f"{taker.name} is on {where} then already."
    elif taker.person not in ground.eligible.get((piece.schedule, piece.level), frozenset()):
        yield f"{taker.name} is neither in a rotation of {where} nor in the schedule's team."
    else:
        yield from _first_timer(taker, piece, ground)


def absences(taker: Taker, piece: Piece, ground: Ground) -> Iterator[str]:
    """A sentence for each time in which they are away and would be on call."""
    for start, end in clip(taker.away, piece.start, piece.end):
        yield f"{taker.name} is away {_span(piece.schedule, start, end, ground)}."


def is_first_timer(plan: Schedule, level: Level, person: Person, at: datetime) -> bool:
    """Whether they have not finished a shift on the level by `at`. Somebody from outside its rotations may have."""
    if person in plan.experienced:
        return False
    if any(person in people(rotation) for rotation in plan.rotations if rotation.first_shift_level == level):
        return person in experience(plan).first_timers(level, at)
    return not any((o.person, o.level) == (person, level) and o.end <= at for o in plan.overrides)


def _first_timer(taker: Taker, piece: Piece, ground: Ground) -> Iterator[str]:
    plan = ground.plans[piece.schedule]
    ruled = [rotation for rotation in plan.rotations if rotation.first_shift_level and piece.level in rotation.levels]
    for first in sorted({rotation.first_shift_level or "" for rotation in ruled}):
        if not is_first_timer(plan, first, taker.person, piece.start):
            continue
        if piece.level != first:
            yield f"{taker.name} has finished no shift on {plan.name} {first} yet, and first-timers are {first} only."
        elif not _is_beside_experience(piece, first, ground):
            yield f"{taker.name} is a first-timer on {plan.name}, and nobody experienced would be on call beside them."


def _is_beside_experience(piece: Piece, first: Level, ground: Ground) -> bool:
    plan = ground.plans[piece.schedule]
    others = [level for level in plan.levels if level != piece.level]
    beside = [shift for level in others for shift in holders(ground, plan.name, level, piece.start, piece.end)]
    return not others or any(not is_first_timer(plan, first, shift.person, piece.start) for shift in beside)


def _times(taker: Taker, pieces: Sequence[Piece], ground: Ground, strict: Strictness) -> Iterator[str]:
    """Double bookings and short rests that the swap would bring, and none that are there without it."""
    kept = [
        shift._replace(start=start, end=end)
        for shift in ground.shifts
        for start, end in holes(_given(shift, pieces), shift.start, shift.end)
    ]
    new = [
        Shift(piece.schedule, piece.level, piece.taker, piece.start, piece.end, "override", None) for piece in pieces
    ]
    theirs = {shift for shift in new if shift.person == taker.person}
    for booking in double_bookings(shift for shift in [*kept, *new] if shift.person == taker.person):
        pair = (booking.first, booking.second)
        if theirs.intersection(pair) and (strict.two_levels or pair[0].schedule != pair[1].schedule):
            other, mine = pair if pair[1] in theirs else reversed(pair)
            then = _span(mine.schedule, booking.start, booking.end, ground)
            yield f"{taker.name} is on {other.schedule} {other.level} {then} too."
    if strict.rest:
        yield from _rests(taker, theirs, [*kept, *new], ground)


def _given(shift: Shift, pieces: Iterable[Piece]) -> list[Span]:
    return [(p.start, p.end) for p in pieces if (p.schedule, p.level, p.giver) == (*place_of(shift), shift.person)]


def _rests(taker: Taker, theirs: set[Shift], shifts: Sequence[Shift], ground: Ground) -> Iterator[str]:
    for name in sorted({shift.schedule for shift in theirs}):
        for pair in short_rests(shifts, ground.rest[name]):
            mine = [shift for shift in (pair.before, pair.after) if shift in theirs and shift.schedule == name]
            if not mine or all(_is_their_own_turn(shift, ground) for shift in mine):
                continue
            before, after = (f"{shift.schedule} {shift.level}" for shift in (pair.before, pair.after))
            least, left = (f"{_hours(length)} h" for length in (ground.rest[name], pair.rest))
            yield f"{taker.name} would have {left} of rest between {before} and {after}; {name} asks for {least}."


def _is_their_own_turn(shift: Shift, ground: Ground) -> bool:
    """Whether the rotations give it to them: whoever gets back what they gave is asked for nothing new."""
    plan = replace(ground.plans[shift.schedule], overrides=())
    turns = final_shifts(plan, shift.start, shift.end)
    own = [(turn.start, turn.end) for turn in turns if (turn.level, turn.person) == (shift.level, shift.person)]
    return not holes(own, shift.start, shift.end)


def _hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):.3g}"


def _span(schedule: str, start: datetime, end: datetime, ground: Ground) -> str:
    return when.span(start, end, ground.plans[schedule].zone)


def _name(person: Person, ground: Ground) -> str:
    return ground.names.get(person, person)

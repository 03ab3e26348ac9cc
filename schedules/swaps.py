"""A swap as data: what goes from whom to whom, who would take it, and what the rules look at (`swap_rules.py`)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules import when
from schedules.conflicts import Place, place_of
from schedules.spans import Span, holes
from schedules.types import Level, Person, Schedule, Shift


class Piece(NamedTuple):
    """[start, end), aware UTC, of one level of a schedule, which goes from one person to another."""

    schedule: str
    level: Level
    giver: Person
    taker: Person
    start: datetime
    end: datetime

    @property
    def where(self) -> str:
        return f"{self.schedule} {self.level}"


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
    told_in: ZoneInfo | None = None
    """On whose clock times are told; None is the schedule's."""

    def holders(self, schedule: str, level: Level, start: datetime, end: datetime) -> list[Shift]:
        """The shifts on the level that meet [start, end), by start."""
        met = (shift for shift in self._on(schedule, level) if shift.start < end and start < shift.end)
        return sorted(met, key=lambda shift: shift.start)

    def held(self, piece: Piece, person: Person) -> list[Span]:
        """When the person is on the piece's level, unclipped."""
        theirs = self.holders(piece.schedule, piece.level, piece.start, piece.end)
        return [(shift.start, shift.end) for shift in theirs if shift.person == person]

    def name(self, person: Person) -> str:
        return self.names.get(person, person)

    def span(self, schedule: str, start: datetime, end: datetime) -> str:
        """In words."""
        return when.span(start, end, self.told_in or self.plans[schedule].zone)

    def _on(self, schedule: str, level: Level) -> Iterator[Shift]:
        return (shift for shift in self.shifts if place_of(shift) == (schedule, level))


def not_the_givers(piece: Piece, ground: Ground) -> str | None:
    """Why the giver can't give it, as a sentence; None when all of the piece is theirs."""
    missing = holes(ground.held(piece, piece.giver), piece.start, piece.end)
    if not missing:
        return None
    start, end = missing[0]
    there = ground.holders(piece.schedule, piece.level, start, end)
    others = sorted({ground.name(shift.person) for shift in there})
    whose = f"it is one of {' and '.join(others)}" if others else "nobody is on call then"
    what = f"{piece.where} {ground.span(piece.schedule, start, end)}"
    return f"{what} is not a shift of {ground.name(piece.giver)}: {whose}."


def outcome(pieces: Collection[Piece], ground: Ground) -> list[Shift]:
    """Everybody's shifts once the pieces have changed hands."""
    kept = [
        shift._replace(start=start, end=end)
        for shift in ground.shifts
        for start, end in holes(_given(shift, pieces), shift.start, shift.end)
    ]
    return [*kept, *(received(piece) for piece in pieces)]


def received(piece: Piece) -> Shift:
    """The shift that a piece becomes."""
    return Shift(piece.schedule, piece.level, piece.taker, piece.start, piece.end, "swap", None)


def _given(shift: Shift, pieces: Collection[Piece]) -> list[Span]:
    return [(p.start, p.end) for p in pieces if (p.schedule, p.level, p.giver) == (*place_of(shift), shift.person)]

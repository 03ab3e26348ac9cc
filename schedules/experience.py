"""Who is still a first-timer when a turn begins.

A first-timer on a level has not finished a shift on that level of the schedule, and is not marked experienced. An
override counts for the person who took it, and a turn wholly taken by others does not count for the person replaced.
So turns are followed in order from the very first, once for each schedule, until everybody is experienced.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from heapq import merge
from itertools import count, takewhile
from threading import Lock
from typing import NamedTuple

from schedules.first_timers import alone, placed
from schedules.layers import Edit, decided, edits
from schedules.order import people, seats
from schedules.rotation import handoff, turn_at
from schedules.spans import EVER, Span, holes
from schedules.types import EVERYBODY, Level, Person, Rotation, Schedule, Seat
from schedules.wallclock import to_utc


class Turn(NamedTuple):
    """One turn of `schedule.rotations[rank]`."""

    start: datetime  # aware UTC
    end: datetime  # the same as `start` where clocks jump over the whole turn
    rank: int
    number: int


def turn_of(rotation: Rotation, rank: int, number: int) -> Turn:
    return Turn(handoff(rotation, number), handoff(rotation, number + 1), rank, number)


def seats_of(schedule: Schedule, turn: Turn) -> tuple[Seat, ...]:
    """Who is on each of the rotation's levels in the turn, first-timer rule included, before overrides."""
    rotation = schedule.rotations[turn.rank]
    published = rotation.published.get(turn.number)
    if published:
        return published
    moved = experience(schedule).moved_until(turn.start) if rotation.first_shift_level else {}
    return moved.get(turn) or seats(rotation, turn.number)


@lru_cache(maxsize=256)
def experience(schedule: Schedule) -> "Experience":
    """The schedule's own, so that what was worked out once is not worked out again."""
    return Experience(schedule)


class Experience:
    """How the rule moves people, followed as far as anybody has asked. Safe to share between threads."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._began_new = _first_timers(schedule)  # on which level who had not finished a shift at the start
        self._new = set(self._began_new)  # those who have not yet
        self._finished: dict[tuple[Level, Person], datetime] = {}  # when somebody first finished a shift on a level
        self._edits = _edits(schedule, {level for level, _ in self._new})  # by their ends, the last first
        self._moved: dict[Turn, tuple[Seat, ...]] = {}
        self._alone: list[Turn] = []
        self._turns = _turns(schedule, {level for level, _ in self._new})
        self._next = next(self._turns, None)
        self._lock = Lock()

    def moved_until(self, at: datetime) -> dict[Turn, tuple[Seat, ...]]:
        """The turns, of those begun by the aware instant `at` and maybe later ones, in which the rule moves people."""
        self._follow(at)
        return self._moved

    def alone_until(self, at: datetime) -> list[Turn]:
        """Those that have a first-timer on a further level, because nobody in the rotation is experienced."""
        self._follow(at)
        return self._alone

    def first_timers(self, level: Level, at: datetime) -> frozenset[Person]:
        """Who, of all on the schedule, has not finished a shift on the level at the aware instant `at`."""
        self._follow(at)
        return frozenset(who[1] for who in self._began_new if who[0] == level and not self._has_finished(who, at))

    def is_new(self, level: Level, person: Person, at: datetime) -> bool:
        """The same of anybody: who is not on the schedule has finished nothing."""
        self._follow(at)
        return person not in self._schedule.experienced and not self._has_finished((level, person), at)

    def _follow(self, at: datetime) -> None:
        with self._lock:
            while self._new and self._next and self._next.start <= at:
                self._finish_edits(self._next.start)
                self._take(self._next)
                self._next = next(self._turns, None)
            self._finish_edits(at)

    def _finish_edits(self, at: datetime) -> None:
        """Those that end by `at`: every turn below them has been taken by then."""
        while self._edits and self._edits[-1][0].end <= at:
            edit, level = self._edits.pop()
            following = edits(self._schedule, level, edit.end, edit.end + datetime.resolution)
            go_on = {person for each in following for person in _put_on(self._schedule, each, ())}
            for seat in self._below(level, edit):
                for person in _put_on(self._schedule, edit, seat) - go_on:
                    self._finishes((level, person), edit.end)

    def _has_finished(self, who: tuple[Level, Person], at: datetime) -> bool:
        return who in self._finished and self._finished[who] <= at

    def _finishes(self, who: tuple[Level, Person], at: datetime) -> None:
        self._finished[who] = min(at, self._finished.get(who, at))

    def _below(self, level: Level, edit: Edit) -> Iterator[Seat]:
        """Those whose turns it changes; nobody, where there is time that is nobody's."""
        claims = decided(self._schedule, level, edit.start, edit.end)
        if holes([claim[:2] for claim in claims], edit.start, edit.end):
            yield ()
        for begins, ends, rank in claims:
            rotation = self._schedule.rotations[rank]
            number = turn_at(rotation, begins) or 0
            while (turn := turn_of(rotation, rank, number)).start < ends:
                on = rotation.published.get(number) or self._moved.get(turn) or seats(rotation, number)
                yield on[rotation.levels.index(level)] if on else ()
                number += 1

    def _take(self, turn: Turn) -> None:
        """Place the people of one turn, then note whose first shift it is."""
        self._new = {new for new in self._new if not self._has_finished(new, turn.start)}
        rotation = self._schedule.rotations[turn.rank]
        first_timers = frozenset(person for level, person in self._new if level == rotation.first_shift_level)
        on = rotation.published.get(turn.number) or placed(rotation, turn.number, first_timers)
        if not on:
            return
        if on != seats(rotation, turn.number):
            self._moved[turn] = on
        if alone(rotation, on, first_timers):
            self._alone.append(turn)
        working = ((level, person) for level, seat in zip(rotation.levels, on, strict=True) for person in seat)
        for new in self._new.intersection(working):
            self._work(turn, new)

    def _work(self, turn: Turn, new: tuple[Level, Person]) -> None:
        """The person finishes a shift in the turn, unless others have taken all of it."""
        for begins, ends, rank in decided(self._schedule, new[0], turn.start, turn.end):
            left = _left_to(self._schedule, new, begins, ends) if rank == turn.rank else []
            if left:
                self._finishes(new, left[0][1])
                break


def _left_to(schedule: Schedule, new: tuple[Level, Person], start: datetime, end: datetime) -> list[Span]:
    """What overrides leave of [start, end) to somebody who would be on the level."""
    level, person = new
    changed = edits(schedule, level, start, end)
    taken = [edit[:2] for edit in changed if not _by_turn(schedule, edit, (person,)).get(person)]
    return holes(taken, start, end)


def _first_timers(schedule: Schedule) -> set[tuple[Level, Person]]:
    """Everybody who may ever be on a level that a rule keeps for first-timers, by a turn or by an override."""
    put_on = {override.person for override in schedule.overrides if override.person}
    return {
        (level, person)
        for level in {rotation.first_shift_level for rotation in schedule.rotations} - {None}
        for person in put_on.union(*(people(one) for one in schedule.rotations if level in one.levels))
        if level and person not in schedule.experienced
    }


def _edits(schedule: Schedule, levels: set[Level]) -> list[tuple[Edit, Level]]:
    found = [(edit, level) for level in levels for edit in edits(schedule, level, *EVER)]
    return sorted(found, key=lambda one: one[0].end, reverse=True)


def _by_turn(schedule: Schedule, edit: Edit, seat: Seat) -> dict[Person, bool]:
    """Who is on a level after an edit of it, given whose turn it is; and whether by that turn, or by an override."""
    on = dict.fromkeys(seat, True)
    had = dict(on)
    for override in (schedule.overrides[place] for place in edit.overrides):
        if override.off == EVERYBODY:
            on, had = {}, {}
        elif override.off is not None:
            if override.off not in on:
                continue
            del on[override.off]
        if override.person is not None:
            on.setdefault(override.person, had.setdefault(override.person, False))
    return on


def _put_on(schedule: Schedule, edit: Edit, seat: Seat) -> set[Person]:
    return {person for person, is_by_turn in _by_turn(schedule, edit, seat).items() if not is_by_turn}


def _turns(schedule: Schedule, levels: set[Level]) -> Iterator[Turn]:
    """Every turn of every rotation that has one of the levels, in the order they begin."""
    ranked = zip(range(-len(schedule.rotations), 0), schedule.rotations, strict=True)
    return merge(
        *(
            _turns_of(rotation, rank)
            for rank, rotation in ranked
            if rotation.members and levels.intersection(rotation.levels)
        )
    )


def _turns_of(rotation: Rotation, rank: int) -> Iterator[Turn]:
    ends = [to_utc(rotation.until, rotation.zone)] if rotation.until else []
    over = min([*ends, rotation.in_force[-1][1]] if rotation.in_force else ends, default=None)
    turns = takewhile(
        lambda turn: over is None or turn.start < over, (turn_of(rotation, rank, number) for number in count())
    )
    return (turn for turn in turns if _counts(rotation, turn)) if rotation.in_force else turns


def _counts(rotation: Rotation, turn: Turn) -> bool:
    """Whether this version of the rotation was in force in any of the turn."""
    return any(start < turn.end and turn.start < end for start, end in rotation.in_force or [EVER])

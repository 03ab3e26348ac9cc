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
from zoneinfo import ZoneInfo

from schedules.first_timers import alone, placed
from schedules.layers import decided, overrides
from schedules.rotation import base_people, handoff
from schedules.types import Level, Person, Rotation, Schedule
from schedules.wallclock import to_utc


class Turn(NamedTuple):
    """One turn of `schedule.rotations[rank]`."""

    start: datetime  # aware UTC
    end: datetime  # the same as `start` where clocks jump over the whole turn
    rank: int
    number: int


def turn_of(rotation: Rotation, rank: int, zone: ZoneInfo, number: int) -> Turn:
    return Turn(handoff(rotation, zone, number), handoff(rotation, zone, number + 1), rank, number)


def people_of(schedule: Schedule, turn: Turn) -> tuple[Person, ...]:
    """Who is on each of the rotation's levels in the turn, first-timer rule included, before overrides."""
    rotation = schedule.rotations[turn.rank]
    published = rotation.published.get(turn.number)
    if published:
        return published
    moved = experience(schedule).moved_until(turn.start) if rotation.first_shift_level else {}
    return moved.get(turn) or base_people(rotation, turn.number)


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
        self._finished = _finished_overrides(schedule)  # when somebody first finished a shift on a level
        self._moved: dict[Turn, tuple[Person, ...]] = {}
        self._alone: list[Turn] = []
        self._turns = _turns(schedule, {level for level, _ in self._new})
        self._next = next(self._turns, None)
        self._lock = Lock()

    def moved_until(self, at: datetime) -> dict[Turn, tuple[Person, ...]]:
        """The turns, of those begun by the aware instant `at` and maybe later ones, in which the rule moves people."""
        self._follow(at)
        return self._moved

    def alone_until(self, at: datetime) -> list[Turn]:
        """Those that have a first-timer on a further level, because nobody in the rotation is experienced."""
        self._follow(at)
        return self._alone

    def first_timers(self, level: Level, at: datetime) -> frozenset[Person]:
        """Who, at the aware instant `at`, has not finished a shift on the level."""
        self._follow(at)
        return frozenset(
            person
            for on, person in self._began_new
            if on == level and ((on, person) not in self._finished or self._finished[on, person] > at)
        )

    def _follow(self, at: datetime) -> None:
        with self._lock:
            while self._new and self._next and self._next.start <= at:
                self._take(self._next)
                self._next = next(self._turns, None)

    def _take(self, turn: Turn) -> None:
        """Place the people of one turn, then note whose first shift it is."""
        self._new = {new for new in self._new if new not in self._finished or self._finished[new] > turn.start}
        rotation = self._schedule.rotations[turn.rank]
        first_timers = frozenset(person for level, person in self._new if level == rotation.first_shift_level)
        people = rotation.published.get(turn.number) or placed(rotation, turn.number, first_timers)
        if people != base_people(rotation, turn.number):
            self._moved[turn] = people
        if alone(rotation, people, first_timers):
            self._alone.append(turn)
        for new in self._new.intersection(zip(rotation.levels, people, strict=True)):
            self._work(turn, new)

    def _work(self, turn: Turn, new: tuple[Level, Person]) -> None:
        """The person finishes a shift in the turn, unless others have taken all of it."""
        for _, finished, rank in decided(self._schedule, new[0], turn.start, turn.end):
            if rank == turn.rank:
                self._finished[new] = min(finished, self._finished.get(new, finished))
                break


def _first_timers(schedule: Schedule) -> set[tuple[Level, Person]]:
    return {
        (rotation.first_shift_level, person)
        for rotation in schedule.rotations
        for person in rotation.members
        if rotation.first_shift_level and person not in schedule.experienced
    }


def _finished_overrides(schedule: Schedule) -> dict[tuple[Level, Person], datetime]:
    finished: dict[tuple[Level, Person], datetime] = {}
    for level in schedule.levels:
        for _, end, rank in overrides(schedule, level):
            finished.setdefault((level, schedule.overrides[rank].person), end)
    return finished


def _turns(schedule: Schedule, levels: set[Level]) -> Iterator[Turn]:
    """Every turn of every rotation that has one of the levels, in the order they begin."""
    ranked = zip(range(-len(schedule.rotations), 0), schedule.rotations, strict=True)
    return merge(
        *(
            _turns_of(rotation, rank, schedule.zone)
            for rank, rotation in ranked
            if rotation.members and levels.intersection(rotation.levels)
        )
    )


def _turns_of(rotation: Rotation, rank: int, zone: ZoneInfo) -> Iterator[Turn]:
    over = to_utc(rotation.until, zone) if rotation.until else None
    turns = (turn_of(rotation, rank, zone, number) for number in count())
    return takewhile(lambda turn: over is None or turn.start < over, turns)

"""The values that schedules are made of, and the shifts that come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from schedules.durations import Duration, parse_duration
from schedules.errors import ScheduleError
from schedules.hours import Hours

__all__ = [
    "Duration",
    "Gap",
    "Hours",
    "Level",
    "Override",
    "Person",
    "Rotation",
    "Schedule",
    "ScheduleError",
    "Shift",
    "Source",
    "parse_duration",
]

Person: TypeAlias = str  # an opaque id
Level: TypeAlias = str
Source = Literal["rotation", "override"]


@dataclass(frozen=True)
class Rotation:
    """Members taking turns on some levels of a schedule. Times are naive: wall clock in the schedule's zone."""

    name: str
    levels: tuple[Level, ...]  # the member whose turn it is goes on the first
    members: tuple[Person, ...]  # in the order of their turns
    start: datetime  # turn 0 begins
    shift: tuple[Duration, ...]  # how long turns last, used again from the first when all are used
    until: datetime | None = None  # nobody is on from here
    hours: Hours | None = None  # on call only then; None is always
    first_shift_level: Level | None = None  # turns the first-timer rule on: the only level for first-timers
    level_offset: int | None = None  # members between one level and the next; None is members // levels
    published: Mapping[int, tuple[Person, ...]] = field(default_factory=dict, hash=False)  # turns told, by number
    epoch: tuple[int, int] = (0, 0)  # a turn, and the place in `members` of whoever's it is; others follow from it


@dataclass(frozen=True)
class Override:
    """Puts a person on a level for [start, end), aware UTC, whatever the rotations say."""

    level: Level
    person: Person
    start: datetime
    end: datetime


@dataclass(frozen=True, eq=False)
class Schedule:
    """Who is on call over time. Equal only to itself, so that what is worked out about it can be kept cheaply."""

    name: str
    zone: ZoneInfo
    levels: tuple[Level, ...]
    rotations: tuple[Rotation, ...] = ()  # where several apply, the last wins
    overrides: tuple[Override, ...] = ()  # in the order made; where several apply, the last wins
    experienced: frozenset[Person] = frozenset()  # never first-timers, whatever the history says


class Shift(NamedTuple):
    """One person, one interval, one level: [start, end), aware UTC. A tuple, since a year of them is made at once."""

    schedule: str
    level: Level
    person: Person
    start: datetime
    end: datetime
    source: Source
    rotation: str | None  # its name; None for an override


@dataclass(frozen=True)
class Gap:
    """Nobody is on the level for [start, end), aware UTC."""

    level: Level
    start: datetime
    end: datetime

"""The values that schedules are made of, and the shifts that come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from schedules.durations import Duration, parse_duration
from schedules.errors import ScheduleError
from schedules.hours import Hours
from schedules.spans import Span

__all__ = [
    "EVERYBODY",
    "Duration",
    "Gap",
    "Hours",
    "Level",
    "Member",
    "Override",
    "Person",
    "Rotation",
    "Schedule",
    "ScheduleError",
    "Seat",
    "Shift",
    "Source",
    "parse_duration",
]

Person: TypeAlias = str  # an opaque id
Level: TypeAlias = str
Seat: TypeAlias = tuple[Person, ...]  # the people who have a turn together; () is a turn that nobody has
Source = Literal["rotation", "override", "swap", "temporary"]

EVERYBODY: Person = "*"


class Member(NamedTuple):
    """A place in the order of a rotation, for turns that lie wholly between two wall-clock times, if they are given."""

    people: Seat
    joins: datetime | None = None
    leaves: datetime | None = None


@dataclass(frozen=True, eq=False)
class Rotation:
    """Members taking turns on some levels of a schedule. Times are naive: wall clock in the rotation's zone.

    Equal only to itself, as a schedule is.
    """

    name: str
    levels: tuple[Level, ...]  # the member whose turn it is goes on the first
    members: tuple[Member, ...]  # in the order of their turns
    start: datetime  # turn 0 begins
    shift: tuple[Duration, ...]  # how long turns last, used again from the first when all are used
    zone: ZoneInfo
    until: datetime | None = None  # nobody is on from here
    hours: Hours | None = None  # on call only then; None is always
    skip: frozenset[int] = frozenset()  # days that begin on these weekdays (0 is Monday) are not worked nor counted
    first_shift_level: Level | None = None  # turns the first-timer rule on: the only level for first-timers
    level_offset: int | None = None  # members between one level and the next; None is members // levels
    published: Mapping[int, tuple[Seat, ...]] = field(default_factory=dict)  # turns told, by number
    told_from: int = 0  # turns before this one were over before anybody was told of one
    newcomers: frozenset[Person] = frozenset()  # members who came later than that, and had no part in those turns
    epoch: tuple[int, int] = (0, 0)  # a turn, and the place in `members` of whoever's it is; others follow from it
    in_force: tuple[Span, ...] | None = None  # when this version of it counts, sorted; None is always


@dataclass(frozen=True)
class Override:
    """For [start, end), aware UTC, puts a person on a level, takes somebody off, or both.

    `off` is who goes off the level: everybody, nobody (None), or one person, and while that one is not on the level
    the override changes nothing. `person` None: nobody comes on.
    """

    level: Level
    person: Person | None
    start: datetime
    end: datetime
    off: Person | None = EVERYBODY
    source: Source = "override"


@dataclass(frozen=True, eq=False)
class Schedule:
    """Who is on call over time. Equal only to itself, so that what is worked out about it can be kept cheaply."""

    name: str
    zone: ZoneInfo
    levels: tuple[Level, ...]
    rotations: tuple[Rotation, ...] = ()  # where several apply, the last wins
    overrides: tuple[Override, ...] = ()  # in the order made: each changes what those before it have made
    experienced: frozenset[Person] = frozenset()  # never first-timers, whatever the history says
    covers: Hours | None = None  # when somebody is meant to be on, in its zone; None is always
    former: tuple[Level, ...] = ()  # levels that it had once: people were on them, and nobody is any more


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

"""What each layer of a level says by itself: who would be on by one rotation alone, and what was put on top by hand."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from schedules.experience import experience
from schedules.layers import applies, ranks
from schedules.resolve import turns
from schedules.spans import Span, holes, intersect
from schedules.types import Level, Person, Schedule, Shift, Source


class Part(NamedTuple):
    """[start, end), aware UTC, of a layer. `person` None: nobody comes on, which only an override can say."""

    start: datetime
    end: datetime
    person: Person | None


class Layer(NamedTuple):
    source: Source
    name: str  # of the rotation; "" for what was made by hand
    parts: list[Part]  # by start, with their own start and end


def stack(schedule: Schedule, level: Level, start: datetime, end: datetime) -> list[Layer]:
    """The layers that say anything of [start, end), each before those above it count; the one that wins first."""
    found = [*_by_hand(schedule, level, start, end), *_by_rotation(schedule, level, start, end)]
    return [layer for layer in found if layer.parts]


def is_first(schedule: Schedule, shift: Shift) -> bool:
    """Whether the person has not finished a shift on the level when this one begins, where the rule asks for it."""
    return shift.person in experience(schedule).first_timers(shift.level, shift.start)


def _by_hand(schedule: Schedule, level: Level, start: datetime, end: datetime) -> Iterator[Layer]:
    """The kind that was made last is on top."""
    of_source: dict[Source, list[Part]] = defaultdict(list)
    for override in reversed(schedule.overrides):
        if override.level == level and override.start < end and start < override.end:
            of_source[override.source].append(Part(override.start, override.end, override.person))
    for source, parts in of_source.items():
        told = _filled(parts) if source == "temporary" else parts
        yield Layer(source, "", sorted(told, key=attrgetter("start")))


def _filled(parts: Sequence[Part]) -> list[Part]:
    """A window planned by hand is cleared first, which says something only where it stays empty."""
    named = [part for part in parts if part.person is not None]
    taken = [(part.start, part.end) for part in named]
    empty = [(part.start, part.end) for part in parts if part.person is None]
    return [*named, *(Part(*hole, None) for window in empty for hole in holes(taken, *window))]


def _by_rotation(schedule: Schedule, level: Level, start: datetime, end: datetime) -> Iterator[Layer]:
    """All versions of one rotation together."""
    of_name: dict[str, list[Part]] = defaultdict(list)
    for rank in reversed(ranks(schedule, level)):
        of_name[schedule.rotations[rank].name] += _parts(schedule, level, rank, start, end)
    for name, parts in of_name.items():
        yield Layer("rotation", name, sorted(parts, key=attrgetter("start")))


def _parts(schedule: Schedule, level: Level, rank: int, start: datetime, end: datetime) -> Iterator[Part]:
    taken = turns(schedule, level, rank, start, end)
    if not taken:
        return
    worked: list[Span] = applies(schedule.rotations[rank], level, taken[0][0], taken[-1][1])
    for begins, ends, _, seat in taken:
        for opens, closes in intersect([(begins, ends)], worked):
            if opens < end and start < closes:
                yield from (Part(opens, closes, person) for person in seat)

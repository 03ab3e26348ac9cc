"""What a change makes worse: shifts before it held against shifts after it. What was as bad before is not told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schedules.conflicts import DoubleBooking, Place, ShortRest, double_bookings, place_of, short_rests
from schedules.spans import Span, holes, intersect, merge
from schedules.types import Level, Person, Shift


@dataclass(frozen=True, slots=True)
class Picture:
    """A schedule before a change, or after it."""

    shifts: Sequence[Shift]
    reachable: Collection[Person]
    """Who can be paged."""

    def held(self, level: Level) -> list[Span]:
        return merge((shift.start, shift.end) for shift in self.shifts if shift.level == level)

    def paged(self, level: Level) -> list[Span]:
        """When somebody is on who can be paged."""
        return merge(
            (shift.start, shift.end) for shift in self.shifts if shift.level == level and shift.person in self.reachable
        )


def deserted(before: Picture, after: Picture, level: Level, start: datetime, end: datetime) -> list[Span]:
    """When in [start, end) somebody was on the level, and nobody would be."""
    return intersect(before.held(level), holes(after.held(level), start, end))


def unpaged(
    before: Picture, after: Picture, level: Level, start: datetime, end: datetime, named: Collection[Person] = ()
) -> dict[Person, list[Span]]:
    """When in [start, end) people would be on the level who can't be paged, in place of somebody who could be.

    Of those `named`, whoever was on before.
    """
    lost = intersect(before.paged(level), holes(after.paged(level), start, end))
    found: dict[Person, list[Span]] = defaultdict(list)
    for shift in after.shifts:
        if shift.level == level and shift.person not in after.reachable:
            matters = [(start, end)] if shift.person in named else lost
            found[shift.person] += intersect([(shift.start, shift.end)], matters)
    return {person: merge(spans) for person, spans in found.items() if spans}


def overbooked(before: Iterable[Shift], after: Iterable[Shift]) -> list[DoubleBooking]:
    """Double bookings, each cut down to the time in which it is new; by start."""
    old: dict[tuple[Person, frozenset[Place]], list[Span]] = defaultdict(list)
    for booking in double_bookings(before):
        old[_like(booking)].append((booking.start, booking.end))
    found = [
        replace(booking, start=start, end=end)
        for booking in double_bookings(after)
        for start, end in holes(old[_like(booking)], booking.start, booking.end)
    ]
    return sorted(found, key=lambda booking: booking.start)


def _like(booking: DoubleBooking) -> tuple[Person, frozenset[Place]]:
    return booking.first.person, frozenset({place_of(booking.first), place_of(booking.second)})


def unrested(before: Iterable[Shift], after: Iterable[Shift], least: timedelta) -> list[ShortRest]:
    """Rests shorter than `least` that were not there before, by the start of the later shift."""
    old = {_times(pair) for pair in short_rests(before, least)}
    return [pair for pair in short_rests(after, least) if _times(pair) not in old]


def _times(pair: ShortRest) -> tuple[Person, datetime, datetime]:
    return pair.before.person, pair.before.end, pair.after.start

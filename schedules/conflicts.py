"""What shifts ask of one person at once, or too soon after each other; on one schedule or across several."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from schedules.spans import Span, merge
from schedules.types import Level, Person, Shift

Place = tuple[str, Level]  # a schedule's name, and one of its levels


@dataclass(frozen=True, slots=True)
class DoubleBooking:
    """One person on two levels, or on two schedules, for [start, end). `first` began no later than `second`."""

    first: Shift
    second: Shift
    start: datetime
    end: datetime


class _Stretch(NamedTuple):
    """Shifts of one person on one schedule, on whatever levels, that overlap or follow each other without a break."""

    first: Shift
    last: Shift
    """That which ends last."""


@dataclass(frozen=True, slots=True)
class ShortRest:
    """The shift that ends one stretch of duty, and the one that begins the next, with too little time between them."""

    before: Shift
    after: Shift

    @property
    def rest(self) -> timedelta:
        return self.after.start - self.before.end


def double_bookings(shifts: Iterable[Shift]) -> list[DoubleBooking]:
    """Every two shifts of one person that overlap on different levels or schedules, by start of the overlap."""
    found: list[DoubleBooking] = []
    for own in _by_person(shifts).values():
        running: list[Shift] = []
        for shift in own:
            running = [earlier for earlier in running if earlier.end > shift.start]
            found += [
                DoubleBooking(earlier, shift, shift.start, min(earlier.end, shift.end))
                for earlier in running
                if place_of(earlier) != place_of(shift)
            ]
            running.append(shift)
    return sorted(found, key=lambda booking: booking.start)


def short_rests(shifts: Iterable[Shift], least: timedelta) -> list[ShortRest]:
    """Where somebody has less than `least` between two stretches of duty, by start of the later one.

    Turns in a row, and an override that keeps somebody on or prolongs their turn, are one stretch: rest comes after it.
    Going on at once for another schedule is no rest. Not short is the time for which others relieve somebody by
    overrides within a turn or an override: that is a break in one shift, and nobody should be warned of a favour.
    Stretches that overlap are double bookings, and the rest after them is counted from whichever ends last.
    """
    shifts = list(shifts)
    relief = _overridden(shifts)
    found: list[ShortRest] = []
    for own in _by_person(shifts).values():
        before, *others = _stretches(own)
        for stretch in others:
            pair = ShortRest(before.last, stretch.first)
            if timedelta() <= pair.rest < least and not _is_relieved(pair, relief):
                found.append(pair)
            before = max(before, stretch, key=lambda each: _by_end(each.last))
    return sorted(found, key=lambda pair: pair.after.start)


def _stretches(own: Iterable[Shift]) -> list[_Stretch]:
    """Of one person's shifts, by start, as these come."""
    found: list[_Stretch] = []
    running: dict[str, int] = {}
    for shift in own:
        place = running.get(shift.schedule)
        if place is not None and shift.start <= found[place].last.end:
            first, last = found[place]
            found[place] = _Stretch(first, max(last, shift, key=_by_end))
        else:
            running[shift.schedule] = len(found)
            found.append(_Stretch(shift, shift))
    return found


def _by_end(shift: Shift) -> tuple[datetime, datetime, Place]:
    return shift.end, shift.start, place_of(shift)


def place_of(shift: Shift) -> Place:
    return shift.schedule, shift.level


def _by_person(shifts: Iterable[Shift]) -> dict[Person, list[Shift]]:
    """Each person's, by start."""
    own: dict[Person, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda shift: (shift.start, shift.end, *place_of(shift))):
        own[shift.person].append(shift)
    return own


def _overridden(shifts: Iterable[Shift]) -> dict[Place, list[Span]]:
    """When overrides hold each level, sorted."""
    spans: dict[Place, list[Span]] = defaultdict(list)
    for shift in shifts:
        if shift.rotation is None:
            spans[place_of(shift)].append((shift.start, shift.end))
    return {place: merge(held) for place, held in spans.items()}


def _is_relieved(pair: ShortRest, relief: dict[Place, list[Span]]) -> bool:
    """Whether others' overrides hold the level from the end of the one piece to the start of the other."""
    before, after = pair.before, pair.after
    is_one_shift = (place_of(before), before.rotation) == (place_of(after), after.rotation)
    if not is_one_shift:
        return False
    spans = relief.get(place_of(before), [])
    found = bisect_right(spans, before.end, key=lambda span: span[0]) - 1
    return found >= 0 and spans[found][1] >= after.start

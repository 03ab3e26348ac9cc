"""What shifts ask of one person at once, or too soon after each other; on one schedule or across several."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

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


@dataclass(frozen=True, slots=True)
class ShortRest:
    """Two shifts of one person, one after the other, with too little time between them."""

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
    """Every two consecutive shifts of one person with less than `least` between them, by start of the later one.

    Two turns in a row are two shifts with no rest between, and so is an override that prolongs a turn: whoever takes
    the turn next to their own is on for both. An override amid one's own turn changes nothing. Not short is the time
    for which others relieve somebody by overrides within a turn or an override: that is a break in one shift, and
    nobody should be warned of a favour. Shifts that overlap are double bookings, and the rest after them is counted
    from whichever ends last.
    """
    shifts = list(shifts)
    relief = _overridden(shifts)
    found: list[ShortRest] = []
    for all_own in _by_person(shifts).values():
        last, *others = _but_amid_own_turns(all_own, relief)
        for shift in others:
            pair = ShortRest(last, shift)
            if timedelta() <= pair.rest < least and not _is_relieved(pair, relief):
                found.append(pair)
            if shift.end >= last.end:
                last = shift
    return sorted(found, key=lambda pair: pair.after.start)


def _but_amid_own_turns(own: list[Shift], relief: dict[Place, list[Span]]) -> list[Shift]:
    """Without the overrides that keep somebody on when they would be on anyhow: between two pieces of one turn."""
    turns: dict[tuple[Place, str], Shift] = {}
    amid: dict[Place, list[Span]] = defaultdict(list)
    for piece in own:
        if piece.rotation is not None:
            before = turns.get((place_of(piece), piece.rotation), piece)
            if _is_relieved(ShortRest(before, piece), relief):
                amid[place_of(piece)].append((before.end, piece.start))
            turns[place_of(piece), piece.rotation] = piece
    return [
        shift
        for shift in own
        if shift.rotation is not None
        or not any(start <= shift.start and shift.end <= end for start, end in amid[place_of(shift)])
    ]


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
    if not is_one_shift or not pair.rest:
        return False
    spans = relief.get(place_of(before), [])
    found = bisect_right(spans, before.end, key=lambda span: span[0]) - 1
    return found >= 0 and spans[found][1] >= after.start

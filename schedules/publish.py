"""What to change in the shifts people have been told, so that they match the ones that are wanted now.

A calendar client knows an event by its UID. So a published entry keeps its UID for as long as some wanted shift can be
seen as the same one, at another time or with another person.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from schedules.types import Level, Person, Shift, Source


@dataclass(frozen=True)
class PublishedEntry:
    """A shift of one schedule as it was announced. Times are aware UTC."""

    uid: str
    level: Level
    person: Person
    start: datetime
    end: datetime
    source: Source = "rotation"


@dataclass(frozen=True)
class Changes:
    """What makes the published entries match the wanted shifts; applied, there are none left to make."""

    added: tuple[Shift, ...]
    changed: tuple[tuple[PublishedEntry, Shift], ...]  # keeps the UID, takes all else from the shift
    removed: tuple[PublishedEntry, ...]

    def any(self) -> bool:
        return bool(self.added or self.changed or self.removed)


Pair = tuple[PublishedEntry, Shift]
Pairing = Callable[[list[PublishedEntry], list[Shift]], list[Pair]]
Likeness = Callable[[PublishedEntry | Shift], Hashable]

# From the surest sign that two are the same to the least; what is left is paired by the time they share.
_SIGNS: tuple[Likeness, ...] = (
    lambda it: (it.level, it.start, it.end, it.person),
    lambda it: (it.level, it.start),
    lambda it: (it.level, it.end),
)


def reconcile(published: Sequence[PublishedEntry], wanted: Sequence[Shift]) -> Changes:
    """Pair published entries with wanted shifts of the same level, surest pairs first.

    Both are of one schedule. The answer does not depend on the order of either.
    """
    entries = sorted(published, key=lambda entry: (entry.start, entry.end, entry.level, entry.person, entry.uid))
    shifts = sorted(wanted, key=lambda shift: (shift.start, shift.end, shift.level, shift.person))
    pairs: list[Pair] = []
    pairings: list[Pairing] = [*(partial(_alike, sign) for sign in _SIGNS), _overlapping]
    for pairing in pairings:
        found = pairing(entries, shifts)
        paired = {id(one) for pair in found for one in pair}
        entries = [entry for entry in entries if id(entry) not in paired]
        shifts = [shift for shift in shifts if id(shift) not in paired]
        pairs += found
    changed = sorted((pair for pair in pairs if _differ(*pair)), key=lambda pair: (pair[1].start, pair[0].uid))
    return Changes(tuple(shifts), tuple(changed), tuple(entries))


def _alike(sign: Likeness, entries: list[PublishedEntry], shifts: list[Shift]) -> list[Pair]:
    """Each entry with the first shift of the same sign that no entry before it has."""
    waiting: dict[Hashable, deque[Shift]] = defaultdict(deque)
    for shift in shifts:
        waiting[sign(shift)].append(shift)
    return [(entry, waiting[sign(entry)].popleft()) for entry in entries if waiting[sign(entry)]]


def _overlapping(entries: list[PublishedEntry], shifts: list[Shift]) -> list[Pair]:
    """Those that share the most time first."""
    longest = max((shift.end - shift.start for shift in shifts), default=timedelta())
    pairs = [
        (entry, shift)
        for entry in entries
        for shift in _near(entry, shifts, longest)
        if _shared(entry, shift) > timedelta()
    ]
    taken: set[int] = set()
    found: list[Pair] = []
    for entry, shift in sorted(pairs, key=lambda pair: _shared(*pair), reverse=True):
        if taken.isdisjoint((id(entry), id(shift))):
            taken |= {id(entry), id(shift)}
            found.append((entry, shift))
    return found


def _near(entry: PublishedEntry, shifts: list[Shift], longest: timedelta) -> list[Shift]:
    """Those of `shifts`, sorted by start, that may overlap: begun before it ends, but no longest shift before it."""
    first = bisect_left(shifts, entry.start - longest, key=lambda shift: shift.start)
    return shifts[first : bisect_left(shifts, entry.end, key=lambda shift: shift.start)]


def _shared(entry: PublishedEntry, shift: Shift) -> timedelta:
    """How long both last at once; none on different levels, and negative when they are apart."""
    if entry.level != shift.level:
        return timedelta()
    return min(entry.end, shift.end) - max(entry.start, shift.start)


def _differ(entry: PublishedEntry, shift: Shift) -> bool:
    is_told = (entry.start, entry.end, entry.person, entry.source)
    return is_told != (shift.start, shift.end, shift.person, shift.source)

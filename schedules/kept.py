"""The final shifts of plans that are asked about again and again: worked out a stretch of days at a time, and kept for
as long as the plan itself is. A change makes a new plan.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from weakref import WeakKeyDictionary

from schedules import resolve
from schedules.types import Schedule, Shift

STRETCH = timedelta(days=28)
MOST_STRETCHES = 60
"""Of one plan: more than four years, as far as pages look back and ahead."""
_EPOCH = datetime(1970, 1, 5, tzinfo=UTC)

_known: WeakKeyDictionary[Schedule, dict[int, list[Shift]]] = WeakKeyDictionary()


def final_shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """As `resolve.final_shifts`, which knows each shift whole, whatever the window."""
    first, last = _number(start), _number(end - datetime.resolution)
    if last < first or last - first >= MOST_STRETCHES:
        return resolve.final_shifts(schedule, start, end)
    begun = [shift for shift in _stretch(schedule, first) if shift.start < end and start < shift.end]
    for number in range(first + 1, last + 1):
        shifts = _stretch(schedule, number)
        begun += shifts[_before(shifts, _begins(number)) : _before(shifts, end)]
    return begun


def _before(shifts: Sequence[Shift], moment: datetime) -> int:
    """How many begin before then."""
    return bisect_left(shifts, moment, key=attrgetter("start"))


def _stretch(schedule: Schedule, number: int) -> list[Shift]:
    """Those that meet it, by start and then by level."""
    known = _known.setdefault(schedule, {})
    found = known.get(number)
    if found is None:
        found = resolve.final_shifts(schedule, _begins(number), _begins(number + 1))
        if len(known) >= MOST_STRETCHES:
            known.clear()
        known[number] = found
    return found


def _number(at: datetime) -> int:
    return (at - _EPOCH) // STRETCH


def _begins(number: int) -> datetime:
    return _EPOCH + number * STRETCH

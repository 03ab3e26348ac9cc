"""Turns: when each begins, which one is running, and whose it is before anything else is considered.

Turn 0 begins at the rotation's start. Handoffs are counted on the wall clock, from the start and never from each
other, so that neither a clock change nor a short month moves the ones after it.
"""

from bisect import bisect_right
from calendar import monthrange
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from schedules.durations import Duration
from schedules.types import Rotation
from schedules.wallclock import skipped, to_local, to_utc

Cycle: TypeAlias = tuple[Duration, ...]
Weekdays: TypeAlias = frozenset[int]

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def handoff(rotation: Rotation, turn: int) -> datetime:
    """The instant at which the turn begins, aware UTC. Never decreases from one turn to the next.

    Where clocks jump over the handoff it is read with the offset before the gap, as `to_utc` does, but waits no
    longer than for the next handoff that clocks do show: turns within a gap may be empty, and never overlap.
    """
    return _handoff(rotation.start, rotation.shift, rotation.skip, rotation.zone, turn)


def turn_at(rotation: Rotation, at: datetime) -> int | None:
    """The turn that is running at the aware instant `at`; None before the start. Looks at neither until nor hours."""
    if at < handoff(rotation, 0):
        return None
    months, elapsed = _steps(rotation.shift)[-1]
    run, slack = to_local(at, rotation.zone) - rotation.start, _DAY  # clocks never moved by more than a day
    if rotation.skip:
        elapsed, slack = elapsed * 7 / (7 - len(rotation.skip)), _DAY + _WEEK
    # Months have 28 to 31 days.
    low = max(0, (run - slack) // (elapsed + months * 31 * _DAY)) * len(rotation.shift)
    high = ((run + slack) // (elapsed + months * 28 * _DAY) + 1) * len(rotation.shift)
    turns = range(low, high + 1)
    return low + bisect_right(turns, at, key=lambda turn: handoff(rotation, turn)) - 1


def next_handoff(rotation: Rotation, at: datetime) -> datetime:
    """The first after the aware instant `at`; looks at neither until nor hours."""
    turn = turn_at(rotation, at)
    return handoff(rotation, 0 if turn is None else turn + 1)


@lru_cache(maxsize=16384)
def _handoff(start: datetime, shift: Cycle, skip: Weekdays, zone: ZoneInfo, turn: int) -> datetime:
    local = local_handoff(start, shift, skip, turn)
    at = to_utc(local, zone)
    return min(at, _handoff(start, shift, skip, zone, turn + 1)) if skipped(local, zone) else at


def local_handoff(start: datetime, shift: Cycle, skip: Weekdays, turn: int) -> datetime:
    """The wall-clock time at which the turn begins, naive. Months keep the day of the start or clip to month end."""
    steps = _steps(shift)
    cycles, rest = divmod(turn, len(shift))
    months = cycles * steps[-1][0] + steps[rest][0]
    elapsed = cycles * steps[-1][1] + steps[rest][1]
    if skip:
        return _add_worked_days(start, elapsed.days, skip)
    return (_add_months(start, months) if months else start) + elapsed


def _add_worked_days(local: datetime, days: int, skip: Weekdays) -> datetime:
    worked = [day for day in range(7) if (local.weekday() + day) % 7 not in skip]
    weeks, rest = divmod(days, len(worked))
    return local + weeks * _WEEK + worked[rest] * _DAY


@lru_cache(maxsize=256)
def _steps(shift: Cycle) -> tuple[tuple[int, timedelta], ...]:
    """Months and other time from the beginning of a cycle to each of its turns and, last, to its end."""
    steps = [(0, timedelta())]
    for duration in shift:
        steps.append((steps[-1][0] + duration.months, steps[-1][1] + duration.elapsed))
    return tuple(steps)


def _add_months(local: datetime, months: int) -> datetime:
    years, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month + 1
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))

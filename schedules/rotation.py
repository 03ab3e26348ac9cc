"""Turns: when each begins, which one is running, and who is on it before anything else is considered.

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
from schedules.types import Person, Rotation
from schedules.wallclock import skipped, to_local, to_utc

Cycle: TypeAlias = tuple[Duration, ...]

_DAY = timedelta(days=1)


def handoff(rotation: Rotation, zone: ZoneInfo, turn: int) -> datetime:
    """The instant at which the turn begins, aware UTC. Never decreases from one turn to the next.

    Where clocks jump over the handoff it is read with the offset before the gap, as `to_utc` does, but waits no
    longer than for the next handoff that clocks do show: turns within a gap may be empty, and never overlap.
    """
    return _handoff(rotation.start, rotation.shift, zone, turn)


def turn_at(rotation: Rotation, zone: ZoneInfo, at: datetime) -> int | None:
    """The turn that is running at the aware instant `at`; None before the start. Looks at neither until nor hours."""
    if at < handoff(rotation, zone, 0):
        return None
    months, elapsed = _steps(rotation.shift)[-1]
    run = to_local(at, zone) - rotation.start
    # Clocks never moved by more than a day, and months have 28 to 31.
    low = max(0, (run - _DAY) // (elapsed + months * 31 * _DAY)) * len(rotation.shift)
    high = ((run + _DAY) // (elapsed + months * 28 * _DAY) + 1) * len(rotation.shift)
    turns = range(low, high + 1)
    return low + bisect_right(turns, at, key=lambda turn: handoff(rotation, zone, turn)) - 1


def base_people(rotation: Rotation, turn: int) -> tuple[Person, ...]:
    """Who is on each of the rotation's levels, before the first-timer rule and overrides; () without members.

    Members take turns on the first level, counted from the epoch; each further level is `level_offset` members on, by
    default members // levels, which keeps people off two levels at once, or one right after the other, where it can.
    """
    count = len(rotation.members)
    if not count:
        return ()
    step = count // len(rotation.levels) if rotation.level_offset is None else rotation.level_offset
    began, lead = rotation.epoch
    return tuple(rotation.members[(turn - began + lead + j * step) % count] for j in range(len(rotation.levels)))


@lru_cache(maxsize=16384)
def _handoff(start: datetime, shift: Cycle, zone: ZoneInfo, turn: int) -> datetime:
    local = local_handoff(start, shift, turn)
    at = to_utc(local, zone)
    return min(at, _handoff(start, shift, zone, turn + 1)) if skipped(local, zone) else at


def local_handoff(start: datetime, shift: Cycle, turn: int) -> datetime:
    """The wall-clock time at which the turn begins, naive. Months keep the day of the start or clip to month end."""
    steps = _steps(shift)
    cycles, rest = divmod(turn, len(shift))
    months = cycles * steps[-1][0] + steps[rest][0]
    elapsed = cycles * steps[-1][1] + steps[rest][1]
    return (_add_months(start, months) if months else start) + elapsed


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

"""How much work a question about a schedule takes, told before it is begun. Figures are near, and rather too large."""

from datetime import UTC, datetime, timedelta

from schedules.durations import Duration
from schedules.types import Rotation, Schedule

_MONTH = timedelta(days=28)
_WEEK = timedelta(days=7)


def shifts_within(schedule: Schedule, start: datetime, end: datetime) -> int:
    """Turns, openings and overrides, each on each of its levels, that are looked at for the shifts of [start, end)."""
    longest = max((_length(turn) for rotation in schedule.rotations for turn in rotation.shift), default=timedelta())
    count = len(schedule.overrides)
    for rotation in schedule.rotations:
        looked_at = _time(rotation, start - longest, end + longest)  # a shift has its own start and end
        windows = len(rotation.hours.windows) if rotation.hours else 0
        openings = windows * (looked_at // _WEEK + 1)
        count += len(rotation.levels) * (_turns(rotation, _time(rotation, start, end)) + openings)
    return count


def turns_until(schedule: Schedule, end: datetime) -> int:
    """Turns that the first-timer rule follows, from each rotation's start."""
    if not any(rotation.first_shift_level for rotation in schedule.rotations):
        return 0
    return sum(_turns(rotation, _time(rotation, _utc(rotation.start), end)) for rotation in schedule.rotations)


def _time(rotation: Rotation, start: datetime, end: datetime) -> timedelta:
    """How much of [start, end) is between the rotation's start and until, and while this version of it counts."""
    start = max(start, _utc(rotation.start))
    end = min(end, _utc(rotation.until)) if rotation.until else end
    if rotation.in_force is not None:
        start, end = max(start, rotation.in_force[0][0]), min(end, rotation.in_force[-1][1])
    return max(end - start, timedelta()) if rotation.members else timedelta()


def _turns(rotation: Rotation, time: timedelta) -> int:
    cycle = sum((_length(turn) for turn in rotation.shift), timedelta())
    return (time // cycle + 1) * len(rotation.shift) if time else 0


def _length(turn: Duration) -> timedelta:
    return turn.months * _MONTH + turn.elapsed


def _utc(local: datetime) -> datetime:
    """Near enough."""
    return local.replace(tzinfo=UTC)

"""Whether a schedule makes sense, and what to write where it doesn't."""

from collections import Counter
from collections.abc import Iterable, Iterator

from schedules.errors import ScheduleError
from schedules.types import Override, Person, Rotation, Schedule

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def validate(schedule: Schedule) -> None:
    """Raise ScheduleError with a sentence for each problem, if there is one."""
    found = problems(schedule)
    if found:
        raise ScheduleError(" ".join(found))


def problems(schedule: Schedule) -> list[str]:
    """A sentence for each thing to mend before the schedule can be used; [] if it is fine."""
    return [f"{schedule.name}: {problem}" for problem in _problems(schedule)]


def _problems(schedule: Schedule) -> Iterator[str]:
    if not schedule.levels:
        yield "has no levels: name at least one, like L1."
    for level in _twice(schedule.levels):
        yield f"level {level} is listed twice."
    for name in _twice(rotation.name for rotation in schedule.rotations):
        yield f"two rotations are called {name}: rename one."
    for rotation in schedule.rotations:
        for problem in (*_rotation_levels(rotation, schedule), *_rotation_times(rotation), *_skip(rotation)):
            yield f"rotation {rotation.name} {problem}"
        for person in _twice(_always_members(rotation)):
            yield f"rotation {rotation.name} lists {person} twice."
    for override in schedule.overrides:
        yield from _override(override, schedule)


def _rotation_levels(rotation: Rotation, schedule: Schedule) -> Iterator[str]:
    if not rotation.levels:
        yield "has no levels: name at least one of the schedule's."
    for level in rotation.levels:
        if level not in schedule.levels:
            yield f"is on level {level}, which the schedule does not have: {_choices(schedule.levels)}."
    for level in _twice(rotation.levels):
        yield f"lists level {level} twice."
    if rotation.first_shift_level is not None and rotation.first_shift_level not in rotation.levels:
        yield f"sends first-timers to {rotation.first_shift_level}, where it is not: {_choices(rotation.levels)}."


def _rotation_times(rotation: Rotation) -> Iterator[str]:
    if not rotation.shift:
        yield 'does not say how long a shift lasts: write "3 days".'
    for member in rotation.members:
        if member.joins is not None and member.leaves is not None and member.leaves <= member.joins:
            yield f"has {' and '.join(member.people) or 'an empty turn'} leave before joining: mend one of the dates."
    if any(duration.count < 1 for duration in rotation.shift):
        yield "has a shift that lasts no time: write at least 1."
    if any(time is not None and time.tzinfo is not None for time in (rotation.start, rotation.until)):
        yield "has a start or until with an offset: write the time on the wall in the schedule's zone."
    elif rotation.until is not None and rotation.until <= rotation.start:
        yield f"ends ({rotation.until:%Y-%m-%d %H:%M}) before it starts ({rotation.start:%Y-%m-%d %H:%M})."
    if rotation.hours is not None and not rotation.hours.windows:
        yield 'has no hours in the week: write "Mon-Fri 09:00-17:00", or leave them out.'


def _skip(rotation: Rotation) -> Iterator[str]:
    if not rotation.skip:
        return
    if len(rotation.skip) == len(WEEKDAYS):
        yield "skips every day of the week: leave one to work."
    elif rotation.start.weekday() in rotation.skip:
        yield f"starts on a {WEEKDAYS[rotation.start.weekday()]}, which it skips: start it on a day that it works."
    if any(duration.unit != "days" for duration in rotation.shift):
        yield 'skips days, so its shifts are counted in days: write "5 days" in place of a week.'


def _always_members(rotation: Rotation) -> Iterator[Person]:
    """Those of the order who neither join nor leave: somebody may come back at another place."""
    for member in rotation.members:
        if member.joins is None and member.leaves is None:
            yield from member.people


def _override(override: Override, schedule: Schedule) -> Iterator[str]:
    person = override.person or override.off
    if override.level not in schedule.levels:
        yield (
            f"an override puts {person} on level {override.level}, which the schedule does not have:"
            f" {_choices(schedule.levels)}."
        )
    if override.start.tzinfo is None or override.end.tzinfo is None:
        yield f"the override for {person} has a time without an offset: write it in UTC."
    elif override.end <= override.start:
        yield f"the override for {person} ends at {override.end}, not after it starts at {override.start}."


def _choices(levels: tuple[str, ...]) -> str:
    return f"write {' or '.join(levels)}" if levels else "name it there first"


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]

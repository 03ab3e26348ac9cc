"""Everybody's shifts ahead on all schedules, worked out once: people are shared, so one schedule needs all the others.

Kept for as long as nothing changes that could change them, and no longer than a day.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from operator import attrgetter
from threading import Lock

from sqlmodel import Session

from oncall.config.values import LONGEST_REST
from oncall.installation import installation
from oncall.rota import coverage
from schedules.kept import final_shifts
from schedules.types import Person, Shift

AHEAD = timedelta(days=90)
BEHIND = LONGEST_REST
"""Rest before a shift may be counted from one that has ended already."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Final shifts by start, each of them under its schedule's name and under its person's handle."""

    of_schedule: dict[str, list[Shift]]
    of_person: dict[Person, list[Shift]]


_kept: dict[tuple[str, datetime], Outlook] = {}
_lock = Lock()


def outlook(session: Session, now: datetime) -> Outlook:
    """At least from BEHIND to AHEAD of now."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    key = (installation(session).revision, today)
    with _lock:
        if key in _kept:
            return _kept[key]
    found = _look(session, today - BEHIND, today + DAY + AHEAD)
    with _lock:
        _kept.clear()  # only the latest: with hundreds of schedules each takes megabytes
        _kept[key] = found
    return found


def next_shifts(session: Session, handle: str, now: datetime, most: int | None = None) -> list[Shift]:
    """Of one person: what they have now and within AHEAD, by start; `most` None: all of it."""
    theirs = outlook(session, now).of_person.get(handle, [])
    return [shift for shift in theirs if now < shift.end and shift.start < now + AHEAD][:most]


def _look(session: Session, start: datetime, end: datetime) -> Outlook:
    of_schedule = {name: final_shifts(plan, start, end) for name, plan in coverage.plans(session).items()}
    of_person: dict[Person, list[Shift]] = defaultdict(list)
    for shifts in of_schedule.values():
        for shift in shifts:
            of_person[shift.person].append(shift)
    for theirs in of_person.values():
        theirs.sort(key=attrgetter("start"))
    return Outlook(of_schedule, dict(of_person))

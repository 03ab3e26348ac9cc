"""Where an absence meets a shift of the same person, and who could cover."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.coverage import OnCall, everybody, final_shifts
from oncall.members import Members
from oncall.models import Absence, Rotation, Schedule, User
from oncall.models.schedule import CURRENT
from schedules.spans import Span, clip, merge

AROUND = timedelta(days=45)
"""Before and after a conflict: whoever is on call least in this time is named first."""


@dataclass(frozen=True, slots=True)
class AbsenceConflict:
    """A person is away for [start, end), and on call. `reasons` are for the person and for managers only."""

    shift: OnCall
    start: datetime
    end: datetime
    reasons: tuple[str, ...]
    could_cover: tuple[str, ...]
    """Handles of the schedule's other members who are neither away nor on call then, those on call least first."""


def conflicts(
    session: Session, start: datetime, end: datetime, schedule: Schedule | None = None, user: User | None = None
) -> list[AbsenceConflict]:
    """Those that meet [start, end), by start; of one schedule, of one person, or all."""
    if end <= start:
        return []
    absences = _absences(session, start, end)
    schedules = session.exec(select(Schedule).order_by(col(Schedule.name))).all()
    found = [
        (one, shift, span)
        for one in schedules
        if schedule is None or one.id == schedule.id
        for shift in final_shifts(session, one, start, end)
        if user is None or shift.user_id == user.id
        for span in _away(absences[shift.user_id], max(shift.start, start), min(shift.end, end))
    ]
    if not found:
        return []
    cover = _Cover(session, schedules, [span for _, _, span in found])
    rows = [
        AbsenceConflict(shift, *span, _reasons(absences[shift.user_id], span), cover.of(one, shift, span))
        for one, shift, span in found
    ]
    return sorted(rows, key=lambda row: (row.start, row.shift.schedule, row.shift.level))


def _absences(session: Session, start: datetime, end: datetime) -> dict[int, list[Absence]]:
    by_person: dict[int, list[Absence]] = defaultdict(list)
    for absence in session.exec(select(Absence).where(col(Absence.ends_at) > start, col(Absence.starts_at) < end)):
        by_person[absence.user_id].append(absence)
    return by_person


def _away(absences: Iterable[Absence], start: datetime, end: datetime) -> list[Span]:
    return merge(clip(((absence.starts_at, absence.ends_at) for absence in absences), start, end))


def _reasons(absences: Iterable[Absence], span: Span) -> tuple[str, ...]:
    start, end = span
    met = sorted(
        (row for row in absences if _meets((row.starts_at, row.ends_at), start, end)), key=lambda a: a.starts_at
    )
    return tuple(dict.fromkeys(row.reason for row in met if row.reason))


def _meets(span: Span, start: datetime, end: datetime) -> bool:
    return span[0] < end and start < span[1]


class _Cover:
    """Who is free, over all schedules: people are shared. Loads once what all conflicts need."""

    def __init__(self, session: Session, schedules: Sequence[Schedule], spans: Sequence[Span]) -> None:
        start, end = min(a for a, _ in spans), max(b for _, b in spans)
        self._on_call: dict[str, list[Span]] = defaultdict(list)
        for schedule in schedules:
            for shift in final_shifts(session, schedule, start - AROUND, end + AROUND):
                self._on_call[shift.handle].append((shift.start, shift.end))
        handles = everybody(session)
        self._away = {
            handles[user_id]: [(row.starts_at, row.ends_at) for row in rows]
            for user_id, rows in _absences(session, start, end).items()
        }
        members = Members(session)
        self._members: dict[int, set[str]] = defaultdict(set)
        for rotation in session.exec(select(Rotation).where(CURRENT)):
            self._members[rotation.schedule_id].update(members.people(rotation))

    def of(self, schedule: Schedule, shift: OnCall, span: Span) -> tuple[str, ...]:
        assert schedule.id is not None
        free = [who for who in self._members[schedule.id] - {shift.handle} if self._is_free(who, span)]
        return tuple(sorted(free, key=lambda who: (self._load(who, span), who)))

    def _is_free(self, handle: str, span: Span) -> bool:
        return not any(_meets(busy, *span) for busy in [*self._on_call[handle], *self._away.get(handle, [])])

    def _load(self, handle: str, span: Span) -> timedelta:
        around = clip(self._on_call[handle], span[0] - AROUND, span[1] + AROUND)
        return sum((end - start for start, end in merge(around)), timedelta())

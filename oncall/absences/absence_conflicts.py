"""Where an absence meets a shift of the same person, and who could cover."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeAlias

from sqlmodel import Session, col, select

from oncall.absences.absences import away
from oncall.models import Absence, Schedule, User
from oncall.reports.burden import Scales
from oncall.rota.coverage import OnCall, all_shifts, final_shifts, handles_to_ids
from oncall.swaps.rules import NOBODY_YET, Window, ground, takers_of
from schedules.spans import Span, clip
from schedules.swap_rules import ASKED_BY_OTHERS, objections
from schedules.swaps import Ground, Piece, Taker

AROUND = timedelta(days=45)
"""Before and after a conflict: whoever has the least burden in this time is named first."""
MOST_COVERS = 10


@dataclass(frozen=True, slots=True)
class AbsenceConflict:
    """A person is away for [start, end), and on call. `reasons` are for those whom `absences.reads_reasons` names."""

    shift: OnCall
    start: datetime
    end: datetime
    reasons: tuple[str, ...]
    could_cover: tuple[str, ...]
    """Handles of those who may take it by the rules of swaps, least burdened first; not more than MOST_COVERS."""


Absent: TypeAlias = Mapping[str, Sequence[Span]]
"""When people are away, by handle: sorted, apart from each other."""
Met: TypeAlias = tuple[Schedule, OnCall, Span]
"""Somebody's shift, and when in it they are away."""


def conflicts(
    session: Session,
    start: datetime,
    end: datetime,
    schedule: Schedule | None = None,
    user: User | None = None,
    absent: Absent | None = None,
) -> list[AbsenceConflict]:
    """Those that meet [start, end), by start; of one schedule, of one person, or all.

    `absent`: when those who are on are away, where the caller knows it.
    """
    return with_covers(session, find_conflicts(session, start, end, schedule, user, absent))


def find_conflicts(
    session: Session,
    start: datetime,
    end: datetime,
    schedule: Schedule | None = None,
    user: User | None = None,
    absent: Absent | None = None,
) -> list[Met]:
    """The same, without asking who could cover."""
    if end <= start:
        return []
    if absent is None:
        absent = away(session, start, end)
    if not absent:
        return []
    return [
        (one, shift, span)
        for one in session.exec(select(Schedule).order_by(col(Schedule.name))).all()
        if schedule is None or one.id == schedule.id
        for shift in final_shifts(session, one, start, end)
        if user is None or shift.user_id == user.id
        for span in clip(absent.get(shift.handle, ()), max(shift.start, start), min(shift.end, end))
    ]


def with_covers(session: Session, found: Sequence[Met]) -> list[AbsenceConflict]:
    """By start."""
    if not found:
        return []
    absences = _absences(session, min(span[0] for _, _, span in found), max(span[1] for _, _, span in found))
    cover = _Cover(session, found)
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


def _reasons(absences: Iterable[Absence], span: Span) -> tuple[str, ...]:
    start, end = span
    met = sorted(
        (row for row in absences if _meets((row.starts_at, row.ends_at), start, end)), key=lambda a: a.starts_at
    )
    return tuple(dict.fromkeys(row.reason for row in met if row.reason))


def _meets(span: Span, start: datetime, end: datetime) -> bool:
    return span[0] < end and start < span[1]


class _Cover:
    """Who may take it by the rules of swaps, over all schedules: people are shared. Loads what all conflicts need."""

    def __init__(self, session: Session, found: Iterable[Met]) -> None:
        self._session, self._scales = session, Scales(session)
        self._windows: dict[int | None, list[Window]] = defaultdict(list)
        for schedule, shift, span in found:
            self._windows[schedule.id].append(Window(schedule, shift.level, *span))
        spans = [(window.start, window.end) for windows in self._windows.values() for window in windows]
        start, end = min(a for a, _ in spans), max(b for _, b in spans)
        self._on_call: dict[str, list[Span]] = defaultdict(list)
        for turn in all_shifts(session, start - AROUND, end + AROUND):
            self._on_call[turn.person].append((turn.start, turn.end))
        self._takers = {number: self._load(number) for number in self._windows}

    def _load(self, schedule_id: int | None) -> tuple[Ground, dict[str, Taker]]:
        """What the rules need for all conflicts of a schedule, and everybody who is eligible for any of them."""
        windows, ids = self._windows[schedule_id], handles_to_ids(self._session)
        known = ground(self._session, windows)
        able = {ids[who] for window in windows for who in known.eligible[window.schedule.name, window.level]}
        start, end = min(window.start for window in windows), max(window.end for window in windows)
        takers = takers_of(self._session, able, start, end)
        return known, {taker.person: taker for taker in takers.values()}

    def of(self, schedule: Schedule, shift: OnCall, span: Span) -> tuple[str, ...]:
        known, takers = self._takers[schedule.id]
        near = _near(known, known.rest[schedule.name], span)
        piece = Piece(schedule.name, shift.level, shift.handle, NOBODY_YET, *span)
        eligible = known.eligible[schedule.name, shift.level] - {shift.handle}
        free = [who for who in eligible if not any(_meets(busy, *span) for busy in self._on_call[who])]
        by_burden = sorted(free, key=lambda who: (self._burden(who, span), who))
        able = (
            who for who in by_burden if not objections(takers[who], [piece._replace(taker=who)], near, ASKED_BY_OTHERS)
        )
        return tuple(islice(able, MOST_COVERS))

    def _burden(self, handle: str, span: Span) -> timedelta:
        return self._scales.weigh(handle, clip(self._on_call[handle], span[0] - AROUND, span[1] + AROUND))


def _near(known: Ground, rest: timedelta, span: Span) -> Ground:
    """Without what is too far from the span to matter."""
    shifts = [shift for shift in known.shifts if _meets((shift.start, shift.end), span[0] - rest, span[1] + rest)]
    return replace(known, shifts=shifts)

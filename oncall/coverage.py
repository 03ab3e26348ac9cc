"""Who is on call: the bridge from the tables to the package `schedules`, and the only one.

Paging, pages, API, CLI and feeds all ask here. What is worked out about a schedule is kept in memory for as long as
nothing changes that could change it (`Installation.revision`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.installation import installation
from oncall.members import Members
from oncall.models import Experience, Override, Rotation, Schedule, User
from schedules import resolve, types
from schedules.durations import parse_duration
from schedules.hours_text import parse_hours


@dataclass(frozen=True, slots=True)
class OnCall:
    """One person's shift, with the person."""

    schedule: str
    level: str
    user_id: int
    handle: str
    name: str
    start: datetime
    end: datetime
    source: str


@dataclass(slots=True)
class _Known:
    """What has been worked out for one revision of one installation."""

    plans: dict[str, types.Schedule] = field(default_factory=dict)
    people: dict[str, tuple[int, str]] = field(default_factory=dict)


_KEEP = 4
"""Revisions kept: more than one, since tests and replicas being upgraded can share a process with others."""
_known: dict[str, _Known] = {}
_lock = Lock()


def on_call(session: Session, schedule: Schedule, at: datetime) -> dict[str, OnCall | None]:
    """Who is on each level of the schedule at `at`; None where nobody is."""
    known = _knowledge(session)
    return _people(_plan(session, schedule, known), at, known)


def on_call_for(session: Session, name: str, at: datetime) -> dict[str, OnCall | None] | None:
    """The same for the schedule of this name; None when there is none."""
    known = _knowledge(session)
    if name not in known.plans:
        schedule = session.exec(select(Schedule).where(Schedule.name == name)).first()
        return on_call(session, schedule, at) if schedule else None
    return _people(known.plans[name], at, known)


def final_shifts(session: Session, schedule: Schedule, start: datetime, end: datetime) -> list[OnCall]:
    """The final shifts that meet [start, end), with their own start and end, by start and level."""
    known = _knowledge(session)
    return [_person(shift, known) for shift in resolve.final_shifts(_plan(session, schedule, known), start, end)]


def planned_shifts(session: Session, schedule: Schedule, start: datetime, end: datetime) -> list[types.Shift]:
    """The same as the pure core gives them: people are handles."""
    return resolve.final_shifts(_plan(session, schedule, _knowledge(session)), start, end)


def handles_to_ids(session: Session) -> dict[str, int]:
    return {handle: user_id for handle, (user_id, _) in _knowledge(session).people.items()}


def gaps(session: Session, schedule: Schedule, start: datetime, end: datetime) -> list[types.Gap]:
    return resolve.gaps(_plan(session, schedule, _knowledge(session)), start, end)


def _people(plan: types.Schedule, at: datetime, known: _Known) -> dict[str, OnCall | None]:
    shifts = resolve.on_call_at(plan, at)
    return {level: _person(shift, known) if shift else None for level, shift in shifts.items()}


def _person(shift: types.Shift, known: _Known) -> OnCall:
    user_id, name = known.people[shift.person]
    return OnCall(shift.schedule, shift.level, user_id, shift.person, name, shift.start, shift.end, shift.source)


def _knowledge(session: Session) -> _Known:
    revision = installation(session).revision
    with _lock:
        if revision in _known:
            return _known[revision]
    people = {
        handle: (user_id or 0, name) for handle, user_id, name in session.exec(select(User.handle, User.id, User.name))
    }
    known = _Known(people=people)
    with _lock:
        while len(_known) >= _KEEP:
            del _known[next(iter(_known))]
        return _known.setdefault(revision, known)


def _plan(session: Session, schedule: Schedule, known: _Known) -> types.Schedule:
    plan = known.plans.get(schedule.name)
    if plan is None:
        plan = known.plans[schedule.name] = load_plan(session, schedule)
    return plan


def load_plan(session: Session, schedule: Schedule) -> types.Schedule:
    """The stored schedule as the pure value that `schedules` computes with; people are handles."""
    members = Members(session)
    rotations = session.exec(
        select(Rotation).where(Rotation.schedule_id == schedule.id).order_by(col(Rotation.position))
    )
    return types.Schedule(
        name=schedule.name,
        zone=ZoneInfo(schedule.timezone),
        levels=tuple(schedule.levels),
        rotations=tuple(_rotation(rotation, schedule, members) for rotation in rotations),
        overrides=tuple(_overrides(session, schedule)),
        experienced=frozenset(
            session.exec(select(User.handle).join(Experience).where(Experience.schedule_id == schedule.id))
        ),
    )


def _rotation(row: Rotation, schedule: Schedule, members: Members) -> types.Rotation:
    return types.Rotation(
        name=row.name,
        levels=tuple(row.levels or schedule.levels),
        members=members.of(row),
        start=datetime.fromisoformat(row.start),
        shift=tuple(parse_duration(length) for length in row.shift),
        until=datetime.fromisoformat(row.until) if row.until else None,
        hours=parse_hours(row.hours) if row.hours else None,
        first_shift_level=row.first_shift_level,
        level_offset=row.level_offset,
    )


def _overrides(session: Session, schedule: Schedule) -> Iterable[types.Override]:
    rows = session.exec(
        select(Override, User.handle)
        .join(User, col(User.id) == col(Override.user_id))
        .where(Override.schedule_id == schedule.id)
        .order_by(col(Override.created_at), col(Override.id))
    )
    return [types.Override(row.level, handle, row.starts_at, row.ends_at) for row, handle in rows]

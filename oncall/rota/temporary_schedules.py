"""Temporary schedules: a window planned by hand over everything else, such as a launch or the holidays.

Its shifts are overrides that first clear each level for the whole window, so that covers made later still apply to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from oncall.auth.permissions import runs
from oncall.db.database import notify_engines
from oncall.errors import BadInput, Conflict, Forbidden, NotFound
from oncall.models import Override, OverrideKind, OverrideSource, Schedule, TemporarySchedule, User
from oncall.names import is_storable
from oncall.rota.consequences import Watch
from oncall.rota.overrides import check_level, check_times, end_overrides

MOST_SHIFTS = 500
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class PlannedShift:
    """One person on one level for [start, end), aware UTC, within the window."""

    level: str
    user: User
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """Times are aware UTC."""

    start: datetime
    end: datetime
    note: str = ""


def add_temporary_schedule(
    session: Session,
    by: User,
    schedule: Schedule,
    window: Window,
    shifts: Sequence[PlannedShift],
    now: datetime,
    *,
    confirm: bool = False,
) -> TemporarySchedule:
    """All of the schedule's levels are as planned here. Raises BadInput, Forbidden, or Conflict unless confirmed."""
    assert schedule.id is not None
    _check(session, by, schedule, window, shifts, now)
    watch = Watch(session, now, schedule)
    start = max(window.start, now)
    row = TemporarySchedule(
        schedule_id=schedule.id,
        note=window.note.strip(),
        starts_at=start,
        ends_at=window.end,
        created_by_id=by.id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    for level in schedule.levels:
        _put(session, row, level, OverrideKind.REMOVE, None, start, window.end)
    for shift in shifts:
        _put(session, row, shift.level, OverrideKind.ADD, shift.user, max(shift.start, now), shift.end)
    session.flush()
    if not confirm:
        watch.refuse_harm(start, window.end, [shift.user for shift in shifts])
    notify_engines(session)
    return row


def _put(
    session: Session,
    row: TemporarySchedule,
    level: str,
    kind: OverrideKind,
    user: User | None,
    start: datetime,
    end: datetime,
) -> None:
    session.add(
        Override(
            schedule_id=row.schedule_id,
            level=level,
            kind=kind,
            user_id=user.id if user else None,
            source=OverrideSource.TEMPORARY,
            temporary_id=row.id,
            starts_at=start,
            ends_at=end,
            created_by_id=row.created_by_id,
            created_at=row.created_at,
        )
    )
    session.flush()  # one by one: they count in the order of their ids


def _check(
    session: Session, by: User, schedule: Schedule, window: Window, shifts: Sequence[PlannedShift], now: datetime
) -> None:
    if not runs(session, by, schedule):
        raise Forbidden(f"Only a manager of the team or an admin can plan {schedule.name} by hand.")
    check_times("temporary schedule", window.start, window.end, now)
    if len(window.note.strip()) > LONGEST_NOTE or not is_storable(window.note):
        raise BadInput(f"The note must be text of at most {LONGEST_NOTE} characters.", field="note")
    if not shifts:
        raise BadInput("Plan at least one shift, or nobody would be on call in the window.", field="shifts")
    if len(shifts) > MOST_SHIFTS:
        raise BadInput(f"A temporary schedule has {MOST_SHIFTS} shifts at most: plan less time.", field="shifts")
    for number, shift in enumerate(shifts):
        _check_shift(schedule, window, shift, f"shifts[{number}]")


def _check_shift(schedule: Schedule, window: Window, shift: PlannedShift, field: str) -> None:
    check_level(schedule, shift.level)
    if shift.user.retired_at is not None:
        raise BadInput(f"{shift.user.name} has retired and can't be on call.", field=f"{field}.user")
    if shift.end <= shift.start:
        raise BadInput(f"The shift of {shift.user.name} ends before it starts.", field=f"{field}.end")
    if shift.start < window.start or shift.end > window.end:
        raise BadInput(f"The shift of {shift.user.name} is not within the window: move one of the two.", field=field)


def end_temporary_schedule(
    session: Session, by: User, schedule: Schedule, temporary_id: int, now: datetime, *, confirm: bool = False
) -> None:
    """Call it off: what is to come goes back to the rotations, what has been stays told. Raises NeedsConfirmation."""
    row = find_temporary_schedule(session, schedule, temporary_id)
    if not runs(session, by, schedule):
        raise Forbidden(f"Only a manager of the team or an admin can plan {schedule.name} by hand.")
    if row.ended_at is not None or row.ends_at <= now:
        raise Conflict("This temporary schedule has ended: the past can't be changed.")
    watch = Watch(session, now, schedule)
    row.ended_at = now
    session.add(row)
    made = session.exec(select(Override).where(Override.temporary_id == temporary_id)).all()
    end_overrides(session, made, now)
    if not confirm:
        watch.refuse_harm(max(row.starts_at, now), row.ends_at)


def find_temporary_schedule(session: Session, schedule: Schedule, temporary_id: int) -> TemporarySchedule:
    row = session.get(TemporarySchedule, temporary_id)
    if row is None or row.schedule_id != schedule.id:
        raise NotFound(f"Schedule {schedule.name} has no temporary schedule {temporary_id}.")
    return row


def list_temporary_schedules(session: Session, schedule: Schedule, now: datetime) -> list[TemporarySchedule]:
    """Those that have not ended, soonest first."""
    ahead = select(TemporarySchedule).where(
        TemporarySchedule.schedule_id == schedule.id,
        col(TemporarySchedule.ends_at) > now,
        col(TemporarySchedule.ended_at).is_(None),
    )
    return list(session.exec(ahead.order_by(col(TemporarySchedule.starts_at), col(TemporarySchedule.id))))


def planned_shifts(session: Session, row: TemporarySchedule) -> list[tuple[Override, User]]:
    """By start."""
    statement = (
        select(Override, User)
        .join(User, col(User.id) == col(Override.user_id))
        .where(Override.temporary_id == row.id)
        .order_by(col(Override.starts_at), col(Override.level), col(Override.id))
    )
    return [(override, user) for override, user in session.exec(statement)]

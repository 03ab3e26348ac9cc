"""Overrides: somebody takes a level of a schedule for a while, in place of whoever the rotations give.

A shift changes hands only with the consent of the person who takes it, or by a manager, whose name is kept with it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from oncall.db import notify_engines
from oncall.errors import BadInput, Conflict, Forbidden, NotFound
from oncall.models import Override, Role, Schedule, TeamMember, User
from oncall.moments import check_near

LONGEST = timedelta(days=366)
SLACK = timedelta(minutes=5)
"""Somebody who says "from now" has typed the minute before, and taken a while over the form."""


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """An override with the names that a list shows."""

    override: Override
    schedule: str
    user: User
    created_by: User | None


def add_override(
    session: Session,
    by: User,
    schedule: Schedule,
    level: str,
    user: User,
    start: datetime,
    end: datetime,
    now: datetime,
) -> Override:
    """The latest one made wins. A start a moment ago becomes now. Raises BadInput, or Forbidden without consent."""
    assert schedule.id is not None
    assert user.id is not None
    _check(schedule, level, user, start, end, now)
    if by.id != user.id and not runs(session, by, schedule):
        raise Forbidden(f"Only {user.name}, a manager of the team or an admin can put {user.name} on call.")
    override = Override(
        schedule_id=schedule.id,
        level=level,
        user_id=user.id,
        starts_at=max(start, now),
        ends_at=end,
        created_by_id=by.id,
        created_at=now,
    )
    session.add(override)
    session.flush()
    notify_engines(session)
    return override


def _check(schedule: Schedule, level: str, user: User, start: datetime, end: datetime, now: datetime) -> None:
    check_near(start, f"{start:%Y-%m-%d %H:%M}", "start")
    check_near(end, f"{end:%Y-%m-%d %H:%M}", "end")
    if level not in schedule.levels:
        levels = ", ".join(schedule.levels)
        raise BadInput(f"Schedule {schedule.name} has no level {level}; it has {levels}.", field="level")
    if user.retired_at is not None:
        raise BadInput(f"{user.name} has retired and can't be on call.", field="user")
    if end <= start:
        raise BadInput("The override ends before it starts.", field="end")
    if end <= now:
        raise BadInput("The override is wholly in the past: it would change nothing.", field="end")
    if start < now - SLACK:
        raise BadInput("The override starts in the past, which can't be changed: let it start now.", field="start")
    if end - start > LONGEST:
        raise BadInput("The override is longer than a year: change the rotation instead.", field="end")


def runs(session: Session, by: User, schedule: Schedule) -> bool:
    """Whether they may decide for others: managers of the schedule's team, and admins."""
    if by.role is Role.ADMIN:
        return True
    place = session.get(TeamMember, (schedule.team_id, by.id)) if schedule.team_id is not None else None
    return place is not None and place.is_manager


def delete_override(
    session: Session, by: User, override_id: int, now: datetime, schedule: Schedule | None = None
) -> None:
    """Its level goes back to the rotations. One that has ended stays, or the past would be told anew.

    `schedule`: the one it must belong to.
    """
    row = get_override(session, override_id)
    override = row.override
    its_schedule = session.get_one(Schedule, override.schedule_id)
    if schedule is not None and schedule.id != its_schedule.id:
        raise NotFound(f"Schedule {schedule.name} has no override {override_id}.")
    if by.id not in (override.user_id, override.created_by_id) and not runs(session, by, its_schedule):
        raise Forbidden(
            f"Only {row.user.name}, whoever made it, a manager of the team or an admin can end this override."
        )
    if override.ends_at <= now:
        raise Conflict("This override has ended: the past can't be changed.")
    if override.starts_at < now:
        override.ends_at = now
        session.add(override)
    else:
        session.delete(override)
    session.flush()
    notify_engines(session)


def get_override(session: Session, override_id: int) -> OverrideRow:
    row = session.exec(_rows().where(Override.id == override_id)).first()
    if row is None:
        raise NotFound(f"There is no override {override_id}.")
    return OverrideRow(*row)


def list_overrides(
    session: Session,
    limit: int,
    after: int | None = None,
    schedule: str | None = None,
    ending_after: datetime | None = None,
) -> list[OverrideRow]:
    """In the order made; `after` is the id of the last one already seen."""
    statement = _rows()
    if after is not None:
        statement = statement.where(col(Override.id) > after)
    if schedule is not None:
        statement = statement.where(Schedule.name == schedule)
    if ending_after is not None:
        statement = statement.where(col(Override.ends_at) > ending_after)
    return [OverrideRow(*row) for row in session.exec(statement.order_by(col(Override.id)).limit(limit))]


def _rows() -> Select[Override, str, User, User]:
    maker = aliased(User)
    return (
        select(Override, Schedule.name, User, maker)
        .join(Schedule, col(Schedule.id) == col(Override.schedule_id))
        .join(User, col(User.id) == col(Override.user_id))
        .outerjoin(maker, col(maker.id) == col(Override.created_by_id))
    )

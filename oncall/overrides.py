"""Overrides: somebody takes a level of a schedule for a while, in place of whoever the rotations give."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from oncall.db import notify_engines
from oncall.errors import BadInput, Conflict, NotFound
from oncall.models import Override, Schedule, User

LONGEST = timedelta(days=366)


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
    """The latest one made wins. Raises BadInput with what is wrong."""
    assert schedule.id is not None
    assert user.id is not None
    _check(schedule, level, user, start, end, now)
    override = Override(
        schedule_id=schedule.id,
        level=level,
        user_id=user.id,
        starts_at=start,
        ends_at=end,
        created_by_id=by.id,
        created_at=now,
    )
    session.add(override)
    session.flush()
    notify_engines(session)
    return override


def _check(schedule: Schedule, level: str, user: User, start: datetime, end: datetime, now: datetime) -> None:
    if level not in schedule.levels:
        levels = ", ".join(schedule.levels)
        raise BadInput(f"Schedule {schedule.name} has no level {level}; it has {levels}.", field="level")
    if user.retired_at is not None:
        raise BadInput(f"{user.name} has retired and can't be on call.", field="user")
    if end <= start:
        raise BadInput("The override ends before it starts.", field="end")
    if end <= now:
        raise BadInput("The override is wholly in the past: it would change nothing.", field="end")
    if end - start > LONGEST:
        raise BadInput("The override is longer than a year: change the rotation instead.", field="end")


def delete_override(session: Session, override_id: int, now: datetime) -> None:
    """Its level goes back to the rotations. One that has ended stays, or the past would be told anew."""
    override = get_override(session, override_id).override
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

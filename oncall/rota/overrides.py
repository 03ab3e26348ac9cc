"""Overrides: somebody takes a level of a schedule for a while, joins those on it, or is taken off.

A shift changes hands only with the consent of the person who takes it, or by a manager, whose name is kept with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from oncall.auth.permissions import runs
from oncall.db.database import notify_engines
from oncall.errors import BadInput, Conflict, Forbidden, NotFound
from oncall.installation import lock_plans
from oncall.models import Override, OverrideKind, OverrideSource, Schedule, User
from oncall.moments import check_near
from oncall.rota.consequences import Watch
from oncall.rota.override_kinds import who_is_missing

LONGEST = timedelta(days=366)
SLACK = timedelta(minutes=5)
"""Somebody who says "from now" has typed the minute before, and taken a while over the form."""


@dataclass(frozen=True, slots=True)
class NewOverride:
    """What `OverrideKind` says of `user` and `replaces`; times are aware UTC."""

    level: str
    start: datetime
    end: datetime
    user: User | None = None
    replaces: User | None = None
    kind: OverrideKind = OverrideKind.REPLACE


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """An override with the names that a list shows."""

    override: Override
    schedule: str
    user: User | None
    replaces: User | None
    created_by: User | None

    @property
    def whose(self) -> str:
        """The name of whoever it is about."""
        person = self.user or self.replaces
        return person.name if person else "Everybody"


_comes, _goes, _maker = aliased(User), aliased(User), aliased(User)
_ROWS: sa.Select[Override, str, User, User, User] = (
    sa.select(Override, col(Schedule.name), _comes, _goes, _maker)
    .join(Schedule, col(Schedule.id) == col(Override.schedule_id))
    .outerjoin(_comes, col(_comes.id) == col(Override.user_id))
    .outerjoin(_goes, col(_goes.id) == col(Override.replaces_id))
    .outerjoin(_maker, col(_maker.id) == col(Override.created_by_id))
)


def add_override(
    session: Session, by: User, schedule: Schedule, wanted: NewOverride, now: datetime, *, confirm: bool = False
) -> Override:
    """Changes what the earlier ones have made. A start a moment ago becomes now. Made twice, it is there once: forms
    are sent again, and whoever ends it means it to be over.

    Raises BadInput, Forbidden without consent, or Conflict that says what would be wrong then, unless it is confirmed.
    """
    assert schedule.id is not None
    _check(schedule, wanted, now)
    if wanted.user is None or by.id != wanted.user.id:
        _check_decides(session, by, schedule, wanted)
    lock_plans(session)
    says: dict[str, Any] = {
        "kind": wanted.kind,
        "user_id": wanted.user.id if wanted.user else None,
        "replaces_id": wanted.replaces.id if wanted.replaces else None,
        "source": OverrideSource.OVERRIDE,
        "ends_at": wanted.end,
    }
    start = max(wanted.start, now)
    if (as_before := _made_before(session, schedule, wanted.level, start, says)) is not None:
        return as_before
    watch = Watch(session, now, schedule)
    override = Override(
        schedule_id=schedule.id, level=wanted.level, starts_at=start, created_by_id=by.id, created_at=now, **says
    )
    session.add(override)
    session.flush()
    if not confirm:
        watch.refuse_harm(override.starts_at, override.ends_at, [wanted.user] if wanted.user else [])
    notify_engines(session)
    return override


def _made_before(
    session: Session, schedule: Schedule, level: str, start: datetime, says: dict[str, Any]
) -> Override | None:
    """One that says the same, if nothing was made for this time since: the last one changes what all others have."""
    then = (col(Override.starts_at) < says["ends_at"], col(Override.ends_at) > start)
    same = select(Override).where(Override.schedule_id == schedule.id, Override.level == level, *then)
    last = session.exec(same.order_by(col(Override.created_at).desc(), col(Override.id).desc()).limit(1)).first()
    is_same = last is not None and all(getattr(last, name) == worth for name, worth in says.items())
    return last if last is not None and is_same and last.starts_at <= start else None


def _check(schedule: Schedule, wanted: NewOverride, now: datetime) -> None:
    missing = who_is_missing(wanted.kind, wanted.user, wanted.replaces)
    if missing:
        raise BadInput(f"An override of kind {wanted.kind}: {missing}.", field="user")
    if wanted.user is not None and wanted.user is wanted.replaces:
        raise BadInput(f"{wanted.user.name} can't take over from themself.", field="replaces")
    if wanted.user is not None and wanted.user.retired_at is not None:
        raise BadInput(f"{wanted.user.name} has retired and can't be on call.", field="user")
    check_level(schedule, wanted.level)
    check_times("override", wanted.start, wanted.end, now)


def check_level(schedule: Schedule, level: str, field: str = "level") -> None:
    """Raises BadInput."""
    if level not in schedule.levels:
        levels = ", ".join(schedule.levels)
        raise BadInput(f"Schedule {schedule.name} has no level {level}; it has {levels}.", field=field)


def check_times(what: str, start: datetime, end: datetime, now: datetime) -> None:
    """Of something made by hand, the `what` of its sentences. Raises BadInput."""
    check_near(start, f"{start:%Y-%m-%d %H:%M}", "start")
    check_near(end, f"{end:%Y-%m-%d %H:%M}", "end")
    if end <= start:
        raise BadInput(f"The {what} ends before it starts.", field="end")
    if end <= now:
        raise BadInput(f"The {what} is wholly in the past: it would change nothing.", field="end")
    if start < now - SLACK:
        raise BadInput(f"The {what} starts in the past, which can't be changed: let it start now.", field="start")
    if end - start > LONGEST:
        raise BadInput(f"The {what} is longer than a year: change the rotation instead.", field="end")


def _check_decides(session: Session, by: User, schedule: Schedule, wanted: NewOverride) -> None:
    if runs(session, by, schedule):
        return
    if wanted.user is None:
        raise Forbidden("Only a manager of the team or an admin can take somebody off with nobody in their place.")
    raise Forbidden(f"Only {wanted.user.name}, a manager of the team or an admin can put {wanted.user.name} on call.")


def delete_override(
    session: Session,
    by: User,
    override_id: int,
    now: datetime,
    schedule: Schedule | None = None,
    *,
    confirm: bool = False,
) -> None:
    """Its level goes back to the rotations. One that has ended stays, or the past would be told anew.

    `schedule`: the one it must belong to. Raises NeedsConfirmation where nobody would be on call then, or the like.
    """
    row = get_override(session, override_id)
    override = row.override
    its_schedule = session.get_one(Schedule, override.schedule_id)
    if schedule is not None and schedule.id != its_schedule.id:
        raise NotFound(f"Schedule {schedule.name} has no override {override_id}.")
    _check_may_end(session, by, row, its_schedule)
    if override.ends_at <= now:
        raise Conflict("This override has ended: the past can't be changed.")
    watch, start, end = Watch(session, now, its_schedule), max(override.starts_at, now), override.ends_at
    end_overrides(session, [override], now)
    if not confirm:
        watch.refuse_harm(start, end)


def _check_may_end(session: Session, by: User, row: OverrideRow, schedule: Schedule) -> None:
    source, is_runner = row.override.source, runs(session, by, schedule)
    if source is OverrideSource.TEMPORARY:
        raise Conflict("This is a part of a temporary schedule: end that as a whole, or override it.")
    if source is OverrideSource.SWAP and not is_runner:
        raise Conflict("Two people have agreed to this in a swap: ask for a swap back, or ask a manager of the team.")
    if by.id not in (row.override.user_id, row.override.created_by_id) and not is_runner:
        raise Forbidden(f"Only {row.whose}, whoever made it, a manager of the team or an admin can end this override.")


def end_overrides(session: Session, overrides: Sequence[Override], now: datetime) -> None:
    """Those that have begun end now, and those to come are gone; those that have ended stay."""
    for override in overrides:
        if override.starts_at >= now:
            session.delete(override)
        elif override.ends_at > now:
            override.ends_at = now
            session.add(override)
    session.flush()
    notify_engines(session)


def get_override(session: Session, override_id: int) -> OverrideRow:
    row = session.execute(_ROWS.where(col(Override.id) == override_id)).first()
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
    statement = _ROWS
    if after is not None:
        statement = statement.where(col(Override.id) > after)
    if schedule is not None:
        statement = statement.where(col(Schedule.name) == schedule)
    if ending_after is not None:
        statement = statement.where(col(Override.ends_at) > ending_after)
    return [OverrideRow(*row) for row in session.execute(statement.order_by(col(Override.id)).limit(limit))]

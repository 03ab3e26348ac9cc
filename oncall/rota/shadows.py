"""Shadow shifts: on call for a day beside somebody experienced, to learn.

A shadow sees every page and has nothing to do. In reverse the newcomer is paged first, and whoever is on call a minute
later. Neither is coverage: whoever is on the level stays on it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from oncall.auth.permissions import runs
from oncall.db.database import notify_engines
from oncall.delivery.outbox import Reach
from oncall.errors import BadInput, Conflict, Forbidden, NotFound
from oncall.models import Schedule, ShadowKind, ShadowShift, User
from oncall.notices.shadows import on_level, tell_called_off, tell_made
from oncall.rota.overrides import check_level, check_times


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """A shadow shift with the names that a list shows."""

    shadow: ShadowShift
    schedule: Schedule
    user: User


@dataclass(frozen=True, slots=True)
class NewShadow:
    """Times are aware UTC."""

    level: str
    user: User
    start: datetime
    end: datetime
    kind: ShadowKind = ShadowKind.SHADOW


def add_shadow(session: Session, by: User, schedule: Schedule, wanted: NewShadow, now: datetime) -> ShadowShift:
    """By the person who learns; for others, and in reverse, by a manager or an admin. Made twice, it is there
    once: forms are sent again, and whoever deletes it means it to be over. Raises BadInput or Forbidden.
    """
    assert schedule.id is not None
    assert wanted.user.id is not None
    _check(session, by, schedule, wanted, now)
    start = max(wanted.start, now)
    says: dict[str, Any] = {
        "schedule_id": schedule.id,
        "level": wanted.level,
        "user_id": wanted.user.id,
        "kind": wanted.kind,
        "ends_at": wanted.end,
    }
    same = select(ShadowShift).filter_by(**says).where(col(ShadowShift.starts_at) <= start)
    if (as_before := session.exec(same).first()) is not None:
        return as_before
    shadow = ShadowShift(starts_at=start, created_by_id=by.id, created_at=now, **says)
    session.add(shadow)
    session.flush()
    tell_made(session, shadow, by, now)
    notify_engines(session)
    return shadow


def _check(session: Session, by: User, schedule: Schedule, wanted: NewShadow, now: datetime) -> None:
    check_level(schedule, wanted.level)
    check_times("shadow shift", wanted.start, wanted.end, now)
    user = wanted.user
    if user.retired_at is not None:
        raise BadInput(f"{user.name} has retired and can't follow along.", field="user")
    is_runner = runs(session, by, schedule)
    if by.id != user.id and not is_runner:
        raise Forbidden(f"Only {user.name}, a manager of the team or an admin can let {user.name} follow along.")
    if wanted.kind is ShadowKind.REVERSE and not is_runner:
        raise Forbidden("Only a manager of the team or an admin can let somebody be paged before whoever is on call.")
    _check_reach(session, wanted)
    if set(on_level(session, schedule, wanted.level, (max(wanted.start, now), wanted.end), now)) == {user.handle}:
        raise BadInput(
            f"Nobody but {user.name} is on call for {schedule.name} ({wanted.level}) then: choose a time when somebody "
            "else is.",
            field="user",
        )


def _check_reach(session: Session, wanted: NewShadow) -> None:
    """Raises BadInput: a shadow is written to and never called."""
    user, reach = wanted.user, Reach(session)
    assert user.id is not None
    reach.load([user.id])
    if wanted.kind is ShadowKind.SHADOW and not reach.quietly(user.id, wanted.start):
        raise BadInput(f"{user.name} has no verified contact method that takes text: add one first.", field="user")
    if not reach.can_be_reached(user.id):
        raise BadInput(f"{user.name} has no verified contact method: add one first.", field="user")


def end_shadow(session: Session, by: User, shadow_id: int, now: datetime) -> None:
    """One that has begun ends now, one to come is gone. Raises NotFound, Forbidden or Conflict."""
    row = get_shadow(session, shadow_id)
    shadow = row.shadow
    if by.id not in (shadow.user_id, shadow.created_by_id) and not runs(session, by, row.schedule):
        raise Forbidden(f"Only {row.user.name}, whoever made it, a manager of the team or an admin can end this.")
    if shadow.ends_at <= now:
        raise Conflict("This shadow shift has ended: the past can't be changed.")
    _end(session, shadow, by, now)


def end_shadows_of(session: Session, leaver: User, by: User, now: datetime) -> None:
    """Whoever has left follows nobody."""
    for row in list_shadows(session, now, user_id=leaver.id):
        _end(session, row.shadow, by, now)


def _end(session: Session, shadow: ShadowShift, by: User, now: datetime) -> None:
    tell_called_off(session, shadow, by, now)
    if shadow.starts_at >= now:
        session.delete(shadow)
    else:
        shadow.ends_at = shadow.called_off_at = now
        session.add(shadow)
    session.flush()
    notify_engines(session)


def get_shadow(session: Session, shadow_id: int) -> ShadowRow:
    rows = _rows(session, ShadowShift.id == shadow_id)
    if not rows:
        raise NotFound(f"There is no shadow shift {shadow_id}.")
    return rows[0]


def list_shadows(
    session: Session, after: datetime, schedule: Schedule | None = None, user_id: int | None = None
) -> list[ShadowRow]:
    """Those that end after this, by start."""
    where = [col(ShadowShift.ends_at) > after]
    if schedule is not None:
        where.append(col(ShadowShift.schedule_id) == schedule.id)
    if user_id is not None:
        where.append(col(ShadowShift.user_id) == user_id)
    return _rows(session, *where)


def _rows(session: Session, *where: object) -> list[ShadowRow]:
    statement = (
        select(ShadowShift, Schedule, User)
        .join(Schedule, col(Schedule.id) == col(ShadowShift.schedule_id))
        .join(User, col(User.id) == col(ShadowShift.user_id))
        .where(*where)  # type: ignore[arg-type]
        .order_by(col(ShadowShift.starts_at), col(ShadowShift.id))
    )
    return [ShadowRow(*row) for row in session.exec(statement)]

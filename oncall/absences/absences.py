"""Absences: when a person can't be on call, typed in by them, or by somebody who decides for them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from oncall.auth.permissions import manages
from oncall.errors import BadInput, Conflict, Forbidden, NotFound
from oncall.models import Absence, Role, TeamMember, User
from oncall.moments import check_near
from oncall.names import is_storable
from schedules.spans import Span, merge

LONGEST = timedelta(days=366)
LONGEST_REASON = 200
MOST_AHEAD = 200
"""Of one person, typed in and not over."""


def decides_for(session: Session, by: User, user: User) -> bool:
    """Whether they may add absences of the person: the person, a manager of theirs, an admin."""
    if by.id == user.id or by.role is Role.ADMIN:
        return True
    teams = select(TeamMember.team_id).where(TeamMember.user_id == user.id, col(TeamMember.is_member))
    managed = select(TeamMember.team_id).where(manages(by), col(TeamMember.team_id).in_(teams))
    return session.exec(managed).first() is not None


def reads_reasons(by: User, user_id: int) -> bool:
    """Why somebody is away is their own matter, and admins'. Not managers': they choose whom their team has."""
    return by.id == user_id or by.role is Role.ADMIN


def add_absence(
    session: Session, by: User, user: User, start: datetime, end: datetime, reason: str, now: datetime
) -> Absence:
    """It may have begun: somebody who falls ill says so later. Noted twice, it is there once: forms are sent
    again, and whoever deletes it means to be there. Raises BadInput, Conflict or Forbidden.
    """
    assert user.id is not None
    reason = reason.strip()
    _check(user, start, end, reason, now)
    if not decides_for(session, by, user):
        raise Forbidden(f"Only {user.name}, a manager of a team of theirs or an admin can say when they are away.")
    says: dict[str, Any] = {"user_id": user.id, "starts_at": start, "ends_at": end, "reason": reason}
    same = select(Absence).filter_by(**says, calendar_id=None)
    if (as_before := session.exec(same).first()) is not None:
        return as_before
    ahead = select(func.count()).where(
        Absence.user_id == user.id, col(Absence.ends_at) > now, col(Absence.calendar_id).is_(None)
    )
    if session.exec(ahead).one() >= MOST_AHEAD:
        raise Conflict(f"{user.name} has {MOST_AHEAD} absences ahead, which is the most: delete some first.")
    absence = Absence(**says, created_at=now)
    session.add(absence)
    session.flush()
    return absence


def _check(user: User, start: datetime, end: datetime, reason: str, now: datetime) -> None:
    check_near(start, f"{start:%Y-%m-%d %H:%M}", "start")
    check_near(end, f"{end:%Y-%m-%d %H:%M}", "end")
    if user.retired_at is not None:
        raise BadInput(f"{user.name} has retired and is not on call anyway.", field="user")
    if end <= start:
        raise BadInput("The absence ends before it starts.", field="end")
    if end <= now:
        raise BadInput("The absence is wholly in the past: it would change nothing.", field="end")
    if end - start > LONGEST:
        raise BadInput("The absence is longer than a year: take the person out of the rotation instead.", field="end")
    if len(reason) > LONGEST_REASON or not is_storable(reason):
        raise BadInput(f"The reason must have {LONGEST_REASON} characters or fewer.", field="reason")


def delete_absence(session: Session, by: User, absence_id: int) -> Absence:
    """Raises NotFound, Forbidden, or Conflict for one that a calendar would bring back."""
    absence, user = get_absence(session, absence_id)
    if not decides_for(session, by, user):
        raise Forbidden(f"Only {user.name}, a manager of a team of theirs or an admin can delete this absence.")
    if absence.calendar_id is not None:
        raise Conflict("This absence comes from a calendar, which would bring it back: delete it there.")
    session.delete(absence)
    session.flush()
    return absence


def get_absence(session: Session, absence_id: int) -> tuple[Absence, User]:
    row = session.exec(select(Absence, User).join(User).where(Absence.id == absence_id)).first()
    if row is None:
        raise NotFound(f"There is no absence {absence_id}.")
    return row


def list_absences(
    session: Session,
    start: datetime,
    end: datetime | None = None,
    user: User | None = None,
    limit: int | None = None,
    after: int | None = None,
) -> list[tuple[Absence, User]]:
    """Those that meet [start, end), by id; `after` is the id of the last one already seen."""
    statement = select(Absence, User).join(User).where(col(Absence.ends_at) > start)
    if end is not None:
        statement = statement.where(col(Absence.starts_at) < end)
    if user is not None:
        statement = statement.where(Absence.user_id == user.id)
    if after is not None:
        statement = statement.where(col(Absence.id) > after)
    return list(session.exec(statement.order_by(col(Absence.id)).limit(limit)))


def away(
    session: Session, start: datetime, end: datetime, handles: Iterable[str] | None = None
) -> dict[str, list[Span]]:
    """When those who are ever away in [start, end) are: by handle, merged, with their own times.

    `handles`: of these people; None is everybody.
    """
    statement = select(User.handle, Absence.starts_at, Absence.ends_at).join(Absence)
    if handles is not None:
        statement = statement.where(col(User.handle).in_(list(handles)))
    meets = col(Absence.ends_at) > start, col(Absence.starts_at) < end
    found: dict[str, list[Span]] = defaultdict(list)
    for handle, begins, ends in session.exec(statement.where(*meets).order_by(col(User.name))):
        found[handle].append((begins, ends))
    return {handle: merge(spans) for handle, spans in found.items()}

"""What a role may do. One table; everything that is allowed is asked here."""

from enum import StrEnum

from sqlmodel import Session

from oncall.errors import Forbidden
from oncall.models import Role, Schedule, Service, TeamMember, User


class Permission(StrEnum):
    LOOK = "look at everything but secrets"
    ACT = "act on alerts, and change their own contact methods, links and tokens"
    PLAN = "change overrides and absences"
    ADMINISTER = "change people, teams, schedules, services and policies, and see integration keys"


_VIEWER = frozenset({Permission.LOOK})
_USER = _VIEWER | {Permission.ACT, Permission.PLAN}
GRANTED: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.USER: _USER,
    Role.ADMIN: _USER | {Permission.ADMINISTER},
}


def is_allowed(user: User, permission: Permission) -> bool:
    return permission in GRANTED[user.role]


def check(user: User, permission: Permission) -> None:
    """Raises Forbidden with what is missing."""
    if not is_allowed(user, permission):
        raise Forbidden(f"Your role ({user.role}) does not allow you to {permission}. Ask an admin.")


def runs(session: Session, by: User, of: Schedule | Service) -> bool:
    """Whether they decide for others there, and see its keys: managers of its team, and admins."""
    if by.role is Role.ADMIN:
        return True
    place = session.get(TeamMember, (of.team_id, by.id)) if of.team_id is not None else None
    return place is not None and place.is_manager

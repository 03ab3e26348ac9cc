"""What a role may do. One table; everything that is allowed is asked here."""

from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.errors import Forbidden
from oncall.models import Role, Schedule, Service, TeamMember, User


class Permission(StrEnum):
    LOOK = "look at everything but secrets"
    ACT = "act on alerts, and change your own contact methods, links and tokens"
    PLAN = "plan who is on call, absences and maintenance"
    ADMINISTER = "do what is for admins: people, the config as a whole, keys of teams, providers and the audit"


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
    if by.role is not Role.USER:
        return by.role is Role.ADMIN
    place = session.get(TeamMember, (of.team_id, by.id)) if of.team_id is not None else None
    return place is not None and place.is_manager


def manages(by: User) -> sa.ColumnElement[bool]:
    """Of a TeamMember: whether that is them, managing the team. A viewer only looks, also at a team that has them among
    its managers.
    """
    is_theirs = col(TeamMember.user_id) == by.id
    return sa.and_(is_theirs, col(TeamMember.is_manager), sa.literal(by.role is not Role.VIEWER))


def managed_teams(session: Session, by: User) -> frozenset[int]:
    """By id."""
    return frozenset(session.exec(select(TeamMember.team_id).where(manages(by))))

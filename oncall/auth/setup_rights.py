"""Who may set up what: admins all; whoever manages a team the team, its services with their heartbeats, and the
policies that only these follow.
"""

from collections.abc import Collection

from sqlmodel import Session, col, select

from oncall.auth.permissions import manages, runs
from oncall.errors import Forbidden
from oncall.models import EscalationPolicy, Heartbeat, Role, Service, Team, TeamMember, User
from oncall.models.service import IN_FORCE, IN_USE


def led_teams(session: Session, by: User) -> Collection[str]:
    """By name; of an admin all."""
    names = select(Team.name).order_by(col(Team.name))
    if by.role is not Role.ADMIN:
        names = names.join(TeamMember).where(manages(by))
    return session.exec(names).all()


def may_edit_team(session: Session, by: User, name: str) -> bool:
    """A new one, without a name yet, is made by admins."""
    return by.role is Role.ADMIN or name in led_teams(session, by)


def check_edits_team(session: Session, by: User, name: str) -> None:
    """Raises Forbidden."""
    if not may_edit_team(session, by, name):
        raise Forbidden("A team is made by admins, and edited by them and its managers. Ask one of them.")


def may_edit_policy(session: Session, by: User, name: str) -> bool:
    """Of a new one, or one that nothing follows: whoever leads any team."""
    if by.role is Role.ADMIN:
        return True
    led = set(led_teams(session, by))
    return bool(led) and all(team in led for team in _teams_that_follow(session, name))


def _teams_that_follow(session: Session, policy: str) -> Collection[str | None]:
    rows = select(Service.id, Team.name).join(EscalationPolicy).outerjoin(Team, col(Team.id) == col(Service.team_id))
    return [team for _, team in session.exec(rows.where(IN_FORCE, IN_USE, EscalationPolicy.name == policy))]


def check_edits_policy(session: Session, by: User, name: str) -> None:
    """Raises Forbidden."""
    if not may_edit_policy(session, by, name):
        raise Forbidden(
            "A policy is edited by admins, and by managers of all teams whose services follow it. Ask one of them."
        )


def may_set_up_service(session: Session, by: User, service: Service | None) -> bool:
    """`service` None: a new one."""
    if service is None:
        return by.role is Role.ADMIN or bool(led_teams(session, by))
    return runs(session, by, service)


def check_sets_up_service(session: Session, by: User, service: Service | None, team: str) -> None:
    """Raises Forbidden, also where it would be handed to a `team` that is not theirs."""
    if not may_set_up_service(session, by, service):
        raise Forbidden("A service is set up by admins and managers of its team. Ask one of them.")
    if by.role is not Role.ADMIN and team not in led_teams(session, by):
        raise Forbidden("Choose a team that you manage: only admins give services to other teams, or to none.")


def led_services(session: Session, by: User) -> Collection[str]:
    """Whose heartbeats are theirs to edit, and to see the addresses of. By name; of an admin all."""
    names = select(Service.name).where(IN_USE).order_by(col(Service.name))
    if by.role is not Role.ADMIN:
        names = names.join(TeamMember, col(TeamMember.team_id) == col(Service.team_id)).where(manages(by))
    return session.exec(names).all()


def check_edits_heartbeat(session: Session, by: User, name: str, service: str = "") -> None:
    """Raises Forbidden. `service`: to which it is moved, if that is known yet; `name` is empty for a new one."""
    if by.role is Role.ADMIN:
        return
    mine, its = led_services(session, by), select(Service.name).join(Heartbeat).where(Heartbeat.name == name)
    if not mine or any(each not in mine for each in [*session.exec(its), *([service] if service else [])]):
        raise Forbidden("A heartbeat is set up by admins and managers of its service’s team. Ask one of them.")

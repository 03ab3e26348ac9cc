"""Who may begin, move and end maintenance: managers of the team whose services are quiet in it, and admins."""

from dataclasses import dataclass

from sqlmodel import Session

from oncall.auth.permissions import managed_teams
from oncall.errors import Forbidden
from oncall.models import MaintenanceWindow, Role, Service, Team, User


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose maintenance is somebody's to decide."""

    is_admin: bool
    team_ids: frozenset[int]

    def covers(self, team_id: int | None) -> bool:
        """`team_id` None: of a service without a team."""
        return self.is_admin or team_id in self.team_ids


def reach_of(session: Session, by: User) -> Reach:
    if by.role is Role.ADMIN:
        return Reach(True, frozenset())
    return Reach(False, managed_teams(session, by))


def check_may_decide(session: Session, by: User, of: Service | Team) -> None:
    """Raises Forbidden."""
    if not reach_of(session, by).covers(of.id if isinstance(of, Team) else of.team_id):
        raise Forbidden(f"Maintenance of {of.name} is for admins and managers of its team. Ask one of them.")


def check_may_change(session: Session, by: User, window: MaintenanceWindow) -> None:
    """Raises Forbidden."""
    of = session.get(Service, window.service_id) if window.service_id else session.get(Team, window.team_id)
    assert of is not None
    check_may_decide(session, by, of)

"""Teams: who is in one, who manages it, and what it answers for."""

from collections import defaultdict
from collections.abc import Sequence

from fastapi import APIRouter
from sqlmodel import Session, col, func, select
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.auth.setup_rights import may_edit_team
from oncall.models import EscalationPolicy, Schedule, Service, Team, TeamContactMethod, TeamMember, User
from oncall.models.alert import OPEN, SERVICE_WITHOUT_INDEX
from oncall.models.service import IN_USE
from oncall.rota.feeds import find_team
from oncall.setup.deletion import delete_team
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out, show

router = APIRouter(prefix="/teams")


@router.get("")
def teams(edge: Page) -> Response:
    with edge.reading() as caller:
        names = caller.session.exec(select(Team.name).order_by(col(Team.name))).all()
        context = {
            "teams": names,
            "members": _count(caller.session, TeamMember, col(TeamMember.is_member)),
            "services": _count(caller.session, Service, IN_USE),
            "may_make": may_edit_team(caller.session, caller.user, ""),
            "mine": set(_my_teams(caller.session, caller.user)),
        }
    return show(edge, caller, "people/teams.html", context)


def _count(session: Session, table: type[TeamMember | Service], *which: object) -> dict[str, int]:
    """By team, how many rows of the table it has."""
    rows = select(Team.name, func.count()).join(table, col(table.team_id) == col(Team.id)).where(*which)  # type: ignore[arg-type]
    return dict(session.exec(rows.group_by(col(Team.name))).all())


def _my_teams(session: Session, user: User) -> Sequence[str]:
    return session.exec(select(Team.name).join(TeamMember).where(TeamMember.user_id == user.id)).all()


@router.get("/{name}")
def team(edge: Page, name: str) -> Response:
    with edge.reading() as caller:
        found, session = find_team(caller.session, name), caller.session
        people = session.exec(
            select(User, TeamMember).join(TeamMember).where(TeamMember.team_id == found.id).order_by(col(User.name))
        ).all()
        schedules = select(Schedule.name).where(Schedule.team_id == found.id).order_by(col(Schedule.name))
        methods = select(TeamContactMethod).where(TeamContactMethod.team_id == found.id)
        context = {
            "team": found,
            "members": [user for user, place in people if place.is_member],
            "leads": [user for user, place in people if place.is_manager],
            "schedules": session.exec(schedules).all(),
            "services": _services(session, found),
            "methods": session.exec(methods.order_by(col(TeamContactMethod.name))).all(),
            "may_edit": may_edit_team(session, caller.user, name),
        }
    return show(edge, caller, "people/team.html", context)


@router.post("/{name}/delete")
def delete(edge: Page, name: str) -> Response:
    def work(caller: Caller) -> str:
        delete_team(caller.session, name, caller.now, confirm=edge.form.get("confirm") == "yes")
        return f"The team {name} is deleted. Its people stay."

    return carry_out(edge, Permission.ADMINISTER, back_to("teams", name), work, then="/teams")


def _services(session: Session, team: Team) -> list[tuple[str, str, int]]:
    """Each with its policy and how many alerts it has open."""
    rows = select(Service.id, Service.name, EscalationPolicy.name).join(EscalationPolicy)
    found = session.exec(rows.where(IN_USE, Service.team_id == team.id).order_by(col(Service.name))).all()
    counts: dict[int | None, int] = defaultdict(int)
    ids = [service_id for service_id, _, _ in found]
    open_alerts = select(SERVICE_WITHOUT_INDEX, func.count()).where(OPEN, SERVICE_WITHOUT_INDEX.in_(ids))
    counts |= dict(session.exec(open_alerts.group_by(SERVICE_WITHOUT_INDEX)).all())
    return [(name, policy, counts[service_id]) for service_id, name, policy in found]

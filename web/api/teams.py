"""Teams: who owns schedules and services."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlmodel import Session, col, select

from oncall.errors import NotFound
from oncall.models import Team, TeamMember
from web.api.body import Listing, problems, whole
from web.api.names import People, Person
from web.edge import Api

router = APIRouter(prefix="/teams", tags=["teams"])


class TeamView(BaseModel):
    name: str
    members: list[Person]
    managers: list[Person]


@router.get("", summary="Every team")
def list_teams(edge: Api) -> Listing[TeamView]:
    with edge.reading() as caller:
        return whole(_views(caller.session))


@router.get("/{name}", summary="One team", responses=problems(404))
def get_team(edge: Api, name: str) -> TeamView:
    with edge.reading() as caller:
        found = [view for view in _views(caller.session) if view.name == name]
    if not found:
        raise NotFound(f"There is no team {name}.")
    return found[0]


def _views(session: Session) -> list[TeamView]:
    places = session.exec(select(TeamMember).order_by(col(TeamMember.user_id))).all()
    people = People(session, [place.user_id for place in places])
    return [
        TeamView(
            name=team.name,
            members=[people[p.user_id] for p in places if p.team_id == team.id and p.is_member],
            managers=[people[p.user_id] for p in places if p.team_id == team.id and p.is_manager],
        )
        for team in session.exec(select(Team).order_by(col(Team.name)))
    ]

"""Teams: who owns schedules and services."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import col, select

from notifiers.registry import KINDS
from oncall.auth.permissions import Permission, is_allowed
from oncall.errors import NotFound
from oncall.models import Team, TeamContactMethod, TeamMember
from oncall.setup.deletion import delete_team
from web.api.body import Confirm, Listing, problems, whole
from web.api.names import People, Person
from web.edge import Api, Caller

router = APIRouter(prefix="/teams", tags=["teams"])


class TeamContactMethodView(BaseModel):
    name: str
    kind: str
    address: str | None = Field(description="Null unless you are an admin.")


class TeamView(BaseModel):
    name: str
    members: list[Person]
    managers: list[Person]
    contact_methods: list[TeamContactMethodView] = Field(description="Where a policy posts by team:NAME/METHOD.")


@router.get("", summary="Every team")
def list_teams(edge: Api) -> Listing[TeamView]:
    with edge.reading() as caller:
        return whole(_views(caller))


@router.get("/{name}", summary="One team", responses=problems(404))
def get_team(edge: Api, name: str) -> TeamView:
    with edge.reading() as caller:
        found = [view for view in _views(caller) if view.name == name]
    if not found:
        raise NotFound(f"There is no team {name}.")
    return found[0]


@router.delete("/{name}", status_code=204, summary="Delete a team", responses=problems(404, 409))
def delete(edge: Api, name: str, confirm: Confirm = False) -> None:
    """Once it owns nothing and nothing pages it. Its people stay, its keys are refused from then on."""
    with edge.writing(Permission.ADMINISTER) as caller:
        delete_team(caller.session, name, caller.now, confirm=confirm)


def _views(caller: Caller) -> list[TeamView]:
    session, may_see = caller.session, is_allowed(caller.user, Permission.ADMINISTER)
    methods = session.exec(select(TeamContactMethod).order_by(col(TeamContactMethod.id))).all()
    places = session.exec(select(TeamMember).order_by(col(TeamMember.user_id))).all()
    people = People(session, [place.user_id for place in places])
    return [
        TeamView(
            name=team.name,
            members=[people[p.user_id] for p in places if p.team_id == team.id and p.is_member],
            managers=[people[p.user_id] for p in places if p.team_id == team.id and p.is_manager],
            contact_methods=[_method(method, may_see) for method in methods if method.team_id == team.id],
        )
        for team in session.exec(select(Team).order_by(col(Team.name)))
    ]


def _method(method: TeamContactMethod, may_see: bool) -> TeamContactMethodView:
    address = KINDS[method.kind].shown(method.address) if may_see else None
    return TeamContactMethodView(name=method.name, kind=method.kind, address=address)

"""Of whom a report is: everybody, or one team's services and members."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from oncall.errors import NotFound
from oncall.models import Service, Team, TeamMember
from oncall.rota import coverage
from oncall.rota.coverage import Person

MEMBER = col(TeamMember.is_member).is_(True)


@dataclass(frozen=True, slots=True)
class Scope:
    """By id: the services whose alerts count, and the people whose pages and hours do."""

    services: Mapping[int, str]
    people: Mapping[int, Person]


def scope_of(session: Session, team: str | None) -> Scope:
    """Raises NotFound."""
    services = select(Service.id, Service.name)
    people = {each.id: each for each in coverage.people(session).values()}
    if team is not None:
        team_id = _team_id(session, team)
        services = services.where(Service.team_id == team_id)
        members = set(session.exec(select(TeamMember.user_id).where(TeamMember.team_id == team_id, MEMBER)))
        people = {user_id: person for user_id, person in people.items() if user_id in members}
    named = {service_id: name for service_id, name in session.exec(services) if service_id is not None}
    return Scope(named, people)


def _team_id(session: Session, name: str) -> int | None:
    known = {each.name: each.id for each in session.exec(select(Team).order_by(Team.name))}
    if name not in known:
        raise NotFound(f"There is no team {name}. Known are: {', '.join(known) or 'none yet'}.", field="team")
    return known[name]

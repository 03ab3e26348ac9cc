"""Everybody, short enough for a phone: whom a page can't reach first, then by team, or those who were searched for."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlmodel import Session, col, or_, select
from starlette.responses import Response

from oncall.config.values import LONGEST_PERSON_NAME
from oncall.delivery.reachable import reachable
from oncall.models import Role, Team, TeamMember, User
from oncall.rota.outlook import outlook
from schedules.types import Person, Shift
from web.edge import Page
from web.pages.page import show

router = APIRouter(prefix="/people")

MOST_AT_ONCE = 30
"""More than that are folded away by team."""
WITHOUT_TEAM = "In no team"


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    people: Sequence[User]


@router.get("")
def people(edge: Page, q: str = "") -> Response:
    """`q`: in a name or a handle."""
    with edge.reading() as caller:
        session = caller.session
        everybody = _found(session, q.strip()[:LONGEST_PERSON_NAME])
        here = [user for user in everybody if user.retired_at is None]
        reached = reachable(session)
        context = {
            "here": here,
            "gone": [user for user in everybody if user.retired_at is not None],
            "groups": by_team(here, _teams(session)) if len(here) > MOST_AT_ONCE else [],
            "unreached": unreached(here, reached, outlook(session, caller.now).of_person, caller.now),
            "reached": reached,
            "q": q,
            "roles": list(Role),
        }
    return show(edge, caller, "people/people.html", context)


def _found(session: Session, text: str) -> Sequence[User]:
    wanted = select(User).order_by(col(User.name))
    if text:
        wanted = wanted.where(or_(*(col(each).icontains(text, autoescape=True) for each in (User.name, User.handle))))
    return session.exec(wanted).all()


def _teams(session: Session) -> Sequence[tuple[str, int]]:
    """Each with the id of somebody in it."""
    rows = select(Team.name, TeamMember.user_id).join(TeamMember).order_by(col(Team.name))
    return session.exec(rows).all()


def by_team(people: Sequence[User], teams: Iterable[tuple[str, int]]) -> list[Group]:
    """In the order given; whoever is in several is in each."""
    ids: dict[str, set[int]] = {}
    for team, user_id in teams:
        ids.setdefault(team, set()).add(user_id)
    groups = [Group(team, [user for user in people if user.id in members]) for team, members in ids.items()]
    others = [user for user in people if not any(user.id in members for members in ids.values())]
    return [group for group in [*groups, Group(WITHOUT_TEAM, others)] if group.people]


def unreached(
    people: Sequence[User], reached: Collection[Person], shifts: Mapping[Person, Sequence[Shift]], now: datetime
) -> list[tuple[User, Shift]]:
    """Those whom no page can reach, with their first shift that is not over, whoever is on first."""
    found = []
    for user in people:
        ahead = [shift for shift in shifts.get(user.handle, []) if shift.end > now]
        if user.handle not in reached and ahead:
            found.append((user, min(ahead, key=lambda shift: shift.start)))
    return sorted(found, key=lambda row: (row[1].start, row[1].level))

"""Who targets are at a moment."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from oncall.delivery.addressee import post_name
from oncall.delivery.outbox import Reach
from oncall.escalation.decide import Post, Recipient, Resolution
from oncall.escalation.target_text import Target
from oncall.models import ShadowKind, Team, TeamContactMethod, TeamMember, User
from oncall.rota.coverage import on_call_for, shadows_at

HEAD_START = timedelta(minutes=1)
"""Of somebody who learns by being paged first."""


@dataclass(frozen=True, slots=True)
class _Named:
    user_id: int
    role: str
    shadow: ShadowKind | None = None
    """How they follow along with the others of the same role, if they do."""


class Resolutions(Mapping[str, Resolution]):
    """Who targets are at one moment, worked out when first asked: most steps need no more than their own.

    People without a usable contact method are left out. `reach` knows how those who were found can be reached.
    """

    def __init__(self, session: Session, at: datetime) -> None:
        self._session, self._at = session, at
        self._known: dict[str, Resolution] = {}
        self.reach = Reach(session)

    def at(self, moment: datetime) -> "Resolutions":
        """At another moment: what does not depend on it, and how people can be reached, is not asked again."""
        other = copy(self)
        other._at = moment
        other._known = {each: found for each, found in self._known.items() if Target.parse(each).kind != "schedule"}
        return other

    def __getitem__(self, target: str) -> Resolution:
        if target not in self._known:
            self._known[target] = self._resolve(target)
        return self._known[target]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def _resolve(self, target: str) -> Resolution:
        wanted = Target.parse(target)
        if wanted.kind == "team" and wanted.part:
            return _post(self._session, wanted.name, wanted.part)
        people, problem = _named(self._session, wanted, self._at)
        ids = [person.user_id for person in people]
        self.reach.load(ids)
        return _reachable(people, problem, self.reach)


def _reachable(people: list[_Named], problem: str, reach: Reach) -> Resolution:
    found, problems = [], [problem] if problem else []
    for person in people:
        user = reach.users[person.user_id]
        if user.retired_at is not None:
            problems.append(f"{user.name} was not paged: retired")
        elif not reach.can_be_reached(person.user_id):
            problems.append(f"{user.name} can't be paged: no verified contact method")
        else:
            found.append(person)
    led = {person.role for person in found if person.shadow is ShadowKind.REVERSE}
    recipients = [
        _recipient(person, reach, delay=HEAD_START if person.role in led and person.shadow is None else timedelta())
        for person in sorted(found, key=lambda person: person.shadow is not ShadowKind.REVERSE)
    ]
    return Resolution(
        tuple(one for one in recipients if not one.is_shadow),
        "; ".join(problems),
        tuple(one for one in recipients if one.is_shadow),
    )


def _recipient(person: _Named, reach: Reach, delay: timedelta) -> Recipient:
    is_shadow = person.shadow is ShadowKind.SHADOW
    return Recipient(person.user_id, reach.users[person.user_id].name, person.role, delay, is_shadow)


def _named(session: Session, target: Target, at: datetime) -> tuple[list[_Named], str]:
    if target.kind == "user":
        return _user(session, target.name)
    if target.kind == "team":
        return _team(session, target.name)
    return _schedule(session, target, at)


def _user(session: Session, handle: str) -> tuple[list[_Named], str]:
    user_id = session.exec(select(User.id).where(User.handle == handle)).first()
    return ([_Named(user_id, "")], "") if user_id else ([], f"There is nobody with the handle {handle}")


def _team(session: Session, name: str) -> tuple[list[_Named], str]:
    members = session.exec(
        select(TeamMember.user_id)
        .join(Team)
        .where(Team.name == name, col(TeamMember.is_member))
        .order_by(col(TeamMember.user_id))
    ).all()
    people = [_Named(user_id, f"team {name}") for user_id in members]
    return people, "" if people else f"Team {name} has no members"


def _post(session: Session, team: str, name: str) -> Resolution:
    found = select(TeamContactMethod).join(Team).where(Team.name == team, TeamContactMethod.name == name)
    method = session.exec(found).first()
    if method is None:
        return Resolution(problem=f"Team {team} has no contact method {name}")
    assert method.id is not None
    return Resolution(posts=(Post(method.id, post_name(team, method)),))


def _schedule(session: Session, target: Target, at: datetime) -> tuple[list[_Named], str]:
    shifts = on_call_for(session, target.name, at)
    if shifts is None:
        return [], f"There is no schedule {target.name}"
    levels = [target.part] if target.part else list(shifts)
    people = [_Named(shift.user_id, f"{target.name} {level}") for level in levels for shift in shifts.get(level, [])]
    shadows = [
        _Named(shadow.user_id, f"{target.name} {level}", shadow.kind)
        for level in levels
        if shifts.get(level)
        for shadow in shadows_at(session, target.name, level, at)
    ]
    empty = ", ".join(f"{target.name} {level}" for level in levels if not shifts.get(level))
    return [*people, *shadows], f"Nobody is on call for {empty}" if empty and not people else ""

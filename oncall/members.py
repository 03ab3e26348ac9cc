"""Who takes turns in each rotation: listed members, and ruled ones by what the tables say about people now."""

from collections import defaultdict
from collections.abc import Mapping

from sqlmodel import Session, col, select

from oncall.models import Rotation, RotationMember, Schedule, Team, TeamMember, User
from schedules.membership import Candidate, MemberRule, ruled_members


class Members:
    """Members by rotation, as handles in order. Loads everybody once; one per operation."""

    def __init__(self, session: Session) -> None:
        self._candidates = _candidates(session)
        self._active = {candidate.person for candidate in self._candidates}
        self._listed = _listed(session)
        self._rotations: dict[str, list[Rotation]] = defaultdict(list)
        for name, rotation in session.exec(select(Schedule.name, Rotation).join(Rotation)):
            self._rotations[name].append(rotation)

    def of(self, rotation: Rotation) -> tuple[str, ...]:
        if rotation.member_rule is None:
            return tuple(handle for handle in self._listed[rotation.id] if handle in self._active)
        return self.ruled(rotation.member_rule)

    def ruled(self, rule: Mapping[str, list[str]], asked: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Who fits a rule {tagged, not_in, team}. `asked` are schedules on the way here: rules may name each other."""
        excluded = {
            handle
            for name in rule.get("not_in", [])
            if name not in asked
            for rotation in self._rotations[name]
            for handle in self._excluded_by(rotation, asked | {name})
        }
        wanted = MemberRule(frozenset(rule.get("tagged", [])), frozenset(rule.get("team", [])))
        return ruled_members(wanted, self._candidates, excluded)

    def _excluded_by(self, rotation: Rotation, asked: frozenset[str]) -> tuple[str, ...]:
        return self.of(rotation) if rotation.member_rule is None else self.ruled(rotation.member_rule, asked)


def _candidates(session: Session) -> list[Candidate]:
    teams: dict[int, set[str]] = defaultdict(set)
    for user_id, name in session.exec(
        select(TeamMember.user_id, Team.name).join(Team).where(col(TeamMember.is_member))
    ):
        teams[user_id].add(name)
    return [
        Candidate(user.handle, frozenset(user.tags), frozenset(teams[user.id or 0]), user.created_at)
        for user in session.exec(select(User).where(col(User.retired_at).is_(None)))
    ]


def _listed(session: Session) -> dict[int | None, list[str]]:
    listed: dict[int | None, list[str]] = defaultdict(list)
    rows = select(RotationMember.rotation_id, User.handle).join(User).order_by(col(RotationMember.position))
    for rotation_id, handle in session.exec(rows):
        listed[rotation_id].append(handle)
    return listed

"""Who takes turns in each rotation: listed members, and ruled ones by what the tables say about people now.

And since when each has done so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TypeAlias
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.db.database import Database
from oncall.installation import lock_plans
from oncall.models import PublishedTurn, Rotation, RotationMember, RuledMember, Schedule, Team, TeamMember, User
from oncall.models.schedule import CURRENT
from schedules.membership import Candidate, MemberRule, ruled_members
from schedules.spans import EVER, Span, clip, holes
from schedules.types import Member
from schedules.wallclock import to_local, to_utc

NEVER_YET = datetime.max.replace(tzinfo=UTC)


class Members:
    """Members by rotation, in order; people are handles. Loads everybody once; one per operation."""

    def __init__(self, session: Session) -> None:
        self._candidates = _candidates(session)
        self._active = {candidate.person for candidate in self._candidates}
        self._listed = _listed(session, self._active)
        self._since = _since(session)
        self._zones: dict[int, str] = {}
        self._rotations: dict[str, list[Rotation]] = defaultdict(list)
        self._began: dict[int | None, datetime] = {}
        for schedule, rotation in session.exec(select(Schedule, Rotation).join(Rotation).where(CURRENT)):
            self._rotations[schedule.name].append(rotation)
            self._began[rotation.id] = schedule.created_at
            self._zones[rotation.schedule_id] = schedule.timezone

    def of(self, rotation: Rotation) -> tuple[Member, ...]:
        if rotation.member_rule is None:
            return tuple(self._listed[rotation.id])
        free, since = self._fitting(rotation.member_rule), self._since[rotation.id]
        order = sorted(free, key=lambda who: (since.get(who, NEVER_YET), who))
        return _members(order, free, self._zone(rotation))

    def people(self, rotation: Rotation) -> list[str]:
        """Everybody who takes turns, whenever they join or leave."""
        return list(dict.fromkeys(person for member in self.of(rotation) for person in member.people))

    def newcomers(self, rotation: Rotation, members: Iterable[Member]) -> frozenset[str]:
        """Those of its members who came after the schedule; until it is noted who came with it, everybody did."""
        since = self._since[rotation.id]
        if not since or rotation.id not in self._began:
            return frozenset()
        began = self._began[rotation.id]
        people = {who for member in members for who in member.people}
        return frozenset(who for who in people if since.get(who, NEVER_YET) > began)

    def _fitting(self, rule: Mapping[str, list[str]], asked: frozenset[str] = frozenset()) -> dict[str, list[Span]]:
        """Who fits a rule {tagged, not_in, team}, and when: not while they take turns in a schedule of `not_in`.

        `asked` are schedules on the way here: rules may name each other.
        """
        elsewhere: dict[str, list[Span]] = defaultdict(list)
        for name in set(rule.get("not_in", [])) - asked:
            for rotation in self._rotations[name]:
                for person, spans in self._stays(rotation, asked | {name}).items():
                    elsewhere[person] += spans
        wanted = MemberRule(frozenset(rule.get("tagged", [])), frozenset(rule.get("team", [])))
        free = {person: holes(elsewhere[person], *EVER) for person in ruled_members(wanted, self._candidates)}
        return {person: spans for person, spans in free.items() if spans}

    def _stays(self, rotation: Rotation, asked: frozenset[str]) -> dict[str, list[Span]]:
        """When each takes turns in it, until it ends."""
        zone = self._zone(rotation)
        until = to_utc(datetime.fromisoformat(rotation.until), zone) if rotation.until else EVER[1]
        rule = rotation.member_rule
        stays = _listed_stays(self._listed[rotation.id], zone) if rule is None else self._fitting(rule, asked)
        return {person: clip(spans, EVER[0], until) for person, spans in stays.items()}

    def _zone(self, rotation: Rotation) -> ZoneInfo:
        return ZoneInfo(rotation.timezone or self._zones[rotation.schedule_id])


def _listed_stays(members: Iterable[Member], zone: ZoneInfo) -> dict[str, list[Span]]:
    stays: dict[str, list[Span]] = defaultdict(list)
    for member in members:
        joins = to_utc(member.joins, zone) if member.joins else EVER[0]
        leaves = to_utc(member.leaves, zone) if member.leaves else EVER[1]
        for person in member.people:
            stays[person].append((joins, leaves))
    return stays


def _members(people: Iterable[str], free: Mapping[str, Sequence[Span]], zone: ZoneInfo) -> tuple[Member, ...]:
    """Each with turns of their own, while they are free."""
    return tuple(
        Member(
            (person,),
            joins=to_local(start, zone) if start > EVER[0] else None,
            leaves=to_local(end, zone) if end < EVER[1] else None,
        )
        for person in people
        for start, end in free[person]
    )


def note_newcomers(database: Database, now: datetime) -> None:
    """Note since when everybody has been a member; who is one no more is forgotten, and would come anew."""
    with database.read() as session:
        if not any(_changes(session, now)):
            return
    with database.transaction() as session:
        lock_plans(session)  # another engine may be at it
        come, gone = _changes(session, now)
        for rotation_id, user_id in gone:
            session.delete(session.get_one(RuledMember, (rotation_id, user_id)))
        begin_anew(session, {rotation_id for rotation_id, _ in come}, now)
        session.add_all(RuledMember(rotation_id=a, user_id=b, since=since) for (a, b), since in sorted(come.items()))


_Place: TypeAlias = tuple[int, int]
"""A rotation's id, and a person's."""


def _changes(session: Session, now: datetime) -> tuple[dict[_Place, datetime], list[_Place]]:
    """Who has come, since when, and who has gone."""
    members = Members(session)
    ids = {handle: user_id for handle, user_id in session.exec(select(User.handle, User.id)) if user_id is not None}
    noted = set(session.exec(select(RuledMember.rotation_id, RuledMember.user_id)))
    known = {rotation_id for rotation_id, _ in noted}
    since = {
        (rotation.id, ids[person]): now if rotation.id in known else max(created_at, rotation.made_at)
        for created_at, rotation in session.exec(select(Schedule.created_at, Rotation).join(Rotation).where(CURRENT))
        if rotation.id is not None
        for person in members.people(rotation)
    }
    return {place: since[place] for place in since.keys() - noted}, sorted(noted - since.keys())


def begin_anew(session: Session, rotation_ids: Iterable[int], now: datetime) -> None:
    """Those that all had left begin anew with whoever has come: nobody is given the time in which there was nobody."""
    for rotation_id in _deserted(session, rotation_ids):
        _end_deserted(session, session.get_one(Rotation, rotation_id), now)


def _deserted(session: Session, rotation_ids: Iterable[int]) -> list[int]:
    """Those of them whose last turn that was told is nobody's, since all had left."""
    told = (col(PublishedTurn.rotation_id), col(PublishedTurn.number))
    of_them = told[0].in_(set(rotation_ids))
    last = select(told[0], sa.func.max(told[1])).where(of_them).group_by(told[0])
    turns = session.exec(select(PublishedTurn).where(of_them, sa.tuple_(*told).in_(last)))
    return sorted(turn.rotation_id for turn in turns if turn.lead and not any(turn.seats))


def _end_deserted(session: Session, rotation: Rotation, now: datetime) -> None:
    """What has been is a version that is over, without members, which keeps what was told."""
    schedule = session.get_one(Schedule, rotation.schedule_id)
    as_it_was = {"levels": rotation.levels or schedule.levels, "timezone": rotation.timezone or schedule.timezone}
    over = Rotation(**rotation.model_dump(exclude={"id", "member_rule"}) | as_it_was | {"ended_at": now})
    rotation.made_at = now
    session.add_all([rotation, over])
    session.flush()
    for turn in session.exec(select(PublishedTurn).where(PublishedTurn.rotation_id == rotation.id)).all():
        session.add(PublishedTurn(**turn.model_dump() | {"rotation_id": over.id}))
        session.delete(turn)
    session.flush()


def _candidates(session: Session) -> list[Candidate]:
    teams: dict[int | None, set[str]] = defaultdict(set)
    for user_id, name in session.exec(
        select(TeamMember.user_id, Team.name).join(Team).where(col(TeamMember.is_member))
    ):
        teams[user_id].add(name)
    here = select(User.id, User.handle, User.tags, User.created_at).where(col(User.retired_at).is_(None))
    return [
        Candidate(handle, frozenset(tags), frozenset(teams[user_id]), since)
        for user_id, handle, tags, since in session.exec(here)
    ]


def _listed(session: Session, active: Iterable[str]) -> dict[int | None, list[Member]]:
    """Without people who have retired; a turn that they alone had goes with them."""
    listed: dict[int | None, list[Member]] = defaultdict(list)
    place = col(RotationMember.rotation_id), col(RotationMember.position)
    columns = (*place, col(RotationMember.joins), col(RotationMember.leaves), col(User.handle))
    rows = session.execute(
        sa.select(*columns)
        .join(User, col(User.id) == col(RotationMember.user_id), isouter=True)
        .order_by(*place, col(RotationMember.id))
    )
    for (rotation_id, _), group in groupby(rows, key=lambda row: (row[0], row[1])):
        together = list(group)
        _, _, joins, leaves, handle = together[0]
        people = tuple(row[-1] for row in together if row[-1] in active)
        if people or handle is None:
            listed[rotation_id].append(Member(people, _time(joins), _time(leaves)))
    return listed


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _since(session: Session) -> dict[int | None, dict[str, datetime]]:
    """By rotation and handle."""
    since: dict[int | None, dict[str, datetime]] = defaultdict(dict)
    rows = select(RuledMember.rotation_id, User.handle, RuledMember.since).join(User)
    for rotation_id, handle, at in session.exec(rows):
        since[rotation_id][handle] = at
    return since

"""Who is on call: the bridge from the tables to the package `schedules`, and the only one.

Paging, pages, API, CLI and feeds all ask here. What is worked out about a schedule is kept in memory for as long as
nothing changes that could change it: anything at all for `Installation.revision`, a schedule's plan for its `mark`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from sqlmodel import Session, col, select

from oncall.installation import installation, mark
from oncall.models import Rotation, Schedule, ShadowKind, ShadowShift, TeamMember, User
from oncall.models.schedule import CURRENT
from oncall.rota.members import Members
from oncall.rota.plans import load_plans, told_turns
from schedules import kept, resolve, types
from schedules.errors import ScheduleError


@dataclass(frozen=True, slots=True)
class OnCall:
    """One person's shift, with the person."""

    schedule: str
    level: str
    user_id: int
    handle: str
    name: str
    start: datetime
    end: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """Somebody who follows along with a level, in [start, end)."""

    schedule: str
    level: str
    user_id: int
    name: str
    kind: ShadowKind
    start: datetime
    end: datetime


class Person(NamedTuple):
    """Somebody, as far as pages and figures tell of them."""

    id: int
    handle: str
    name: str
    timezone: str
    country: str | None
    is_retired: bool


NOBODY: Sequence[None] = (None,)
"""In place of people, for a line that says so."""


@dataclass(slots=True)
class _Known:
    """What has been worked out for one revision of one installation."""

    revisions: dict[int | None, str]
    """Of each schedule by its id: as stored now, where a row that was loaded before a lock may be out of date."""
    marked: dict[int | None, tuple[str, types.Schedule]]
    """The latest plan of each schedule by its id, also of revisions before, with what the schedule stood at."""
    plans: dict[str, types.Schedule] = field(default_factory=dict)
    every_plan: Mapping[str, types.Schedule] | None = None
    people: dict[str, Person] = field(default_factory=dict)
    """By handle, in the order of names."""
    shadows: dict[tuple[str, str], list[Shadow]] | None = None
    """By the name of the schedule and the level."""
    members: Members | None = None
    takers: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    """By the name of the schedule and the level."""

    handles: dict[int, str] = field(init=False)
    ids: dict[str, int] = field(init=False)
    names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.handles = {each.id: each.handle for each in self.people.values()}
        self.ids = {each.handle: each.id for each in self.people.values()}
        self.names = {each.handle: each.name for each in self.people.values()}


_KEEP = 4
"""Revisions kept: more than one, since tests and replicas being upgraded can share a process with others."""
_known: dict[str, _Known] = {}
_lock = Lock()


def on_call(session: Session, schedule: Schedule, at: datetime) -> dict[str, list[OnCall]]:
    """Who is on each level of the schedule at `at`: one person, several, or nobody."""
    known = _knowledge(session)
    return _people(_plan(session, schedule, known), at, known)


def on_call_for(session: Session, name: str, at: datetime) -> dict[str, list[OnCall]] | None:
    """The same for the schedule of this name; None when there is none."""
    known = _knowledge(session)
    if name not in known.plans:
        schedule = session.exec(select(Schedule).where(Schedule.name == name)).first()
        return on_call(session, schedule, at) if schedule else None
    return _people(known.plans[name], at, known)


def shadows_at(session: Session, name: str, level: str, at: datetime) -> list[Shadow]:
    """Who follows along with the level of the schedule of this name, in the order made."""
    found = _shadows(session).get((name, level), [])
    return [shadow for shadow in found if shadow.start <= at < shadow.end]


def shadows_of(session: Session, user_id: int, after: datetime) -> list[Shadow]:
    """Whom somebody follows along with, on all schedules: what ends after this, by start."""
    own = (each for found in _shadows(session).values() for each in found if each.user_id == user_id)
    return sorted((each for each in own if each.end > after), key=lambda each: (each.start, each.schedule, each.level))


def final_shifts(session: Session, schedule: Schedule, start: datetime, end: datetime) -> list[OnCall]:
    """The final shifts that meet [start, end), with their own start and end, by start and level."""
    known = _knowledge(session)
    return [_person(shift, known) for shift in kept.final_shifts(_plan(session, schedule, known), start, end)]


def with_people(session: Session, shifts: Iterable[types.Shift]) -> list[OnCall]:
    """These shifts, as the pure core gives them, with their people."""
    known = _knowledge(session)
    return [_person(shift, known) for shift in shifts]


def planned_shifts(session: Session, schedule: Schedule, start: datetime, end: datetime) -> list[types.Shift]:
    """The same as the pure core gives them: people are handles."""
    return kept.final_shifts(_plan(session, schedule, _knowledge(session)), start, end)


def all_shifts(session: Session, start: datetime, end: datetime) -> list[types.Shift]:
    """Of all schedules."""
    return [shift for plan in plans(session).values() for shift in kept.final_shifts(plan, start, end)]


def plans(session: Session) -> Mapping[str, types.Schedule]:
    """Every schedule as the pure core knows it, by name and in the order of names."""
    known = _knowledge(session)
    if known.every_plan is None:
        rows = session.exec(select(Schedule).order_by(col(Schedule.name))).all()
        _learn(session, rows, known)
        known.every_plan = {row.name: known.plans[row.name] for row in rows}
    return known.every_plan


def plan_of(session: Session, schedule: Schedule) -> types.Schedule:
    """The schedule as the pure core knows it."""
    return _plan(session, schedule, _knowledge(session))


def plan_if_sound(session: Session, schedule: Schedule) -> types.Schedule | None:
    """None: by what is stored nobody is on call, so there is nobody to lose, and whatever mends it is welcome."""
    try:
        return plan_of(session, schedule)
    except ScheduleError:
        return None


def members(session: Session) -> Members:
    """Who takes turns in each rotation now."""
    return _members(session, _knowledge(session))


def takers(session: Session, schedule: Schedule) -> Mapping[str, frozenset[str]]:
    """Who may take each of its levels: members of the rotations that have it, and of the schedule's team."""
    known = _knowledge(session)
    if schedule.name not in known.takers:
        known.takers = _takers(session, known)
    return known.takers[schedule.name]


def people(session: Session) -> Mapping[str, Person]:
    """Everybody there ever was by handle, in the order of names."""
    return _knowledge(session).people


def active(session: Session) -> list[Person]:
    """Those who have not retired, in the order of names."""
    return [each for each in people(session).values() if not each.is_retired]


def everybody(session: Session) -> dict[int, str]:
    """Everybody's handle, by id."""
    return _knowledge(session).handles


def names(session: Session) -> Mapping[str, str]:
    """Everybody's name, by handle."""
    return _knowledge(session).names


def handles_to_ids(session: Session) -> dict[str, int]:
    return _knowledge(session).ids


def gaps(session: Session, schedule: Schedule, start: datetime, end: datetime) -> list[types.Gap]:
    return resolve.gaps(_plan(session, schedule, _knowledge(session)), start, end)


def _shadows(session: Session) -> Mapping[tuple[str, str], list[Shadow]]:
    known = _knowledge(session)
    if known.shadows is None:
        known.shadows = _load_shadows(session, known)
    return known.shadows


def _load_shadows(session: Session, known: _Known) -> dict[tuple[str, str], list[Shadow]]:
    shadows: dict[tuple[str, str], list[Shadow]] = defaultdict(list)
    for name, row in session.exec(select(Schedule.name, ShadowShift).join(Schedule).order_by(col(ShadowShift.id))):
        who = known.people[known.handles[row.user_id]].name
        shadow = Shadow(name, row.level, row.user_id, who, row.kind, row.starts_at, row.ends_at)
        shadows[name, row.level].append(shadow)
    return shadows


def _people(plan: types.Schedule, at: datetime, known: _Known) -> dict[str, list[OnCall]]:
    shifts = resolve.on_call_at(plan, at)
    return {level: [_person(shift, known) for shift in on] for level, on in shifts.items()}


def _person(shift: types.Shift, known: _Known) -> OnCall:
    who = known.people[shift.person]
    return OnCall(shift.schedule, shift.level, who.id, who.handle, who.name, shift.start, shift.end, shift.source)


def _knowledge(session: Session) -> _Known:
    revision = installation(session).revision
    with _lock:
        if revision in _known:
            return _known[revision]
    people = _load_people(session)
    revisions = dict(session.exec(select(Schedule.id, Schedule.revision)).all())
    with _lock:
        marked = dict(next(reversed(_known.values())).marked) if _known else {}
        known = _Known(revisions, marked, people=people)
        while len(_known) >= _KEEP:
            del _known[next(iter(_known))]
        return _known.setdefault(revision, known)


def _load_people(session: Session) -> dict[str, Person]:
    columns = (User.id, User.handle, User.name, User.timezone, User.country, col(User.retired_at).is_not(None))
    rows = session.exec(select(*columns).order_by(col(User.name)))  # type: ignore[call-overload]
    return {person.handle: person for person in map(Person._make, rows)}


def _takers(session: Session, known: _Known) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Of all schedules at once: whoever looks for a shift to take asks about each."""
    members = _members(session, known)
    mates: dict[int | None, set[str]] = defaultdict(set)
    in_teams = select(TeamMember.team_id, TeamMember.user_id).where(col(TeamMember.is_member))
    for team_id, user_id in session.exec(in_teams):
        mates[team_id].add(known.handles[user_id])
    turns: dict[int | None, list[Rotation]] = defaultdict(list)
    for row in session.exec(select(Rotation).where(CURRENT)):
        turns[row.schedule_id].append(row)
    return {
        schedule.name: {
            level: frozenset(mates[schedule.team_id]).union(
                *(members.people(row) for row in turns[schedule.id] if not row.levels or level in row.levels)
            )
            for level in schedule.levels
        }
        for schedule in session.exec(select(Schedule))
    }


def _plan(session: Session, schedule: Schedule, known: _Known) -> types.Schedule:
    if schedule.name not in known.plans:
        _learn(session, [schedule], known)
    return known.plans[schedule.name]


def _learn(session: Session, schedules: Iterable[Schedule], known: _Known) -> None:
    """Load the plans of those that have changed since they were loaded last, all of them at once."""
    changed: list[Schedule] = []
    for each in schedules:
        stood_at, plan = known.marked.get(each.id, ("", None))
        if plan is not None and stood_at == _mark(session, each, known):
            known.plans.setdefault(each.name, plan)
        elif each.name not in known.plans:
            changed.append(each)
    if changed:
        told = told_turns(session, changed, known.handles)
        plans = load_plans(session, changed, _members(session, known), told, known.handles)
        for each, plan in zip(changed, plans, strict=True):
            known.plans[each.name] = plan
            known.marked[each.id] = _mark(session, each, known), plan


def _mark(session: Session, schedule: Schedule, known: _Known) -> str:
    # a schedule may have been made since this revision was read
    return mark(installation(session), known.revisions.get(schedule.id, schedule.revision))


def _members(session: Session, known: _Known) -> Members:
    known.members = known.members or Members(session)
    return known.members


def warnings(session: Session, schedule: Schedule, start: datetime, end: datetime) -> list[str]:
    """What its owner should know about [start, end), a sentence each."""
    return resolve.warnings(_plan(session, schedule, _knowledge(session)), start, end)

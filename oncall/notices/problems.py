"""Telling the managers of a schedule's team what will lose pages unless somebody mends it: gaps, unreachable people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.db import Database
from oncall.health import Problem, ProblemKind, problems
from oncall.models import NoticeKind, Schedule, TeamMember
from oncall.notices.tell import key_for, notify, told
from oncall.outlook import AHEAD as SEEN

SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _ToTell:
    user_id: int
    text: str
    key: str


def tell_problems(database: Database, now: datetime) -> bool:
    """Whether there was anything to tell. Each manager is told of each problem once."""
    with database.read() as session:
        found = [one for schedule in session.exec(select(Schedule)).all() for one in _found(session, schedule, now)]
        known = told(session, [key_for(one.key, one.user_id) for one in found])
    untold = [one for one in found if key_for(one.key, one.user_id) not in known]
    if not untold:
        return False
    with database.transaction() as session:
        for one in untold:
            notify(session, [one.user_id], NoticeKind.PROBLEM, one.text, now, one.key)
    return True


def _found(session: Session, schedule: Schedule, now: datetime) -> Iterator[_ToTell]:
    managers = session.exec(
        select(TeamMember.user_id).where(TeamMember.team_id == schedule.team_id, col(TeamMember.is_manager))
    ).all()
    if not managers:
        return
    for problem in problems(session, schedule, now):
        if problem.loses_pages and problem.start is not None and problem.start < now + SOON:
            for user_id in managers:
                yield _ToTell(user_id, f"Schedule {schedule.name}: {problem.sentence}", key_of(schedule, problem, now))


def key_of(schedule: Schedule, problem: Problem, now: datetime) -> str:
    when = occasion(problem, ZoneInfo(schedule.timezone), now)
    return f"problem:{schedule.id}:{problem.kind}:{problem.level}:{problem.person or ''}:{when}"


def occasion(problem: Problem, zone: ZoneInfo, now: datetime) -> str:
    """Pure: what makes two problems of one place and person the same one, whenever they are looked at.

    A gap that runs is told from now on, so it is known by its end; one that comes again and again, by the time of day
    at which it ends; and one whose end can't be seen is always the same.
    """
    assert problem.start is not None
    if problem.kind is not ProblemKind.GAP or problem.end is None:
        return f"{problem.start:%Y-%m-%dT%H:%MZ}"
    if problem.end >= now + SEEN:
        return "open"
    if problem.times > 1:
        return f"until {problem.end.astimezone(zone):%H:%M}"
    return f"until {problem.end:%Y-%m-%dT%H:%MZ}"

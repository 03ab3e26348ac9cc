"""Telling those who can mend it what will lose pages otherwise: gaps, people on call who can't be reached.

The managers of the schedule's team; where it has none its members, and where there is no team the admins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.db import Database
from oncall.health import Problem, ProblemKind, problems
from oncall.models import NoticeKind, Role, Schedule, TeamMember, User
from oncall.notices.tell import key_for, notify, told
from oncall.outlook import AHEAD as SEEN

SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _ToTell:
    user_id: int
    text: str
    key: str


def tell_problems(database: Database, now: datetime) -> bool:
    """Whether there was anything to tell. Each of them is told of each problem once."""
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
    menders = _menders(session, schedule)
    if not menders:
        return
    for problem in problems(session, schedule, now):
        if problem.loses_pages and problem.start is not None and problem.start < now + SOON:
            key = f"problem:{schedule.id}:{problem.kind}:{problem.level}:{problem.person or ''}"
            key += f":{occasion(problem, ZoneInfo(schedule.timezone), now)}"
            for user_id in menders:
                yield _ToTell(user_id, f"Schedule {schedule.name}: {problem.sentence}", key)


def _menders(session: Session, schedule: Schedule) -> Sequence[int]:
    here = select(User.id).where(col(User.retired_at).is_(None)).order_by(col(User.id))
    team = here.join(TeamMember).where(TeamMember.team_id == schedule.team_id)
    for those in (team.where(col(TeamMember.is_manager)), team, here.where(User.role == Role.ADMIN)):
        if found := [user_id for user_id in session.exec(those) if user_id is not None]:
            return found
    return []


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

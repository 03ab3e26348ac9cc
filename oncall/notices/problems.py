"""Telling whoever runs a schedule what to mend in it: when it is seen, and of a gap once more a week before;
not while they sleep, where it can wait until the morning.

They are the managers of its team; where it has none its members, and where there is no team the admins.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.db.database import Database
from oncall.models import NoticeKind, Role, Schedule, TeamMember, User
from oncall.notices.asleep import Asleep
from oncall.notices.tell import key_for, notify, notify_of_all, told
from oncall.rota.health import problems
from oncall.rota.inspector import Problem, ProblemKind
from oncall.rota.outlook import AHEAD as SEEN

SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _ToTell:
    user_id: int
    schedule: str
    text: str
    key: str
    is_grave: bool
    start: datetime | None
    """None: it is so all the time."""


def tell_problems(database: Database, now: datetime) -> bool:
    """Whether there was anything to tell. Each is told of each problem once."""
    with database.read() as session:
        runners, schedules = Runners(session), session.exec(select(Schedule)).all()
        found = [one for each in schedules for one in _found(session, each, runners.of(each), now)]
        by_key = {
            key_for(one.key, one.user_id): one for one in reversed(found)
        }  # of what two schedules share, the first
        known = told(session, list(by_key))
        asleep = Asleep(session, (one.user_id for one in found), now)
        untold = [
            one
            for key, one in reversed(by_key.items())
            if key not in known and not asleep.may_wait(one.user_id, one.start)
        ]
    if not untold:
        return False
    with database.transaction() as session:
        _tell(session, untold, now)
    return True


class Runners:
    """Who runs each schedule: the managers of its team, or else its members, or else admins; nobody who has retired.

    Asked for all schedules in one question; one per operation.
    """

    def __init__(self, session: Session) -> None:
        self._managers: dict[int | None, list[int]] = defaultdict(list)
        self._people: dict[int | None, list[int]] = defaultdict(list)
        admins: dict[int, None] = {}
        rows = (
            select(User.id, User.role, TeamMember.team_id, TeamMember.is_manager)
            .join(TeamMember, col(TeamMember.user_id) == col(User.id), isouter=True)
            .where(col(User.retired_at).is_(None))
            .order_by(col(User.id))
        )
        for user_id, role, team_id, is_manager in session.exec(rows):
            assert user_id is not None
            if role is Role.ADMIN:
                admins[user_id] = None
            if team_id is not None:
                self._people[team_id].append(user_id)
            if is_manager:
                self._managers[team_id].append(user_id)
        self._admins = list(admins)

    def of(self, schedule: Schedule) -> Sequence[int]:
        """Their ids."""
        team_id = schedule.team_id
        return self._managers.get(team_id) or self._people.get(team_id) or self._admins


def _tell(session: Session, untold: Sequence[_ToTell], now: datetime) -> None:
    """What loses pages in a message each; what is only hard on people in one for a schedule."""
    lesser: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for one in untold:
        if one.is_grave:
            notify(session, [one.user_id], NoticeKind.PROBLEM, one.text, now, one.key)
        else:
            lesser[one.user_id, one.schedule].append((one.text, one.key))
    for (user_id, schedule), said in lesser.items():
        notify_of_all(session, user_id, NoticeKind.PROBLEM, said, f"on the page of {schedule}", now)


def _found(session: Session, schedule: Schedule, readers: Sequence[int], now: datetime) -> Iterator[_ToTell]:
    if not readers:
        return
    for problem in problems(session, schedule, now):
        if is_told(problem, now):
            text = f"Schedule {schedule.name}: {problem.sentence}"
            key = key_of(schedule, problem, now)
            for user_id in readers:
                yield _ToTell(user_id, schedule.name, text, key, problem.loses_pages, problem.start)


def key_of(schedule: Schedule, problem: Problem, now: datetime) -> str:
    when = occasion(problem, ZoneInfo(schedule.timezone), now)
    if problem.shared:
        places = "+".join(sorted("/".join(place) for place in problem.shared))
        return f"problem:{problem.kind}:{places}:{problem.person or ''}:{when}"
    return f"problem:{schedule.id}:{problem.kind}:{problem.level}:{problem.person or ''}:{when}"


def is_told(problem: Problem, now: datetime) -> bool:
    """Pure: whoever can't be paged yet has until a week before to add a phone; all else takes time to mend."""
    return problem.kind is not ProblemKind.UNREACHABLE or _is_soon(problem, now)


def occasion(problem: Problem, zone: ZoneInfo, now: datetime) -> str:
    """Pure: what makes two problems of one place and person the same one, whenever they are looked at.

    A gap that runs is told from now on, so it is known by its end; one that comes again and again, by the time of day
    at which it ends; and one whose end can't be seen is always the same. A gap that was far off is another one when it
    is near. What is hard on people and comes again and again is always the same.
    """
    if problem.start is None:
        return "always"
    if problem.kind is not ProblemKind.GAP or problem.end is None:
        is_habit = problem.times > 1 and not problem.loses_pages
        return "again and again" if is_habit else f"{problem.start:%Y-%m-%dT%H:%MZ}"
    far = "" if _is_soon(problem, now) else "far "
    if problem.end >= now + SEEN:
        return f"{far}open"
    if problem.times > 1:
        return f"{far}until {problem.end.astimezone(zone):%H:%M}"
    return f"{far}until {problem.end:%Y-%m-%dT%H:%MZ}"


def _is_soon(problem: Problem, now: datetime) -> bool:
    return problem.start is not None and problem.start < now + SOON

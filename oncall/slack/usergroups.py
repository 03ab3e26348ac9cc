"""User groups that follow who is on call, so that `@oncall-dev` names the right people.

At each tick the wanted members are worked out anew and set where they differ from what was last set, whichever engine
comes first; what fails waits longer each time, what can't work an hour. People without Slack are left out and told of.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, delete, select

from notifiers.base import SendFailure
from notifiers.slack_account import SlackAccount
from notifiers.slack_usergroups import set_members
from oncall.clock import Clock
from oncall.db.database import Database
from oncall.db.upsert import insert
from oncall.delivery.retry import next_attempt
from oncall.delivery.rules import is_usable
from oncall.models import ContactMethod, Schedule, SlackUserGroup
from oncall.rota.coverage import on_call

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=1)
HOPELESS_WAIT = timedelta(hours=1)
"""After a failure that somebody must mend first."""
DAY = timedelta(days=1)

_groups: sa.Table = SlackUserGroup.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class Wanted:
    """A group as it should be now."""

    places: list[str] = field(default_factory=list)
    """Such as "dev/L1"."""
    members: set[str] = field(default_factory=set)
    """Slack's ids."""
    without: set[str] = field(default_factory=set)
    """Names of people on call whom Slack does not know."""

    @property
    def problem(self) -> str:
        where = ", ".join(self.places)
        left_out = f"{', '.join(sorted(self.without))} has no verified Slack contact method and is left out"
        if not self.members:
            why = left_out if self.without else "nobody is on call"
            return f"{where}: {why}; the group stays as it was"
        return f"{where}: {left_out}" if self.without else ""


def follow_usergroups(database: Database, account: SlackAccount | None, clock: Clock) -> None:
    """Set each group that is not as it should be. Nothing holds a transaction while Slack is asked."""
    now = clock()
    with database.read() as session:
        groups = wanted(session, now)
        known = {row.group_id: row for row in session.exec(select(SlackUserGroup))}
    if account is None or not (groups or known):
        return
    if known.keys() - groups.keys():
        _forget_all_but(database, set(groups))
    for group_id, group in groups.items():
        row = known.get(group_id)
        if row is None or _is_due(row, group, now) or (_is_set(row, group) and row.problem != group.problem):
            _follow(database, account, group_id, group, clock)


def wanted(session: Session, now: datetime) -> dict[str, Wanted]:
    """Every group that a schedule names, by its id; levels that share one are in it together."""
    groups: dict[str, Wanted] = defaultdict(Wanted)
    for schedule in session.exec(select(Schedule).order_by(col(Schedule.name))):
        people = on_call(session, schedule, now) if schedule.slack_usergroups else {}
        for level, group_id in schedule.slack_usergroups.items():
            group = groups[group_id]
            group.places.append(f"{schedule.name}/{level}")
            for one in people.get(level, []):
                member = _member(session, one.user_id)
                if member is None:
                    group.without.add(one.name)
                else:
                    group.members.add(member)
    return groups


def _member(session: Session, user_id: int) -> str | None:
    """Their Slack id: of their verified addresses the first that is a person's, not a channel's."""
    methods = session.exec(
        select(ContactMethod)
        .where(ContactMethod.user_id == user_id, ContactMethod.kind == "slack")
        .order_by(col(ContactMethod.id))
    )
    return next((each.address for each in methods if is_usable(each) and each.address[0] in "UW"), None)


def _is_set(row: SlackUserGroup, group: Wanted) -> bool:
    return not group.members or row.members == sorted(group.members)


def _is_due(row: SlackUserGroup, group: Wanted, now: datetime) -> bool:
    """Other people than were tried are tried at once; unless somebody is at it."""
    if _is_set(row, group):
        return False
    waits = row.due_at is not None and row.due_at > now
    return not waits or row.tried != sorted(group.members)


def _follow(database: Database, account: SlackAccount, group_id: str, group: Wanted, clock: Clock) -> None:
    with database.transaction() as session:
        attempt = _claim(session, group_id, group, clock())
    if not attempt:
        return
    failure: SendFailure | None = None
    try:
        set_members(account, group_id, sorted(group.members))
    except SendFailure as error:
        failure = error
    with database.transaction() as session:
        _record(session, group_id, group, attempt, failure, clock())


def _claim(session: Session, group_id: str, group: Wanted, now: datetime) -> int:
    """Which attempt at these members this is; 0 when there is nothing to set, or another engine does it."""
    new = {"group_id": group_id, "members": [], "tried": [], "attempts": 0, "problem": ""}
    session.execute(insert(session, _groups).values(new).on_conflict_do_nothing())
    row = session.exec(select(SlackUserGroup).where(SlackUserGroup.group_id == group_id).with_for_update()).one()
    if not _is_due(row, group, now):
        if _is_set(row, group):
            _say(session, group_id, row, group.problem)
        return 0
    members = sorted(group.members)
    row.attempts = row.attempts + 1 if row.tried == members else 1
    row.tried, row.due_at = members, now + LEASE
    session.add(row)
    return row.attempts


def _record(
    session: Session, group_id: str, group: Wanted, attempt: int, failure: SendFailure | None, now: datetime
) -> None:
    row = session.exec(select(SlackUserGroup).where(SlackUserGroup.group_id == group_id).with_for_update()).first()
    members = sorted(group.members)
    if row is None or row.tried != members or row.attempts != attempt:
        return  # the schedule no longer names it, or another engine has taken over with other people
    if failure is None:
        row.members, row.attempts, row.due_at = members, 0, None
        log.info("slack.usergroup_set", group=group_id, places=group.places, people=len(members))
    else:
        row.due_at = _again(failure, attempt, now)
    _say(session, group_id, row, f"{', '.join(group.places)}: {failure.reason}" if failure else group.problem)


def _again(failure: SendFailure, attempt: int, now: datetime) -> datetime:
    if failure.permanent:
        return now + HOPELESS_WAIT
    return max(next_attempt(attempt, now, now, DAY) or now, now + timedelta(seconds=failure.retry_after))


def _say(session: Session, group_id: str, row: SlackUserGroup, problem: str) -> None:
    """In the log once, not at every tick."""
    if problem and problem != row.problem:
        log.warning("slack.usergroup", group=group_id, problem=problem)
    row.problem = problem[:500]
    session.add(row)


def _forget_all_but(database: Database, group_ids: set[str]) -> None:
    """Groups that no schedule names any more: people may do with them as they like."""
    with database.transaction() as session:
        session.exec(delete(SlackUserGroup).where(col(SlackUserGroup.group_id).not_in(group_ids)))

"""Schedules, their final shifts and their gaps."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlmodel import Session, col, select

from oncall.auth.permissions import Permission
from oncall.models import Rotation, Schedule
from oncall.moments import check_window
from oncall.rota import coverage, health
from oncall.rota.coverage import OnCall
from oncall.rota.inspector import Problem, ProblemKind
from oncall.rota.members import Members
from oncall.rota.plans import find_schedule, rotations
from oncall.setup.deletion import delete_schedule
from schedules.types import Member
from web.api.body import Confirm, Listing, Moment, problems, whole
from web.api.names import team_names
from web.edge import Api

router = APIRouter(prefix="/schedules", tags=["schedules"])

LOOK_AHEAD = timedelta(days=28)

From = Annotated[Moment | None, Query(alias="from", description="Default: now.")]
Until = Annotated[Moment | None, Query(description="Default: 28 days after `from`. At most 400 days after it.")]


class MemberView(BaseModel):
    """Those who have a turn together; nobody where it is meant to be empty."""

    users: list[str]
    """Handles."""
    joins: datetime | None
    leaves: datetime | None
    """Wall clock in the rotation's zone: only turns wholly between them."""

    @classmethod
    def of(cls, member: Member) -> "MemberView":
        return cls(users=list(member.people), joins=member.joins, leaves=member.leaves)


class RotationView(BaseModel):
    name: str
    levels: list[str]
    members: list[MemberView]
    """In the order of their turns, as they are now."""
    rule: dict[str, list[str]] | None
    """Where members are not listed but ruled: tagged, not_in, team."""
    start: str
    """Wall clock in the rotation's zone."""
    until: str | None
    shift: list[str]
    timezone: str
    hours: str | None
    skip: list[str]
    """Weekdays that are neither worked nor counted."""
    first_shift_level: str | None
    level_offset: int | None


class ScheduleView(BaseModel):
    name: str
    team: str | None
    timezone: str
    levels: list[str]
    covers: str | None
    """When somebody is meant to be on call, in its zone; null is always. Outside of it nobody is no gap."""
    slack_usergroups: dict[str, str]
    """Slack user groups that follow who is on call, by level."""
    rotations: list[RotationView]


class ShiftView(BaseModel):
    schedule: str
    level: str
    user: str
    start: datetime
    end: datetime
    source: str

    @classmethod
    def of(cls, shift: OnCall) -> "ShiftView":
        return cls(
            schedule=shift.schedule,
            level=shift.level,
            user=shift.handle,
            start=shift.start,
            end=shift.end,
            source=shift.source,
        )


class GapView(BaseModel):
    level: str
    start: datetime
    end: datetime


class ProblemView(BaseModel):
    """With the first time it happens."""

    kind: ProblemKind
    sentence: str
    level: str | None
    user: str | None
    start: datetime | None
    end: datetime | None
    times: int
    """How many of the same are told as one."""

    @classmethod
    def of(cls, problem: Problem) -> "ProblemView":
        return cls(
            kind=problem.kind,
            sentence=problem.sentence,
            level=problem.level,
            user=problem.person,
            start=problem.start,
            end=problem.end,
            times=problem.times,
        )


@router.get("", summary="Every schedule")
def list_schedules(edge: Api) -> Listing[ScheduleView]:
    with edge.reading() as caller:
        rows = caller.session.exec(select(Schedule).order_by(col(Schedule.name))).all()
        return whole(_views(caller.session, rows))


@router.get("/{name}", summary="One schedule", responses=problems(404))
def get_schedule(edge: Api, name: str) -> ScheduleView:
    with edge.reading() as caller:
        return _views(caller.session, [find_schedule(caller.session, name)])[0]


@router.get("/{name}/shifts", summary="The final shifts that meet [from, until)", responses=problems(400, 404))
def shifts(edge: Api, name: str, start: From = None, until: Until = None) -> Listing[ShiftView]:
    """Each with its own start and end, not clipped to the window."""
    with edge.reading() as caller:
        window = window_of(start, until, caller.now)
        schedule = find_schedule(caller.session, name)
        return whole([ShiftView.of(shift) for shift in coverage.final_shifts(caller.session, schedule, *window)])


@router.get("/{name}/gaps", summary="When nobody is on a level in [from, until)", responses=problems(400, 404))
def gaps(edge: Api, name: str, start: From = None, until: Until = None) -> Listing[GapView]:
    with edge.reading() as caller:
        window = window_of(start, until, caller.now)
        found = coverage.gaps(caller.session, find_schedule(caller.session, name), *window)
        return whole([GapView(level=gap.level, start=gap.start, end=gap.end) for gap in found])


@router.get("/{name}/problems", summary="What to mend in the next 90 days", responses=problems(404))
def to_mend(edge: Api, name: str) -> Listing[ProblemView]:
    """Gaps, people who can't be paged, double bookings, short rests, and turns without anybody experienced."""
    with edge.reading() as caller:
        found = health.problems(caller.session, find_schedule(caller.session, name), caller.now)
        return whole([ProblemView.of(problem) for problem in found])


@router.delete("/{name}", status_code=204, summary="Delete a schedule", responses=problems(404, 409))
def delete(edge: Api, name: str, confirm: Confirm = False) -> None:
    """Once nothing pages it. All that it has goes with it, also its past, so it is to be confirmed."""
    with edge.writing(Permission.PLAN) as caller:
        delete_schedule(caller.session, edge.runtime.settings, caller.user, name, caller.now, confirm=confirm)


def window_of(start: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    begin = start or now
    end = until or begin + LOOK_AHEAD
    check_window(begin, end)
    return begin, end


def _views(session: Session, rows: Any) -> list[ScheduleView]:
    members, teams = Members(session), team_names(session)
    return [
        ScheduleView(
            name=row.name,
            team=teams.get(row.team_id),
            timezone=row.timezone,
            levels=row.levels,
            covers=row.covers,
            slack_usergroups=row.slack_usergroups,
            rotations=[_rotation(each, row, members) for each in rotations(session, row) if each.ended_at is None],
        )
        for row in rows
    ]


def _rotation(row: Rotation, schedule: Schedule, members: Members) -> RotationView:
    return RotationView(
        name=row.name,
        levels=row.levels or schedule.levels,
        members=[MemberView.of(member) for member in members.of(row)],
        rule=row.member_rule,
        start=row.start,
        until=row.until,
        shift=row.shift,
        timezone=row.timezone or schedule.timezone,
        hours=row.hours,
        skip=row.skip,
        first_shift_level=row.first_shift_level,
        level_offset=row.level_offset,
    )

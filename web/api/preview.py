"""A schedule tried out: the shifts that it would give, with nothing stored."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session, select

from oncall.config.schema import MemberForm, MemberRule, OverrideForm, RotationForm, ScheduleForm
from oncall.errors import BadInput
from oncall.members import Members, alone
from oncall.models import Experience, OverrideKind, Schedule, User
from oncall.moments import check_window
from schedules import effort, types
from schedules.durations import parse_duration
from schedules.hours_text import parse_hours, parse_weekdays
from schedules.resolve import final_shifts
from schedules.validation import problems as schedule_problems
from web.api.body import Body, Listing, Moment, problems, whole
from web.api.preview_form import read_form
from web.api.schedules import ShiftView
from web.edge import Api

router = APIRouter(prefix="/schedules", tags=["schedules"])

MOST_SHIFTS = 20_000
"""About a second's work: anybody who is let in can ask for a preview."""


class PreviewBody(Body):
    schedule: dict[str, Any] = Field(description="A schedule as the config file has it, whole.")
    start: Moment = Field(alias="from")
    until: Moment
    experienced: list[str] = Field(
        [], description="Handles of more people who are no first-timers on it; the config file says so of each person."
    )


@router.post("/preview", summary="The shifts that a schedule would have", responses=problems(400))
def preview(edge: Api, body: PreviewBody) -> Listing[ShiftView]:
    """Nothing is stored. Ruled members are the people who fit the rule now.

    Listed members, its team, and schedules whose members a rule leaves out need not exist.
    """
    check_window(body.start, body.until)
    with edge.reading() as caller:
        plan = _plan(caller.session, read_form(caller.session, body.schedule), body.experienced)
    _check_effort(plan, body.start, body.until)
    found = final_shifts(plan, body.start, body.until)
    return whole(
        [
            ShiftView(
                schedule=shift.schedule,
                level=shift.level,
                user=shift.person,
                start=shift.start,
                end=shift.end,
                source=shift.source,
            )
            for shift in found
        ]
    )


def _plan(session: Session, form: ScheduleForm, experienced: list[str]) -> types.Schedule:
    members = Members(session)
    plan = types.Schedule(
        name=form.name,
        zone=ZoneInfo(form.timezone),
        levels=tuple(form.levels),
        rotations=tuple(_rotation(rotation, form, members) for rotation in form.rotations),
        overrides=tuple(_override(override) for override in form.overrides),
        experienced=frozenset(experienced) | _experienced(session, form.name),
    )
    found = schedule_problems(plan)
    if found:
        raise BadInput(" ".join(found), problems=found)
    return plan


def _check_effort(plan: types.Schedule, start: datetime, until: datetime) -> None:
    shifts, turns = effort.shifts_within(plan, start, until), effort.turns_until(plan, until)
    if shifts > MOST_SHIFTS:
        raise BadInput(
            f"The preview would have about {shifts:,} shifts, and {MOST_SHIFTS:,} are the most: ask for less time.",
            field="until",
        )
    if turns > MOST_SHIFTS:
        raise BadInput(
            f"The first-timer rule would be followed through about {turns:,} turns, and {MOST_SHIFTS:,} are the most: "
            "let the rotations start later.",
            field="schedule",
        )


def _rotation(form: RotationForm, schedule: ScheduleForm, members: Members) -> types.Rotation:
    return types.Rotation(
        name=form.name,
        levels=tuple(form.levels or schedule.levels),
        members=_members(form.members, members),
        start=form.start,
        shift=tuple(parse_duration(length) for length in form.shift),
        zone=ZoneInfo(form.timezone or schedule.timezone),
        until=form.until,
        hours=parse_hours(form.hours) if form.hours else None,
        skip=parse_weekdays(form.skip),
        first_shift_level=form.first_shift_level,
        level_offset=form.level_offset,
    )


def _members(form: list[MemberForm] | MemberRule, members: Members) -> tuple[types.Member, ...]:
    if isinstance(form, MemberRule):
        return alone(members.ruled({"tagged": form.tagged, "not_in": form.not_in, "team": form.team}))
    return tuple(types.Member(tuple(each.user), each.joins, each.leaves) for each in form)


def _override(form: OverrideForm) -> types.Override:
    off = None if form.kind is OverrideKind.ADD else form.replaces or types.EVERYBODY
    return types.Override(form.level, form.user, form.start, form.end, off)


def _experienced(session: Session, name: str) -> frozenset[str]:
    return frozenset(session.exec(select(User.handle).join(Experience).join(Schedule).where(Schedule.name == name)))

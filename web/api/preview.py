"""A schedule tried out: the shifts that it would give, with nothing stored."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session, select

from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import Config, MemberRule, OverrideForm, RotationForm, ScheduleForm, UserForm
from oncall.errors import BadInput
from oncall.members import Members
from oncall.models import Experience, Schedule, User
from oncall.moments import check_window
from schedules import types
from schedules.durations import parse_duration
from schedules.hours_text import parse_hours
from schedules.resolve import final_shifts
from schedules.validation import problems as schedule_problems
from web.api.body import Body, Listing, Moment, problems, whole
from web.api.schedules import ShiftView
from web.edge import Api

router = APIRouter(prefix="/schedules", tags=["schedules"])


class PreviewBody(Body):
    schedule: dict[str, Any] = Field(description="A schedule as the config file has it, whole.")
    start: Moment = Field(alias="from")
    until: Moment
    experienced: list[str] = Field(
        [], description="Handles of more people who are no first-timers on it; the config file says so of each person."
    )


@router.post("/preview", summary="The shifts that a schedule would have", responses=problems(400))
def preview(edge: Api, body: PreviewBody) -> Listing[ShiftView]:
    """Nothing is stored. Listed members need not exist; ruled members are the people who fit the rule now."""
    check_window(body.start, body.until)
    with edge.reading() as caller:
        plan = _plan(caller.session, _form(caller.session, body.schedule), body.experienced)
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


def _form(session: Session, data: dict[str, Any]) -> ScheduleForm:
    """Checked by the config file's own reader, against a database in which everybody named here exists."""
    current = export(session)
    strangers = sorted(_handles(data) - {user.handle for user in current.users})
    beside = Config(
        users=[*current.users, *(UserForm.model_construct(handle=handle, name=handle) for handle in strangers)],
        teams=current.teams,
        schedules=[schedule for schedule in current.schedules if schedule.name != data.get("name")],
    )
    return load(json.dumps({"schedules": [data]}, ensure_ascii=False), beside).schedules[0]


def _handles(data: dict[str, Any]) -> set[str]:
    """Everybody that is named, as far as it can be read."""
    rotations, overrides = data.get("rotations"), data.get("overrides")
    listed = (
        [each.get("members") for each in rotations if isinstance(each, dict)] if isinstance(rotations, list) else []
    )
    named = [each.get("user") for each in overrides if isinstance(each, dict)] if isinstance(overrides, list) else []
    return {
        handle
        for handles in [*(members for members in listed if isinstance(members, list)), named]
        for handle in handles
        if isinstance(handle, str)
    }


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


def _rotation(form: RotationForm, schedule: ScheduleForm, members: Members) -> types.Rotation:
    return types.Rotation(
        name=form.name,
        levels=tuple(form.levels or schedule.levels),
        members=_members(form.members, members),
        start=form.start,
        shift=tuple(parse_duration(length) for length in form.shift),
        until=form.until,
        hours=parse_hours(form.hours) if form.hours else None,
        first_shift_level=form.first_shift_level,
        level_offset=form.level_offset,
    )


def _members(form: list[str] | MemberRule, members: Members) -> tuple[str, ...]:
    if isinstance(form, MemberRule):
        return members.ruled({"tagged": form.tagged, "not_in": form.not_in, "team": form.team})
    return tuple(form)


def _override(form: OverrideForm) -> types.Override:
    return types.Override(form.level, form.user, form.start, form.end)


def _experienced(session: Session, name: str) -> frozenset[str]:
    return frozenset(session.exec(select(User.handle).join(Experience).join(Schedule).where(Schedule.name == name)))

"""Temporary schedules: a window of a schedule planned by hand over everything else."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission
from oncall.models import TemporarySchedule, User
from oncall.people.people import find_user
from oncall.rota import temporary_schedules
from oncall.rota.plans import find_schedule
from oncall.rota.temporary_schedules import PlannedShift, Window
from web.api.body import CONFIRM, Body, Confirm, Id, Listing, Moment, problems, whole
from web.api.names import Person
from web.edge import Api, Caller

router = APIRouter(prefix="/schedules/{name}/temporary", tags=["schedules"])


class PlannedShiftBody(Body):
    level: str
    user: str = Field(description="Handle.")
    start: Moment
    end: Moment


class TemporaryBody(Body):
    start: Moment = Field(description="Of the window. Not in the past; up to 5 minutes ago becomes now.")
    end: Moment
    note: str = Field("", description="What it is for.")
    shifts: list[PlannedShiftBody] = Field(
        max_length=temporary_schedules.MOST_SHIFTS,
        description="Each within the window. Levels that none names are empty.",
    )
    confirm: bool = Field(False, description=CONFIRM)


class PlannedShiftView(BaseModel):
    level: str
    user: Person
    start: datetime
    end: datetime


class TemporaryView(BaseModel):
    id: int
    start: datetime
    end: datetime
    note: str
    shifts: list[PlannedShiftView]
    created_by: Person | None
    created_at: datetime


@router.get("", summary="Temporary schedules that have not ended", responses=problems(404))
def list_temporary(edge: Api, name: str) -> Listing[TemporaryView]:
    with edge.reading() as caller:
        rows = temporary_schedules.list_temporary_schedules(
            caller.session, find_schedule(caller.session, name), caller.now
        )
        return whole([_view(caller, row) for row in rows])


@router.post("", status_code=201, summary="Plan a window by hand", responses=problems(400, 404, 409))
def add_temporary(edge: Api, name: str, body: TemporaryBody) -> TemporaryView:
    """By a manager of the schedule's team or an admin. Overrides made afterwards apply to it."""
    with edge.writing(Permission.PLAN) as caller:
        shifts = [
            PlannedShift(one.level, find_user(caller.session, one.user), one.start, one.end) for one in body.shifts
        ]
        row = temporary_schedules.add_temporary_schedule(
            caller.session,
            caller.user,
            find_schedule(caller.session, name),
            Window(body.start, body.end, body.note),
            shifts,
            caller.now,
            confirm=body.confirm,
        )
        return _view(caller, row)


@router.delete("/{temporary_id}", status_code=204, summary="Call it off", responses=problems(404, 409))
def end_temporary(edge: Api, name: str, temporary_id: Id, confirm: Confirm = False) -> None:
    """What is to come goes back to the rotations; who was on call until now stays told."""
    with edge.writing(Permission.PLAN) as caller:
        schedule = find_schedule(caller.session, name)
        temporary_schedules.end_temporary_schedule(
            caller.session, caller.user, schedule, temporary_id, caller.now, confirm=confirm
        )


def _view(caller: Caller, row: TemporarySchedule) -> TemporaryView:
    planned = temporary_schedules.planned_shifts(caller.session, row)
    return TemporaryView(
        id=row.id or 0,
        start=row.starts_at,
        end=row.ends_at,
        note=row.note,
        shifts=[
            PlannedShiftView(level=one.level, user=Person.of(user), start=one.starts_at, end=one.ends_at)
            for one, user in planned
        ],
        created_by=Person.of(caller.session.get_one(User, row.created_by_id)) if row.created_by_id else None,
        created_at=row.created_at,
    )

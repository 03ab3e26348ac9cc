"""Absences: when people can't be on call, and the shifts that this concerns."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall.absences import absences
from oncall.absences.absence_conflicts import AbsenceConflict, conflicts
from oncall.auth.permissions import Permission
from oncall.models import Absence, User
from oncall.moments import check_window
from oncall.people.people import find_user
from oncall.rota.plans import find_schedule
from web.api.body import After, Body, Id, Limit, Listing, Moment, page, problems, whole
from web.api.names import Person
from web.edge import Api, Caller

router = APIRouter(prefix="/absences", tags=["absences"])

AHEAD = timedelta(days=60)


class AbsenceBody(Body):
    user: str | None = Field(None, description="Handle of whoever is away. Left out: yourself.")
    start: Moment
    end: Moment
    reason: str = Field("", max_length=absences.LONGEST_REASON, description="Shown to the person and to admins only.")


class AbsenceView(BaseModel):
    id: int
    user: Person
    start: datetime
    end: datetime
    reason: str | None = Field(description="Null where it is not yours to read.")
    calendar_id: int | None = Field(description="The calendar it was read from; null when it was typed in.")
    created_at: datetime


class ConflictView(BaseModel):
    schedule: str
    level: str
    user: Person
    start: datetime = Field(description="When the person is away and on call.")
    end: datetime
    shift_start: datetime
    shift_end: datetime
    reasons: list[str] | None = Field(description="Null where they are not yours to read.")
    could_cover: list[str] = Field(
        description="Handles of those who may take it by the rules of swaps, least burdened first; 10 at most."
    )


From = Annotated[Moment | None, Query(alias="from", description="Default: now.")]
Until = Annotated[Moment | None, Query()]


@router.get("", summary="Absences that meet a window of time", responses=problems(400, 404))
def list_absences(
    edge: Api,
    user: Annotated[str | None, Query(description="Only of this person.")] = None,
    start: From = None,
    until: Until = None,
    cursor: After = None,
    limit: Limit = 100,
) -> Listing[AbsenceView]:
    with edge.reading() as caller:
        person = find_user(caller.session, user) if user is not None else None
        rows = absences.list_absences(caller.session, start or caller.now, until, person, limit, cursor)
        views = [_view(caller, absence, whose) for absence, whose in rows]
        return page(views, limit, views and views[-1].id)


@router.post("", status_code=201, summary="Say that somebody is away", responses=problems(400, 404, 409))
def add_absence(edge: Api, body: AbsenceBody) -> AbsenceView:
    """By the person; for others, by a manager of a team of theirs or an admin."""
    with edge.writing(Permission.PLAN) as caller:
        user = find_user(caller.session, body.user) if body.user is not None else caller.user
        absence = absences.add_absence(caller.session, caller.user, user, body.start, body.end, body.reason, caller.now)
        return _view(caller, absence, user)


@router.get("/conflicts", summary="Shifts of people who are away then", responses=problems(400, 404))
def list_conflicts(
    edge: Api,
    schedule: Annotated[str | None, Query(description="Only on this schedule.")] = None,
    user: Annotated[str | None, Query(description="Only of this person.")] = None,
    start: From = None,
    until: Annotated[Moment | None, Query(description="Default: 60 days after `from`.")] = None,
) -> Listing[ConflictView]:
    with edge.reading() as caller:
        begin = start or caller.now
        end = until or begin + AHEAD
        check_window(begin, end)
        wanted = find_schedule(caller.session, schedule) if schedule is not None else None
        person = find_user(caller.session, user) if user is not None else None
        found = conflicts(caller.session, begin, end, wanted, person)
        return whole([_conflict(caller, conflict) for conflict in found])


@router.delete("/{absence_id}", status_code=204, summary="Delete an absence", responses=problems(404, 409))
def delete_absence(edge: Api, absence_id: Id) -> None:
    """Not one that was read from a calendar: it would come back."""
    with edge.writing(Permission.PLAN) as caller:
        absences.delete_absence(caller.session, caller.user, absence_id)


def _view(caller: Caller, absence: Absence, user: User) -> AbsenceView:
    return AbsenceView(
        id=absence.id or 0,
        user=Person.of(user),
        start=absence.starts_at,
        end=absence.ends_at,
        reason=absence.reason if absences.reads_reasons(caller.user, absence.user_id) else None,
        calendar_id=absence.calendar_id,
        created_at=absence.created_at,
    )


def _conflict(caller: Caller, conflict: AbsenceConflict) -> ConflictView:
    shift = conflict.shift
    may_read = absences.reads_reasons(caller.user, shift.user_id)
    return ConflictView(
        schedule=shift.schedule,
        level=shift.level,
        user=Person(handle=shift.handle, name=shift.name),
        start=conflict.start,
        end=conflict.end,
        shift_start=shift.start,
        shift_end=shift.end,
        reasons=list(conflict.reasons) if may_read else None,
        could_cover=list(conflict.could_cover),
    )

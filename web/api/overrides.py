"""Overrides: somebody else takes a level for a while."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall import overrides
from oncall.auth.permissions import Permission
from oncall.overrides import OverrideRow
from oncall.people import find_user
from oncall.plans import find_schedule
from web.api.body import After, Body, Id, Limit, Listing, Moment, page, problems
from web.api.names import Person
from web.edge import Api

router = APIRouter(prefix="/overrides", tags=["overrides"])


class OverrideBody(Body):
    schedule: str
    level: str
    user: str = Field(description="Handle of the person who takes it.")
    start: Moment = Field(description="Not in the past; up to 5 minutes ago becomes now.")
    end: Moment


class OverrideView(BaseModel):
    id: int
    schedule: str
    level: str
    user: Person
    start: datetime
    end: datetime
    created_by: Person | None
    created_at: datetime

    @classmethod
    def of(cls, row: OverrideRow) -> "OverrideView":
        return cls(
            id=row.override.id or 0,
            schedule=row.schedule,
            level=row.override.level,
            user=Person.of(row.user),
            start=row.override.starts_at,
            end=row.override.ends_at,
            created_by=Person.of(row.created_by) if row.created_by else None,
            created_at=row.override.created_at,
        )


@router.get("", summary="Overrides, in the order made", responses=problems(404))
def list_overrides(
    edge: Api,
    schedule: Annotated[str | None, Query(description="Only of this schedule.")] = None,
    past: Annotated[bool, Query(description="Also those that have ended.")] = False,
    cursor: After = None,
    limit: Limit = 100,
) -> Listing[OverrideView]:
    with edge.reading() as caller:
        if schedule is not None:
            find_schedule(caller.session, schedule)
        ending_after = None if past else caller.now
        rows = overrides.list_overrides(caller.session, limit, cursor, schedule, ending_after)
        return page([OverrideView.of(row) for row in rows], limit, rows and rows[-1].override.id)


@router.post("", status_code=201, summary="Put somebody on a level for a while", responses=problems(400, 404))
def add_override(edge: Api, body: OverrideBody) -> OverrideView:
    """By whoever takes the level; for others, by a manager of the schedule's team or an admin."""
    with edge.writing(Permission.PLAN) as caller:
        schedule, user = find_schedule(caller.session, body.schedule), find_user(caller.session, body.user)
        override = overrides.add_override(
            caller.session, caller.user, schedule, body.level, user, body.start, body.end, caller.now
        )
        return OverrideView.of(OverrideRow(override, schedule.name, user, caller.user))


@router.get("/{override_id}", summary="One override", responses=problems(404))
def get_override(edge: Api, override_id: Id) -> OverrideView:
    with edge.reading() as caller:
        return OverrideView.of(overrides.get_override(caller.session, override_id))


@router.delete("/{override_id}", status_code=204, summary="End an override", responses=problems(404, 409))
def delete_override(edge: Api, override_id: Id) -> None:
    """One that has begun ends now; who was on call until now stays told.

    By whoever takes the level or made it, a manager of the schedule's team, or an admin.
    """
    with edge.writing(Permission.PLAN) as caller:
        overrides.delete_override(caller.session, caller.user, override_id, caller.now)

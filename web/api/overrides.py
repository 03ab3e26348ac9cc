"""Overrides: somebody else takes a level for a while."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission
from oncall.models import OverrideKind, OverrideSource
from oncall.people.people import find_user
from oncall.rota import overrides
from oncall.rota.overrides import NewOverride, OverrideRow
from oncall.rota.plans import find_schedule
from web.api.body import CONFIRM, After, Body, Confirm, Id, Limit, Listing, Moment, page, problems
from web.api.names import Person
from web.edge import Api

router = APIRouter(prefix="/overrides", tags=["overrides"])


class OverrideBody(Body):
    schedule: str
    level: str
    kind: OverrideKind = Field(
        OverrideKind.REPLACE,
        description="`replace`: user comes on in place of `replaces`, or of everybody on the level; `add`: user comes "
        "on beside them; `remove`: `replaces`, or everybody, goes off.",
    )
    user: str | None = Field(None, description="Handle of the person who comes on.")
    replaces: str | None = Field(
        None, description="Handle of who goes off. While they are not on the level, nothing changes."
    )
    start: Moment = Field(description="Not in the past; up to 5 minutes ago becomes now.")
    end: Moment
    confirm: bool = Field(False, description=CONFIRM)


class OverrideView(BaseModel):
    id: int
    schedule: str
    level: str
    kind: OverrideKind
    user: Person | None
    replaces: Person | None
    source: OverrideSource
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
            kind=row.override.kind,
            user=Person.of(row.user) if row.user else None,
            replaces=Person.of(row.replaces) if row.replaces else None,
            source=row.override.source,
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


@router.post("", status_code=201, summary="Change who is on a level for a while", responses=problems(400, 404, 409))
def add_override(edge: Api, body: OverrideBody) -> OverrideView:
    """By whoever takes the level; for others, by a manager of the schedule's team or an admin."""
    with edge.writing(Permission.PLAN) as caller:
        schedule = find_schedule(caller.session, body.schedule)
        user = find_user(caller.session, body.user) if body.user else None
        replaces = find_user(caller.session, body.replaces, "replaces") if body.replaces else None
        wanted = NewOverride(body.level, body.start, body.end, user, replaces, body.kind)
        override = overrides.add_override(
            caller.session, caller.user, schedule, wanted, caller.now, confirm=body.confirm
        )
        return OverrideView.of(OverrideRow(override, schedule.name, user, replaces, caller.user))


@router.get("/{override_id}", summary="One override", responses=problems(404))
def get_override(edge: Api, override_id: Id) -> OverrideView:
    with edge.reading() as caller:
        return OverrideView.of(overrides.get_override(caller.session, override_id))


@router.delete("/{override_id}", status_code=204, summary="End an override", responses=problems(404, 409))
def delete_override(edge: Api, override_id: Id, confirm: Confirm = False) -> None:
    """One that has begun ends now; who was on call until now stays told.

    By whoever takes the level or made it, a manager of the schedule's team, or an admin.
    """
    with edge.writing(Permission.PLAN) as caller:
        overrides.delete_override(caller.session, caller.user, override_id, caller.now, confirm=confirm)

"""Shadow shifts: people who follow along with whoever is on call."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission
from oncall.models import ShadowKind
from oncall.people.people import find_user
from oncall.rota import shadows
from oncall.rota.plans import find_schedule
from oncall.rota.shadows import NewShadow, ShadowRow
from web.api.body import Body, Id, Listing, Moment, problems, whole
from web.api.names import Person
from web.edge import Api

router = APIRouter(prefix="/shadow-shifts", tags=["shadow shifts"])


class ShadowBody(Body):
    schedule: str
    level: str
    user: str | None = Field(None, description="Handle of whoever learns. Left out: yourself.")
    kind: ShadowKind = Field(
        ShadowKind.SHADOW,
        description="`shadow`: sees every page by text, chat or email, and has nothing to do; `reverse`: is paged "
        "first, and whoever is on call a minute later.",
    )
    start: Moment = Field(description="Not in the past; up to 5 minutes ago becomes now.")
    end: Moment


class ShadowView(BaseModel):
    id: int
    schedule: str
    level: str
    user: Person
    kind: ShadowKind
    start: datetime
    end: datetime

    @classmethod
    def of(cls, row: ShadowRow) -> "ShadowView":
        return cls(
            id=row.shadow.id or 0,
            schedule=row.schedule.name,
            level=row.shadow.level,
            user=Person.of(row.user),
            kind=row.shadow.kind,
            start=row.shadow.starts_at,
            end=row.shadow.ends_at,
        )


@router.get("", summary="Shadow shifts that have not ended", responses=problems(404))
def list_shadow_shifts(
    edge: Api,
    schedule: Annotated[str | None, Query(description="Only of this schedule.")] = None,
    user: Annotated[str | None, Query(description="Only of this person.")] = None,
) -> Listing[ShadowView]:
    with edge.reading() as caller:
        wanted = find_schedule(caller.session, schedule) if schedule is not None else None
        user_id = find_user(caller.session, user).id if user is not None else None
        return whole([ShadowView.of(row) for row in shadows.list_shadows(caller.session, caller.now, wanted, user_id)])


@router.post("", status_code=201, summary="Let somebody follow along", responses=problems(400, 404))
def add_shadow_shift(edge: Api, body: ShadowBody) -> ShadowView:
    """By the person who learns; for others, and in reverse, by a manager of the schedule's team or an admin."""
    with edge.writing(Permission.PLAN) as caller:
        schedule = find_schedule(caller.session, body.schedule)
        user = find_user(caller.session, body.user) if body.user is not None else caller.user
        wanted = NewShadow(body.level, user, body.start, body.end, body.kind)
        shadow = shadows.add_shadow(caller.session, caller.user, schedule, wanted, caller.now)
        return ShadowView.of(ShadowRow(shadow, schedule, user))


@router.delete("/{shadow_id}", status_code=204, summary="End a shadow shift", responses=problems(404, 409))
def end_shadow_shift(edge: Api, shadow_id: Id) -> None:
    with edge.writing(Permission.PLAN) as caller:
        shadows.end_shadow(caller.session, caller.user, shadow_id, caller.now)

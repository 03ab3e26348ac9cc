"""A schedule tried out: the shifts that it would give, with nothing stored."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from oncall.auth.permissions import Permission
from oncall.config.apply import only_on_call
from oncall.config.export import export
from oncall.config.strangers import MOST_NAMED, read_schedule
from oncall.moments import check_window
from oncall.planning.preview import plans_with
from schedules.resolve import final_shifts
from web.api.body import Body, Listing, Moment, problems, whole
from web.api.schedules import ShiftView
from web.edge import Api

router = APIRouter(prefix="/schedules", tags=["schedules"])


class PreviewBody(Body):
    schedule: dict[str, Any] = Field(
        description="A schedule as the config file has it; of one that is set up, the part that changes is enough."
    )
    start: Moment = Field(alias="from")
    until: Moment
    experienced: list[str] = Field(
        [],
        max_length=MOST_NAMED,
        description="Handles of more people who are no first-timers on it; the config file says so of each person.",
    )


@router.post("/preview", summary="The shifts that a schedule would have", responses=problems(400))
def preview(edge: Api, body: PreviewBody) -> Listing[ShiftView]:
    """As if the config were applied now: what has been published stays, with overrides, swaps and temporary schedules.

    Nothing is stored. Listed members, its team, and schedules whose members a rule leaves out need not exist.
    """
    check_window(body.start, body.until)
    with edge.trying(Permission.LOOK) as caller:
        wanted = read_schedule(only_on_call(export(caller.session)), body.schedule, body.experienced)
        name = wanted.schedules[-1].name
        (plan,) = plans_with(caller.session, wanted, [name], body.start, body.until, caller.now)
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
            for shift in final_shifts(plan, body.start, body.until)
        ]
    )

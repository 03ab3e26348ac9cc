"""A schedule tried out: the shifts that it would give, with nothing stored."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session, select

from oncall.config.export import export
from oncall.config.schema import MemberRule
from oncall.config.strangers import read_schedule
from oncall.members import Members
from oncall.models import Experience, Schedule, User
from oncall.moments import check_window
from oncall.preview import shifts_of
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
    """Nothing is stored. Ruled members are the people who fit the rule now.

    Listed members, its team, and schedules whose members a rule leaves out need not exist.
    """
    check_window(body.start, body.until)
    with edge.reading() as caller:
        form = read_schedule(export(caller.session), body.schedule)
        members = Members(caller.session)
        experienced = {*body.experienced, *_experienced(caller.session, form.name)}
    found = shifts_of(form, lambda rule: members.would_be(form.name, _asked(rule)), experienced, body.start, body.until)
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


def _asked(rule: MemberRule) -> dict[str, list[str]]:
    return {"tagged": rule.tagged, "not_in": rule.not_in, "team": rule.team}


def _experienced(session: Session, name: str) -> frozenset[str]:
    return frozenset(session.exec(select(User.handle).join(Experience).join(Schedule).where(Schedule.name == name)))

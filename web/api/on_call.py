"""Who is on call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlmodel import Session, col, select

from oncall.models import Schedule
from oncall.rota import coverage
from oncall.rota.coverage import NOBODY, OnCall
from oncall.rota.plans import find_schedule
from web.api.body import Listing, Moment, whole
from web.api.names import Person
from web.edge import Api

router = APIRouter(tags=["on call"])


class OnCallView(BaseModel):
    """One person on a level of a schedule; where nobody is on call, one of these with all else null."""

    schedule: str
    level: str
    user: Person | None = None
    start: datetime | None = None
    end: datetime | None = None
    source: str | None = None

    @classmethod
    def of(cls, schedule: str, level: str, shift: OnCall | None) -> "OnCallView":
        if shift is None:
            return cls(schedule=schedule, level=level)
        person = Person(handle=shift.handle, name=shift.name)
        return cls(schedule=schedule, level=level, user=person, start=shift.start, end=shift.end, source=shift.source)


@router.get("/on-call", summary="Who is on call, on every level of every schedule, or of one")
def on_call(
    edge: Api,
    schedule: str | None = None,
    at: Annotated[Moment | None, Query(description="Default: now.")] = None,
) -> Listing[OnCallView]:
    with edge.reading() as caller:
        return whole(
            [
                OnCallView.of(row.name, level, shift)
                for row in _asked_about(caller.session, schedule)
                for level, on in coverage.on_call(caller.session, row, at or caller.now).items()
                for shift in (on or NOBODY)
            ]
        )


def _asked_about(session: Session, name: str | None) -> Sequence[Schedule]:
    if name is not None:
        return [find_schedule(session, name)]
    return session.exec(select(Schedule).order_by(col(Schedule.name))).all()

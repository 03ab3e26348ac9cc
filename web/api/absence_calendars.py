"""The caller's calendars that absences are read from."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from oncall.absences import absence_calendars
from oncall.auth.permissions import Permission
from oncall.models import AbsenceCalendar
from web.api.body import Body, Id, Listing, problems, whole
from web.edge import Api

router = APIRouter(prefix="/absence-calendars", tags=["absences"])


class CalendarBody(Body):
    url: str = Field(description="An iCal address: https, http or webcal. Every busy time in it is an absence.")
    shortest_hours: int = Field(0, description="What is shorter is none, such as a meeting: 0 to 24 hours.")


class CalendarView(BaseModel):
    id: int
    url: str = Field(description="Shown to you only.")
    shortest_hours: int
    read_at: datetime | None = Field(description="When it was last read well; what was read then still counts.")
    error: str | None = Field(description="Why the last attempt to read it failed; null when it did not.")
    fetch_at: datetime = Field(description="When it is read next.")

    @classmethod
    def of(cls, calendar: AbsenceCalendar) -> "CalendarView":
        return cls.model_validate(calendar.model_dump() | {"error": calendar.error or None})


@router.get("", summary="My calendars")
def list_calendars(edge: Api) -> Listing[CalendarView]:
    with edge.reading() as caller:
        return whole([CalendarView.of(row) for row in absence_calendars.calendars_of(caller.session, caller.user)])


@router.post("", status_code=201, summary="Read my absences from a calendar", responses=problems(400, 409, 429))
def subscribe(edge: Api, body: CalendarBody) -> CalendarView:
    """It is read at once: what is no calendar is refused, and nothing is stored. Afterwards it is read every hour."""
    url = absence_calendars.check_address(body.url)
    with edge.reading(Permission.PLAN) as caller:
        absence_calendars.check_may_subscribe(caller.session, caller.user, url)
    copy = absence_calendars.read_first(caller.user, url, edge.runtime.settings, caller.now)
    with edge.writing(Permission.PLAN) as caller:
        return CalendarView.of(
            absence_calendars.subscribe(caller.session, caller.user, url, copy, caller.now, body.shortest_hours)
        )


@router.delete(
    "/{calendar_id}", status_code=204, summary="Forget a calendar and what was read from it", responses=problems(404)
)
def unsubscribe(edge: Api, calendar_id: Id) -> None:
    with edge.writing(Permission.PLAN) as caller:
        absence_calendars.unsubscribe(caller.session, caller.user, calendar_id)

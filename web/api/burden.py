"""Hours on call and pages taken, by person."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall.reports.burden import PersonBurden, burdens, window_of
from web.api.body import Listing, Moment, problems, whole
from web.api.names import Person
from web.csv_file import CsvFile
from web.edge import Api

router = APIRouter(tags=["burden"])

Wanted = Annotated[str | None, Query(description="Only this schedule, and the pages taken while on call for it.")]
From = Annotated[Moment | None, Query(alias="from", description="Default: 90 days before `until`.")]
Until = Annotated[Moment | None, Query(description="Default: now. At most 400 days after `from`.")]


class BurdenView(BaseModel):
    """Hours are decimal. The kinds overlap, and time on two levels at once counts once."""

    user: Person
    country: str | None
    timezone: str
    total_hours: float
    night_hours: float = Field(description="22:00 to 06:00 where the person lives.")
    weekend_hours: float = Field(description="Saturday and Sunday where the person lives.")
    holiday_hours: float | None = Field(description="Public holidays of their country; null where none is set.")
    shifts: int
    pages: int
    night_pages: int

    @classmethod
    def of(cls, burden: PersonBurden) -> "BurdenView":
        return cls(user=Person(handle=burden.handle, name=burden.name), **asdict(burden))


@router.get("/burden", summary="Hours on call and pages in [from, until), by person", responses=problems(400, 404))
def burden(edge: Api, schedule: Wanted = None, start: From = None, until: Until = None) -> Listing[BurdenView]:
    """Most hours first; with those in a rotation who had none."""
    with edge.reading() as caller:
        window = window_of(start, until, caller.now)
        return whole([BurdenView.of(each) for each in burdens(caller.session, *window, schedule)])


@router.get(
    "/burden.csv", summary="The same, as CSV with a header", response_class=CsvFile, responses=problems(400, 404)
)
def burden_csv(edge: Api, schedule: Wanted = None, start: From = None, until: Until = None) -> CsvFile:
    with edge.reading() as caller:
        window = window_of(start, until, caller.now)
        return CsvFile.of("burden", PersonBurden, burdens(caller.session, *window, schedule), *window)

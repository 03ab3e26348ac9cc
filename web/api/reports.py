"""Reports: what happened in a window of time, added up. Each row of the registry is two addresses: JSON and CSV."""

from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from oncall.config.values import check_zone
from oncall.names import checked
from oncall.reports.registry import REPORTS, Report
from oncall.reports.scope import scope_of
from oncall.reports.window import Window, window_of
from web.api.body import Listing, Moment, problems, whole
from web.csv_file import CsvFile
from web.edge import Api, Caller

router = APIRouter(prefix="/reports", tags=["reports"])


class Wanted:
    """What the address asks for."""

    def __init__(
        self,
        start: Annotated[Moment | None, Query(alias="from", description="Default: the 30 days up to `until`.")] = None,
        until: Annotated[Moment | None, Query(description="Default: now. At most 400 days after `from`.")] = None,
        team: Annotated[str | None, Query(description="Only the alerts of its services; only its members.")] = None,
        timezone: Annotated[str | None, Query(description="Whose days are meant. Default: the caller's own.")] = None,
    ) -> None:
        self.start, self.until, self.team, self.timezone = start, until, team, timezone

    def window(self, caller: Caller) -> Window:
        zone = checked(check_zone, self.timezone, "timezone") if self.timezone else caller.user.timezone
        return window_of(self.start, self.until, ZoneInfo(zone), caller.now)


Asked = Annotated[Wanted, Depends()]


class ReportView(BaseModel):
    name: str
    title: str
    about: str


@router.get("", summary="Which reports there are")
def reports(edge: Api) -> Listing[ReportView]:
    with edge.reading():
        return whole([ReportView(name=each.name, title=each.title, about=each.about) for each in REPORTS.values()])


def found(caller: Caller, report: Report, wanted: Wanted) -> tuple[Window, list[Any]]:
    window = wanted.window(caller)
    return window, report.rows(caller.session, window, scope_of(caller.session, wanted.team))


def _as_json(report: Report) -> Callable[..., Any]:
    def rows(edge: Api, wanted: Asked) -> Any:
        with edge.reading() as caller:
            return whole(found(caller, report, wanted)[1])

    return rows


def _as_csv(report: Report) -> Callable[..., CsvFile]:
    def rows(edge: Api, wanted: Asked) -> CsvFile:
        with edge.reading() as caller:
            window, items = found(caller, report, wanted)
            return CsvFile.of(report.name, report.row, items, window.start, window.end)

    return rows


for _report in REPORTS.values():
    _faults = problems(400, 404)
    router.add_api_route(
        f"/{_report.name}",
        _as_json(_report),
        summary=_report.title,
        description=f"{_report.about} {_report.row.__doc__}",
        response_model=Listing[_report.row],  # type: ignore[name-defined]  # a class of its own for each
        responses=_faults,
        name=_report.name,
    )
    router.add_api_route(
        f"/{_report.name}.csv",
        _as_csv(_report),
        summary="The same, as CSV with a header",
        response_class=CsvFile,
        responses=_faults,
        name=f"{_report.name}.csv",
    )

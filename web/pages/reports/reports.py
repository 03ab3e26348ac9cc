"""Reports with pictures. What is wanted is in the address. Each report is a page of its own, which works without
JavaScript; on the page of all of them each is fetched by itself, so that a slow one keeps nothing waiting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session, col, exists, or_, select
from starlette.responses import Response

from oncall.errors import BadInput
from oncall.models import Alert, Team
from oncall.models import Page as PageOfSomebody
from oncall.reports.material import there
from oncall.reports.registry import REPORTS, Report, find_report
from oncall.reports.scope import scope_of
from oncall.reports.window import Window, midnight, window_of
from schedules.wallclock import to_local
from web.csv_file import CsvFile
from web.edge import Caller, Page, PageEdge
from web.pages.page import show
from web.pages.reports.report_rows import report_rows

router = APIRouter(prefix="/reports")

WINDOWS = {"last-7": ("7 days", 7), "last-30": ("30 days", 30), "last-90": ("90 days", 90), "last-365": ("A year", 365)}
USUAL = "last-30"
MOST_DRAWN = 12
"""Lines of a picture of people, services or rules; the table has them all."""
OF_SHIFTS = "burden"
"""The one report that needs no alert."""
Text = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`window`: one of WINDOWS; or days `first` and `last`, both in it, as a browser's form sends them."""

    window: str
    first: str
    last: str
    team: str

    @classmethod
    async def of(
        cls, window: Text = USUAL, first: Annotated[Text, Query(alias="from")] = "", until: Text = "", team: Text = ""
    ) -> "Wanted":
        own = bool(first or until)
        return cls("" if own else window if window in WINDOWS else USUAL, first, until, team)

    def between(self, zone: ZoneInfo, now: datetime) -> Window:
        """Whole days of `zone`; today as far as it has come. Raises BadInput."""
        if self.window:
            days = WINDOWS[self.window][1]
            return window_of(midnight(to_local(now, zone).date() - timedelta(days=days - 1), zone), now, zone, now)
        first, last = _day(self.first, "from", "first"), _day(self.last, "until", "last")
        if last < first:
            raise BadInput("The last day is before the first: choose a later one.", field="until")
        return window_of(midnight(first, zone), midnight(last + timedelta(days=1), zone), zone, now)

    def address(self, path: str, **changes: str) -> str:
        """The same of another page, or one that differs in `changes`; what is as usual is left out."""
        wanted = replace(self, **changes)
        fields = {"window": wanted.window} if wanted.window else {"from": wanted.first, "until": wanted.last}
        kept = {**fields, "team": wanted.team}
        query = urlencode({key: value for key, value in kept.items() if value and (key, value) != ("window", USUAL)})
        return f"{path}?{query}" if query else path


Asked = Annotated[Wanted, Depends(Wanted.of)]


def _day(text: str, field: str, which: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"Say the {which} day, such as 2026-02-01.", field=field) from None
    if not 2000 <= found.year <= 2100:
        raise BadInput(f"The {which} day is too far away: choose one between the years 2000 and 2100.", field=field)
    return found


@router.get("")
def reports(edge: Page, wanted: Asked) -> Response:
    with edge.reading() as caller:
        context = _context(edge, caller, wanted, "/reports")
        begun = _has_begun(caller.session)
        shown = [each for each in REPORTS.values() if begun or each.name == OF_SHIFTS]
        empty = _empty(caller, wanted, shown, context["window"]) if context["window"] else {}
    context |= {"reports": shown, "begun": begun, **empty}
    return show(edge, caller, "reports/reports.html", context, status=context["status"])


@router.get("/{name}.csv")
def csv(edge: Page, name: str, wanted: Asked) -> Response:
    report = find_report(name)
    with edge.reading() as caller:
        window, rows, _ = _found(caller, report, wanted)
    return CsvFile.of(name, report.row, rows, window.start, window.end)


@router.get("/{name}")
def report(edge: Page, name: str, wanted: Asked) -> Response:
    """Asked by the page of all reports, only the report's own part."""
    found = find_report(name)
    with edge.reading() as caller:
        context = _context(edge, caller, wanted, f"/reports/{name}")
        if not context["problem"]:
            window, rows, has_people = _found(caller, found, wanted)
            context |= {"sheet": found.sheet(rows, window), "has_people": has_people}
    context |= {"report": found, "most": MOST_DRAWN, "rows": report_rows}
    return show(edge, caller, "reports/report.html", context, status=context["status"])


def _empty(caller: Caller, wanted: Wanted, shown: Sequence[Report], window: Window) -> dict[str, Any]:
    """Those with nothing to show say so at once: no room is kept for their pictures."""
    scope = scope_of(caller.session, wanted.team or None)
    found = there(caller.session, list({each.material for each in shown}), window, scope)
    sheets = {each.name: each.sheet([], window) for each in shown if each.material not in found}
    return {"empty": sheets, "has_people": bool(scope.people)}


def _found(caller: Caller, report: Report, wanted: Wanted) -> tuple[Window, list[Any], bool]:
    window = wanted.between(ZoneInfo(caller.user.timezone), caller.now)
    scope = scope_of(caller.session, wanted.team or None)
    return window, report.rows(caller.session, window, scope), bool(scope.people)


def _context(edge: PageEdge, caller: Caller, wanted: Wanted, path: str) -> dict[str, Any]:
    """`problem`: what is wrong with the days, said beside their fields."""
    window, problem, zone = None, None, ZoneInfo(caller.user.timezone)
    try:
        window = wanted.between(zone, caller.now)
    except BadInput as error:
        problem = error
    kept = edge.runtime.settings.alerts_kept_days
    shown = window or replace(wanted, window=USUAL).between(zone, caller.now)
    return {
        "wanted": wanted,
        "path_of": path,
        "windows": WINDOWS,
        "window": window,
        "problem": problem,
        "status": 400 if problem else 200,
        "last_moment": shown.end - datetime.resolution,
        "first": wanted.first or to_local(shown.start, zone).date().isoformat(),
        "last": wanted.last or to_local(shown.end - datetime.resolution, zone).date().isoformat(),
        "teams": _teams(caller.session),
        "kept_days": kept,
        "is_cut": bool(kept and window and window.start < caller.now - timedelta(days=kept)),
    }


def _has_begun(session: Session) -> bool:
    """Whether there was ever an alert, or a page of one that is deleted by now."""
    return session.exec(select(or_(exists(select(Alert.id)), exists(select(PageOfSomebody.id))))).one()


def _teams(session: Session) -> list[str]:
    return list(session.exec(select(Team.name).order_by(col(Team.name))))

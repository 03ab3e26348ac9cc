"""What each person carries: hours on call and pages taken. Window and schedule are in the address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter
from markupsafe import Markup, escape
from sqlmodel import col, select
from starlette.responses import Response

from oncall.models import Schedule
from oncall.reports.burden import PersonBurden, burdens
from schedules.burden import NIGHT_BEGINS, NIGHT_ENDS
from web.csv_file import CsvFile
from web.edge import Page
from web.pages.page import show
from web.templating import dot

router = APIRouter()

WINDOWS = {
    "last-30": ("Last 30 days", -30),
    "last-90": ("Last 90 days", -90),
    "last-365": ("Last year", -365),
    "next-90": ("Next 90 days", 90),
}
USUAL = "last-90"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for."""

    window: str
    schedule: str

    @classmethod
    def of(cls, window: str, schedule: str) -> "Wanted":
        return cls(window if window in WINDOWS else USUAL, schedule)

    def between(self, now: datetime) -> tuple[datetime, datetime]:
        other = now + timedelta(days=WINDOWS[self.window][1])
        return min(now, other), max(now, other)

    def address(self, path: str = "/burden", **changes: str) -> str:
        """This page, or one that differs in `changes`; what is as usual is left out."""
        fields = {"window": self.window, "schedule": self.schedule} | changes
        kept = {key: value for key, value in fields.items() if value and (key, value) != ("window", USUAL)}
        return f"{path}?{urlencode(kept)}" if kept else path


@dataclass(frozen=True, slots=True)
class Sums:
    """Of all people together."""

    total_hours: float
    night_hours: float
    weekend_hours: float
    holiday_hours: float
    shifts: int
    pages: int
    night_pages: int

    @classmethod
    def of(cls, found: Sequence[PersonBurden]) -> "Sums":
        return cls(
            total_hours=sum(each.total_hours for each in found),
            night_hours=sum(each.night_hours for each in found),
            weekend_hours=sum(each.weekend_hours for each in found),
            holiday_hours=sum(each.holiday_hours or 0 for each in found),
            shifts=sum(each.shifts for each in found),
            pages=sum(each.pages for each in found),
            night_pages=sum(each.night_pages for each in found),
        )


FIGURES = ("Hours", "Night hours", "Weekend hours", "Holiday hours", "Shifts", "Pages", "Night pages")
"""What the columns are called."""
UNKNOWN = '<span class="muted" title="No country is set, so nobody knows which holidays are theirs">?</span>'


YOU = ' <span class="chip accent">you</span>'


def lines(people: Iterable[PersonBurden], me: str) -> Markup:
    """A row for each. Put together here, since a large company has a thousand cells. `me`: whose page it is."""
    return Markup("").join(_line(each, each.handle == me) for each in people)


def _line(each: PersonBurden, is_me: bool) -> Markup:
    name = f'<span class="person">{escape(each.name)}{YOU if is_me else ""}</span>'
    head = f'<th scope="row"><span class="row">{dot(each)}\n{name}</span></th>'
    return Markup(f"<tr>{head}{cells(each)}</tr>\n")  # noqa: S704 its parts are escaped


def cells(of: PersonBurden | Sums) -> Markup:
    """One for each of FIGURES."""
    holiday = UNKNOWN if of.holiday_hours is None else f"{of.holiday_hours:.1f}"
    hours = (f"{of.total_hours:.1f}", f"{of.night_hours:.1f}", f"{of.weekend_hours:.1f}", holiday)
    told = zip(FIGURES, (*hours, of.shifts, of.pages, of.night_pages), strict=True)
    made = "".join(f'<td data-label="{name}">{figure}</td>' for name, figure in told)
    return Markup(made)  # noqa: S704 of figures alone


@router.get("/burden")
def burden(edge: Page, window: str = USUAL, schedule: str = "") -> Response:
    wanted = Wanted.of(window, schedule)
    with edge.reading() as caller:
        start, end = wanted.between(caller.now)
        found = burdens(caller.session, start, end, wanted.schedule or None)
        schedules = caller.session.exec(select(Schedule.name).order_by(col(Schedule.name))).all()
    context = {
        "busy": [each for each in found if each.total_hours or each.pages],
        "idle": [each.name for each in found if not (each.total_hours or each.pages)],
        "names": FIGURES,
        "lines": lines,
        "cells": cells,
        "sums": Sums.of(found),
        "without_country": [each.name for each in found if each.holiday_hours is None],
        "wanted": wanted,
        "windows": WINDOWS,
        "usual": USUAL,
        "start": start,
        "end": end,
        "schedules": schedules,
        "night": (NIGHT_BEGINS, NIGHT_ENDS),
    }
    return show(edge, caller, "reports/burden.html", context)


@router.get("/burden.csv")
def burden_csv(edge: Page, window: str = USUAL, schedule: str = "") -> Response:
    wanted = Wanted.of(window, schedule)
    with edge.reading() as caller:
        span = wanted.between(caller.now)
        return CsvFile.of("burden", PersonBurden, burdens(caller.session, *span, wanted.schedule or None), *span)

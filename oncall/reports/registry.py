"""Every report, in the order in which pages show them. A new one is a file beside this and a row here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from oncall.errors import NotFound
from oncall.reports import (
    alerts_by_day,
    burden_spread,
    material,
    nights,
    noisiest,
    pages_by_hour,
    response_by_day,
    response_by_service,
)
from oncall.reports.material import Material
from oncall.reports.scope import Scope
from oncall.reports.sheet import Sheet
from oncall.reports.window import Window


@dataclass(frozen=True, slots=True)
class Report:
    """`row`: the dataclass of its rows, whose fields are the columns of the CSV and the fields of the JSON."""

    name: str
    title: str
    about: str
    of_alerts: bool
    """Whether it counts alerts, which are deleted when they are old; who was paged stays known."""
    material: Material
    """Without which it is empty."""
    row: type[Any]
    rows: Callable[[Session, Window, Scope], list[Any]]
    sheet: Callable[[Sequence[Any], Window], Sheet]


def _report(name: str, title: str, about: str, module: Any, needs: Material, *, of_alerts: bool) -> Report:
    return Report(name, title, about, of_alerts, needs, module.Row, module.rows, module.sheet)


_ALL = (
    _report(
        "alerts-by-day",
        "Alerts by service and day",
        "What triggered, by the service that it was on.",
        alerts_by_day,
        material.alerts,
        of_alerts=True,
    ),
    _report(
        "response-by-day",
        "Time to acknowledge and to resolve",
        "From the trigger to the first acknowledgement, and to the end, of alerts that triggered that day.",
        response_by_day,
        material.answers,
        of_alerts=True,
    ),
    _report(
        "response-by-service",
        "Time to acknowledge and to resolve, by service",
        "The same for each service.",
        response_by_service,
        material.answers,
        of_alerts=True,
    ),
    _report(
        "noisiest",
        "Noisiest rules",
        "Alerts of one service whose summaries differ only in their numbers are of one rule.",
        noisiest,
        material.alerts,
        of_alerts=True,
    ),
    _report(
        "pages-by-hour",
        "Pages by hour of the day and person",
        "Each person’s by the clock where they live.",
        pages_by_hour,
        material.pages,
        of_alerts=False,
    ),
    _report(
        "nights",
        "Broken nights",
        "Nights with a page between 22:00 and 06:00 where the person lives.",
        nights,
        material.pages,
        of_alerts=False,
    ),
    _report(
        "burden",
        "Burden and its spread",
        "Hours on call, and how many of them at night and at weekends.",
        burden_spread,
        material.shifts,
        of_alerts=False,
    ),
)
REPORTS = {report.name: report for report in _ALL}


def find_report(name: str) -> Report:
    """Raises NotFound."""
    if name not in REPORTS:
        raise NotFound(f"There is no report {name}. Known are: {', '.join(REPORTS)}.")
    return REPORTS[name]

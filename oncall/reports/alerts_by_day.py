"""How many alerts each service opened, day by day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, func

from oncall.reports.scope import Scope
from oncall.reports.sheet import Sheet, count_of, share, stacked
from oncall.reports.triggered import of_each
from oncall.reports.window import Window, periods


@dataclass(frozen=True, slots=True)
class Row:
    """Alerts that triggered on a service from the first day to the last, which is the same but in long windows."""

    first_day: date
    last_day: date
    service: str
    alerts: int


def rows(session: Session, window: Window, scope: Scope) -> list[Row]:
    """In order of time, then by service; without those that had none."""
    told_by = periods(window)
    found = of_each(session, [each.span for each in told_by], scope, func.count())
    counted = sorted((number, scope.services[service_id], count) for number, service_id, count in found if count)
    return [Row(told_by[number].first_day, told_by[number].last_day, *rest) for number, *rest in counted]


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    labels = {each.first_day: each.label for each in periods(window)}
    counts = {(labels[row.first_day], row.service): row.alerts for row in found}
    return stacked(counts, list(labels.values()), "Day", "more services", _said(found, window))


def _said(found: Sequence[Row], window: Window) -> str:
    by_service = Counter[str]()
    for row in found:
        by_service[row.service] += row.alerts
    if not by_service:
        return ""
    (most, of_most), total = by_service.most_common(1)[0], by_service.total()
    days = max(1.0, (window.end - window.start).total_seconds() / 86_400)
    each_day = f"{total / days:,.0f}" if total >= 10 * days else f"{total / days:.1f}"
    rate = f", {each_day} a day" if each_day != "0.0" else ""
    opened = "all of them" if of_most == total else share(of_most, total)
    return f"{count_of(total, 'alert', 'alerts')}{rate}; {most} opened {opened}."

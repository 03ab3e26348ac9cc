"""How many alerts each service opened, day by day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from oncall.column_types import UtcDateTime
from oncall.models import Alert, Service
from oncall.reports.scope import Scope
from oncall.reports.sheet import Sheet, count_of, share, stacked
from oncall.reports.window import Period, Window, periods


@dataclass(frozen=True, slots=True)
class Row:
    """Alerts that triggered on a service from the first day to the last, which is the same but in long windows."""

    first_day: date
    last_day: date
    service: str
    alerts: int


def rows(session: Session, window: Window, scope: Scope) -> list[Row]:
    """In order of time, then by service; without those that had none.

    Each count is a stretch of an index, so that a million alerts are counted without being sorted.
    """
    told_by = periods(window)
    period = _as_table(told_by)
    alerts = (
        select(func.count())
        .select_from(Alert)
        .where(
            Alert.service_id == Service.id, Alert.triggered_at >= period.c.start, Alert.triggered_at < period.c.until
        )
        .scalar_subquery()
    )
    found = (
        sa.select(period.c.number, col(Service.name), alerts)
        .join_from(period, Service, sa.true())
        .where(col(Service.id).in_(scope.services))
        .order_by(period.c.number, col(Service.name))
    )
    counted = ((told_by[number], *rest) for number, *rest in session.execute(found))
    return [Row(each.first_day, each.last_day, service, count) for each, service, count in counted if count]


def _as_table(told_by: Sequence[Period]) -> sa.CTE:
    columns = (sa.column("number", sa.Integer), sa.column("start", UtcDateTime), sa.column("until", UtcDateTime))
    data = [(number, each.start, each.end) for number, each in enumerate(told_by)]
    return sa.values(*columns, name="periods").data(data).cte("period")


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
    opened = "all of them" if of_most == total else share(of_most, total)
    return f"{count_of(total, 'alert', 'alerts')}, {each_day} a day; {most} opened {opened}."

"""Which rules open most alerts. A rule is known by its words: of one service, and alike but for digits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col, func, select

from oncall.models import Alert
from oncall.reports.scope import Scope
from oncall.reports.sheet import Line, Picture, Sheet, Unit, count_of
from oncall.reports.triggered import ACKNOWLEDGED_AT, triggered_in
from oncall.reports.window import Window
from oncall.sqlite import DIGITS, WITHOUT_DIGITS

MOST = 50
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Row:
    """`summary`: of the newest of them, with # for each number. `share`: of all alerts in the window, from 0 to 1.
    `unacknowledged`: those that were over before anybody had them, or that nobody has yet.
    """

    service: str
    summary: str
    alerts: int
    share: float
    events: int
    unacknowledged: int
    last_at: datetime
    last_alert: int


def rows(session: Session, window: Window, scope: Scope) -> list[Row]:
    """The 50 that opened most, most first."""
    ranked = session.execute(_ranked(_which(session, window, scope))).all()
    newest = _summaries(session, [each.last_alert for each in ranked])
    return [
        Row(
            service=scope.services[each.service_id],
            summary=_DIGITS.sub("#", newest[each.last_alert]),
            alerts=each.alerts,
            share=round(each.alerts / int(each.of_all), 4),
            events=int(each.events),
            unacknowledged=each.alerts - each.acknowledged,
            last_at=each.last_at,
            last_alert=each.last_alert,
        )
        for each in ranked
    ]


def _which(session: Session, window: Window, scope: Scope) -> sa.ColumnElement[bool]:
    """SQLite takes their numbers first, so that it reads alerts in the order in which they lie, not by services."""
    triggered = triggered_in(window, scope)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return col(Alert.id).in_(select(Alert.id).where(triggered)) if is_sqlite else triggered


def _ranked(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    alert: sa.Select[*tuple[Any, ...]] = sa.select(
        col(Alert.id),
        col(Alert.service_id),
        _without_digits(col(Alert.summary)).label("words"),
        col(Alert.event_count),
        col(Alert.triggered_at),
        ACKNOWLEDGED_AT.label("acknowledged_at"),
    )
    each = alert.where(which).subquery()
    alerts = func.count()
    return (
        sa.select(
            each.c.service_id,
            alerts.label("alerts"),
            func.sum(alerts).over().label("of_all"),
            func.sum(each.c.event_count).label("events"),
            func.count(each.c.acknowledged_at).label("acknowledged"),
            func.max(each.c.triggered_at).label("last_at"),
            func.max(each.c.id).label("last_alert"),
        )
        .group_by(each.c.service_id, each.c.words)
        .order_by(alerts.desc(), func.max(each.c.id).desc())
        .limit(MOST)
    )


class _without_digits(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """What alerts of one rule have in common: equal for them, and otherwise of no use."""

    type = sa.Text()
    inherit_cache = True


@compiles(_without_digits, "sqlite")
def _by_ours(element: _without_digits, compiler: SQLCompiler, **given: Any) -> str:
    return f"{WITHOUT_DIGITS}(CAST({compiler.process(element.clauses, **given)} AS BLOB))"


@compiles(_without_digits, "postgresql")
def _one_by_one(element: _without_digits, compiler: SQLCompiler, **given: Any) -> str:
    """Quicker than `translate` and `regexp_replace`."""
    text = compiler.process(element.clauses, **given)
    for digit in DIGITS.decode():
        text = f"replace({text}, '{digit}', '')"
    return text


def _summaries(session: Session, alert_ids: Sequence[int]) -> Mapping[int, str]:
    found = select(Alert.id, Alert.summary).where(col(Alert.id).in_(alert_ids))
    return {number: summary for number, summary in session.exec(found) if number is not None}


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    lines = tuple(Line(f"{row.summary} ({row.service})", (row.alerts, row.unacknowledged), _like(row)) for row in found)
    return Sheet("Rule", ("Alerts", "Unacknowledged"), lines, Unit.COUNT, Picture.BARS, _said(found))


def _like(row: Row) -> str:
    """The list of alerts with the longest of its words that have no number in them."""
    words = max(row.summary.split("#"), key=len).strip()
    return f"/alerts?{urlencode({'status': 'all', 'service': row.service, 'q': words})}"


def _said(found: Sequence[Row]) -> str:
    if not found:
        return ""
    few = found[:5]
    opened, most = 100 * sum(row.share for row in few), count_of(few[0].alerts, "alert", "alerts")
    return f"{count_of(len(few), 'rule', 'rules')} opened {opened:.0f} % of all alerts, the noisiest {most}."

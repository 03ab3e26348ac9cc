"""Which rules open most alerts. A rule is known by its words: of one service, and alike but for digits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from oncall.models import Alert, PastRule
from oncall.reports.past_alerts import Parts, by_rule, parts, uncounted
from oncall.reports.scope import Scope
from oncall.reports.sheet import Line, Picture, Sheet, Unit, count_of
from oncall.reports.triggered import triggered_in
from oncall.reports.window import Window
from schedules.spans import Span

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
    ranked = session.execute(_ranked(session, window, scope)).all()
    newest = _summaries(session, [each.last_alert for each in ranked])
    return [
        Row(
            service=scope.services[each.service_id],
            summary=_DIGITS.sub("#", newest[each.last_alert]),
            alerts=int(each.alerts),
            share=round(int(each.alerts) / int(each.of_all), 4),
            events=int(each.events),
            unacknowledged=int(each.alerts) - int(each.acknowledged),
            last_at=each.last_at,
            last_alert=each.last_alert,
        )
        for each in ranked
    ]


def _ranked(session: Session, window: Window, scope: Scope) -> sa.Select[Any]:
    known = parts(session, window.start, window.end)
    each = sa.union_all(
        *(by_rule(_triggered(session, span, scope)) for span in known.left),
        *((_counted(known, scope), by_rule(uncounted(known, scope))) if known.start < known.end else ()),
    ).subquery()
    alerts, last_alert = func.sum(each.c.alerts), func.max(each.c.last_alert)
    return (
        sa.select(
            each.c.service_id,
            alerts.label("alerts"),
            func.sum(alerts).over().label("of_all"),
            func.sum(each.c.events).label("events"),
            func.sum(each.c.acknowledged).label("acknowledged"),
            func.max(each.c.last_at).label("last_at"),
            last_alert.label("last_alert"),
        )
        .group_by(each.c.service_id, each.c.words)
        .order_by(alerts.desc(), last_alert.desc())
        .limit(MOST)
    )


def _triggered(session: Session, span: Span, scope: Scope) -> sa.ColumnElement[bool]:
    """SQLite takes their numbers first, so that it reads alerts in the order in which they lie, not by services."""
    triggered = triggered_in(span, scope)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return col(Alert.id).in_(select(Alert.id).where(triggered)) if is_sqlite else triggered


def _counted(known: Parts, scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    """With the columns of `by_rule`, in their order."""
    rule = (col(PastRule.service_id), col(PastRule.words))
    figures = (col(PastRule.alerts), col(PastRule.events), col(PastRule.acknowledged))
    day, last = col(PastRule.day), (col(PastRule.last_at), col(PastRule.last_alert))
    of_scope = rule[0].in_(scope.services)
    return sa.select(*rule, *figures, *last).where(of_scope, day >= known.start, day < known.end)


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

"""How fast alerts of each service are acknowledged and resolved."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from oncall.models import Alert
from oncall.reports.response import SERIES, Times, measure, said
from oncall.reports.scope import Scope
from oncall.reports.sheet import Line, Picture, Sheet, Unit
from oncall.reports.triggered import triggered_in
from oncall.reports.window import Window

TOGETHER = "All services"


@dataclass(frozen=True)
class _Service:
    service: str | None
    alerts: int


@dataclass(frozen=True)
class Row(Times, _Service):
    """Of the alerts of one service that triggered in the window. Without a service: of all together."""


def rows(session: Session, window: Window, scope: Scope) -> list[Row]:
    """All together first; then by service, most alerts first."""
    counts = _alerts(session, window, scope)
    found = measure(session, window, scope, col(Alert.service_id))
    none_yet = (0, None, None, 0, None, None)
    each = [Row(scope.services[number], count, *found.get(number, none_yet)) for number, count in counts.items()]
    each.sort(key=lambda row: (-row.alerts, row.service))
    return [Row(None, sum(counts.values()), *found.get(None, none_yet)), *each] if counts else []


def _alerts(session: Session, window: Window, scope: Scope) -> dict[int, int]:
    found = select(Alert.service_id, func.count()).where(triggered_in(window, scope))
    return dict(session.exec(found.group_by(col(Alert.service_id))).all())


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    lines = tuple(Line(row.service or TOGETHER, row.figures) for row in found)
    sentence = said(found[0]) or "Nobody has acknowledged or resolved anything." if found else ""
    return Sheet("Service", SERIES, lines, Unit.SECONDS, Picture.DOTS, sentence)

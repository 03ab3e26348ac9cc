"""How fast alerts of each service are acknowledged and resolved."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from oncall.reports.response import SERIES, Times, ranked, said, times, waits
from oncall.reports.scope import Scope
from oncall.reports.sheet import Line, Picture, Sheet, Unit
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
    by_id = waits(session, [window.span], scope, lambda _window, service_id: service_id)
    told = {scope.services[service_id]: each for service_id, each in by_id.items()}
    found = {service: ranked(each) for service, each in told.items()}
    each = [Row(service, told[service].alerts, *times([of_service])) for service, of_service in found.items()]
    each.sort(key=lambda row: (-row.alerts, row.service))
    return [Row(None, sum(row.alerts for row in each), *times(found.values())), *each] if each else []


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    """Of no lines where nobody has acknowledged or resolved anything."""
    sentence = said(found[0]) if found else ""
    lines = tuple(Line(row.service or TOGETHER, row.figures) for row in found) if sentence else ()
    return Sheet("Service", SERIES, lines, Unit.SECONDS, Picture.DOTS, sentence)

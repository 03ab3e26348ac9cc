"""How long alerts wait until somebody has them, and until they are over: what two reports have in common."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from oncall.models import Alert
from oncall.reports.percentiles import Spread, spreads
from oncall.reports.scope import Scope
from oncall.reports.sheet import Unit, count_of
from oncall.reports.triggered import ACKNOWLEDGED_AT, triggered_in
from oncall.reports.window import Window
from oncall.sql_time import seconds_between

SERIES = (
    "Acknowledged: half within",
    "Acknowledged: 9 in 10 within",
    "Resolved: half within",
    "Resolved: 9 in 10 within",
)
_MOMENTS = {"acknowledged": ACKNOWLEDGED_AT, "resolved": col(Alert.resolved_at)}


@dataclass(frozen=True)
class Times:
    """Seconds from the trigger to the first acknowledgement and to the end; None where no alert got so far."""

    acknowledged: int
    acknowledge_median: int | None
    acknowledge_p90: int | None
    resolved: int
    resolve_median: int | None
    resolve_p90: int | None

    @property
    def figures(self) -> tuple[int | None, ...]:
        """As `SERIES` names them."""
        return self.acknowledge_median, self.acknowledge_p90, self.resolve_median, self.resolve_p90


def measure(
    session: Session, window: Window, scope: Scope, part: sa.SQLColumnExpression[Any]
) -> dict[Any, tuple[int, int | None, int | None, int, int | None, int | None]]:
    """The fields of Times by `part`, an expression over an alert; and of all alerts together under None."""
    lengths = (seconds_between(col(Alert.triggered_at), at).label(name) for name, at in _MOMENTS.items())
    columns: list[Any] = [part.label("part"), *lengths]
    found = spreads(session, sa.select(*columns).where(triggered_in(window, scope)))
    return {each: (*_fields(acknowledged), *_fields(resolved)) for each, (acknowledged, resolved) in found.items()}


def _fields(spread: Spread | None) -> tuple[int, int | None, int | None]:
    return (spread.count, spread.median, spread.p90) if spread else (0, None, None)


def said(times: Times | None) -> str:
    """What it comes to, of all alerts together."""
    if times is None:
        return ""
    sentences = [
        f"{count_of(count, 'alert', 'alerts')} {done}: half within {Unit.SECONDS.written(median)}, "
        f"9 in 10 within {Unit.SECONDS.written(p90)}."
        for done, count, median, p90 in (
            ("acknowledged", times.acknowledged, times.acknowledge_median, times.acknowledge_p90),
            ("resolved", times.resolved, times.resolve_median, times.resolve_p90),
        )
        if count
    ]
    return " ".join(sentences)

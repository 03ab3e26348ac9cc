"""How long alerts wait until somebody has them, and until they are over: what two reports have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic_core import from_json
from sqlmodel import Session, col

from oncall.models import Alert
from oncall.reports.percentiles import spread
from oncall.reports.scope import Scope
from oncall.reports.sheet import Unit, count_of
from oncall.reports.triggered import ACKNOWLEDGED_AT, of_each
from oncall.sql_text import listed
from oncall.sql_time import seconds_between
from schedules.spans import Span

SERIES = (
    "Acknowledged: half within",
    "Acknowledged: 9 in 10 within",
    "Resolved: half within",
    "Resolved: 9 in 10 within",
)


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


class Told(NamedTuple):
    """Of some alerts: how many seconds each waited until somebody had it, and until it was over, with commas between
    them; without those that have not come so far.
    """

    alerts: int
    acknowledged: str
    resolved: str


class Waits(NamedTuple):
    """The same as numbers, in order."""

    acknowledged: list[int]
    resolved: list[int]


def waits(session: Session, spans: Sequence[Span], scope: Scope) -> dict[tuple[int, int], Told]:
    """By the number of the span and the id of the service; without those that had no alert.

    Lengths come as texts, and are ranked here: for that, either database takes longer than for handing them over.
    """
    moments: tuple[sa.SQLColumnExpression[Any], ...] = (ACKNOWLEDGED_AT, col(Alert.resolved_at))
    acknowledged, resolved = (listed(seconds_between(col(Alert.triggered_at), at)) for at in moments)
    text = sa.cast(sa.func.count(), sa.Text) + ";" + acknowledged + ";" + resolved
    found = ((where, text.split(";")) for *where, text in of_each(session, spans, scope, text))
    return {
        (number, service_id): Told(int(count), *rest) for (number, service_id), (count, *rest) in found if count != "0"
    }


def in_order(told: Iterable[Told]) -> Waits:
    """Those of all of them."""
    _, *texts = zip(*told, strict=True)
    return Waits(*(sorted(from_json(f"[{','.join(filter(None, each))}]")) for each in texts))


def times(parts: Iterable[Waits]) -> tuple[int, int | None, int | None, int, int | None, int | None]:
    """The fields of Times, of all of them together."""
    acknowledged, resolved = zip(*parts, strict=True)
    return (*spread(acknowledged), *spread(resolved))


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

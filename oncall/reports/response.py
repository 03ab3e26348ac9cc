"""How long alerts wait until somebody has them, and until they are over: what two reports have in common."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic_core import from_json
from sqlmodel import Session, col

from oncall.db.sql_text import listed
from oncall.db.sql_time import seconds_between
from oncall.models import Alert
from oncall.reports.past_alerts import parts
from oncall.reports.past_waits import Found, Lengths, Together, Waits, add_past
from oncall.reports.percentiles import spread
from oncall.reports.scope import Scope
from oncall.reports.sheet import Unit, count_of
from oncall.reports.triggered import ACKNOWLEDGED_AT, of_each
from schedules.spans import Span, clip

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


def waits(session: Session, stretches: Sequence[Span], scope: Scope, together: Together) -> Mapping[int, Waits]:
    """Without those of no alert. The stretches follow on each other, in order."""
    known, found = parts(session, stretches[0][0], stretches[-1][1]), Found(together)
    left = [(number, span) for number, stretch in enumerate(stretches) for span in clip(known.left, *stretch)]
    for part, service_id, text in of_each(session, [span for _, span in left], scope, _told()):
        alerts, *lists = text.split(";")
        if alerts != "0":
            found.of(left[part][0], service_id).add(int(alerts), *(from_json(f"[{each}]") for each in lists))
    add_past(session, found, stretches, known, scope)
    return found.waits


def _told() -> sa.ColumnElement[str]:
    """How many they are, and both lists of lengths. They come as texts, and are ranked here: for that, either database
    takes longer than for handing them over.
    """
    moments: tuple[sa.SQLColumnExpression[Any], ...] = (ACKNOWLEDGED_AT, col(Alert.resolved_at))
    acknowledged, resolved = (listed(seconds_between(col(Alert.triggered_at), at)) for at in moments)
    return sa.cast(sa.func.count(), sa.Text) + ";" + acknowledged + ";" + resolved


class Ranked(NamedTuple):
    """Lengths in order."""

    acknowledged: list[int]
    resolved: list[int]


def ranked(told: Waits) -> Ranked:
    return Ranked(_ranked(told.acknowledged), _ranked(told.resolved))


def _ranked(lengths: Lengths) -> list[int]:
    return sorted([length for length in lengths if length is not None])


def times(parts: Iterable[Ranked]) -> tuple[int, int | None, int | None, int, int | None, int | None]:
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

"""How many alerts each rule had on days of the past, as engines have counted them (`count_noise`).

A rule is known by its words: alerts of one service, alike but for digits, are of one. Days are those of UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete

from oncall.models import Alert, NoiseCounted, PastNoise
from oncall.reports.triggered import ACKNOWLEDGED_AT
from oncall.sql_text import without_digits
from schedules.spans import Span

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Parts:
    """Of a window: the days [start, end) that are counted, and what is still to be counted beside them."""

    start: datetime
    end: datetime
    left: Sequence[Span]


def parts(session: Session, start: datetime, end: datetime) -> Parts:
    known = session.get(NoiseCounted, 1)
    if known is not None:
        first = max(midnight(start - datetime.resolution) + DAY, known.since)
        last = min(midnight(end), known.until)
        if first < last:
            return Parts(first, last, [(a, b) for a, b in ((start, first), (last, end)) if a < b])
    return Parts(end, end, [(start, end)])


def by_rule(*which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    """These alerts as PastNoise has those of a day."""
    at, words = col(Alert.triggered_at), without_digits(col(Alert.summary)).label("words")
    return (
        sa.select(
            col(Alert.service_id),
            words,
            sa.func.count().label("alerts"),
            sa.func.sum(Alert.event_count).label("events"),
            sa.func.count(ACKNOWLEDGED_AT).label("acknowledged"),
            sa.func.max(at).label("last_at"),
            sa.func.max(Alert.id).label("last_alert"),
        )
        .where(*which)
        .group_by(col(Alert.service_id), words)
    )


def forget(session: Session, last: datetime) -> None:
    """Alerts that triggered until then are deleted: what is left of those days is counted by whoever asks."""
    known, following = session.get(NoiseCounted, 1, with_for_update=True), midnight(last) + DAY
    if known is not None and known.since < following:
        known.since, known.until = following, max(known.until, following)
        session.exec(delete(PastNoise).where(col(PastNoise.day) < following))


def midnight(at: datetime) -> datetime:
    """The last one, `at` the latest."""
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)

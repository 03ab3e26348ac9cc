"""What is known of alerts of days that are counted (`count_alerts`): how many each rule had, and how long they waited.

A rule is known by its words: alerts of one service, alike but for digits, are of one. Days are those of UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from oncall.db.sql_text import without_digits
from oncall.models import Alert, AlertToCount, DaysCounted, PastRule, PastWaits
from oncall.models.alert import SERVICE_WITHOUT_INDEX
from oncall.reports.scope import Scope
from oncall.reports.triggered import ACKNOWLEDGED_AT
from schedules.spans import Span

DAY = timedelta(days=1)
PAST = (PastRule, PastWaits)


@dataclass(frozen=True, slots=True)
class Parts:
    """Of a window: the days [start, end) that are counted, and what is still to be counted beside them."""

    start: datetime
    end: datetime
    left: Sequence[Span]


def parts(session: Session, start: datetime, end: datetime) -> Parts:
    known = session.get(DaysCounted, 1)
    if known is not None:
        first = max(midnight(start - datetime.resolution) + DAY, known.since)
        last = min(midnight(end), known.until)
        if first < last:
            return Parts(first, last, [(a, b) for a, b in ((start, first), (last, end)) if a < b])
    return Parts(end, end, [(start, end)])


def by_rule(*which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    """These alerts as PastRule has those of a day."""
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


def uncounted(known: Parts, scope: Scope) -> sa.ColumnElement[bool]:
    """Which alerts of the counted days are not: few, and so not looked for by when they triggered."""
    at, mine = col(Alert.triggered_at), SERVICE_WITHOUT_INDEX.in_(scope.services)
    return sa.and_(col(Alert.id).in_(select(AlertToCount.alert_id)), mine, at >= known.start, at < known.end)


def forget(session: Session, last: datetime) -> None:
    """Alerts that triggered until then are deleted: what is left of those days is counted by whoever asks."""
    known, following = session.get(DaysCounted, 1, with_for_update=True), midnight(last) + DAY
    if known is not None and known.since < following:
        known.since, known.until = following, max(known.until, following)
        for table in PAST:
            session.exec(delete(table).where(col(table.day) < following))


def midnight(at: datetime) -> datetime:
    """The last one, `at` the latest."""
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)

"""Which alerts a report is of, and when somebody first had them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from oncall.db.sql_stretches import Stretch, stretch_table
from oncall.models import Alert, Service
from oncall.reports.scope import Scope
from schedules.spans import Span

ACKNOWLEDGED_AT = sa.func.coalesce(col(Alert.first_acknowledged_at), col(Alert.acknowledged_at))


def triggered_in(span: Span, scope: Scope) -> sa.ColumnElement[bool]:
    """As the index `ix_alerts_reported` finds them."""
    at, (start, end) = col(Alert.triggered_at), span
    return sa.and_(col(Alert.service_id).in_(scope.services), at >= start, at < end)


def of_each(session: Session, spans: Sequence[Span], scope: Scope, figure: sa.ColumnElement[Any]) -> Sequence[Any]:
    """Number of the span, id of the service, and `figure`, an aggregate over what triggered then and there.

    Each is a stretch of the same index, so that a million alerts are taken without being sorted.
    """
    asked = [Stretch(number, *span) for number, span in enumerate(spans)]
    stretch, at = stretch_table(session, asked), col(Alert.triggered_at)
    triggered = (col(Alert.service_id) == col(Service.id), at >= stretch.c.start, at < stretch.c.end)
    told = sa.select(figure).select_from(Alert).where(*triggered).scalar_subquery()
    found = sa.select(stretch.c.of_id, col(Service.id), told).join_from(stretch, Service, sa.true())
    return session.execute(found.where(col(Service.id).in_(scope.services))).all()

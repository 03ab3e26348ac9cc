"""Which alerts a report is of, and when somebody first had them."""

import sqlalchemy as sa
from sqlmodel import col

from oncall.models import Alert
from oncall.reports.scope import Scope
from oncall.reports.window import Window

ACKNOWLEDGED_AT = sa.func.coalesce(col(Alert.first_acknowledged_at), col(Alert.acknowledged_at))


def triggered_in(window: Window, scope: Scope) -> sa.ColumnElement[bool]:
    """As the index `ix_alerts_reported` finds them."""
    at = col(Alert.triggered_at)
    return sa.and_(col(Alert.service_id).in_(scope.services), at >= window.start, at < window.end)

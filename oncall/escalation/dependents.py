"""Alerts of services whose dependency is down: folded into that one's alert in place of being paged.

A new alert on `web`, which depends on `db`, is held while an alert of high urgency on `db` is open that triggered up to
five minutes before. It is stepped at once when that one is resolved: the engine looks at every tick, whoever resolved
it and however, so that a held alert can't be forgotten.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from oncall.escalation.progress import is_new, paging_begun
from oncall.installation import installation
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Alert, Service, ServiceDependency, TimelineKind, Urgency
from oncall.models.alert import OPEN
from oncall.timeline import tell

_alerts: sa.Table = Alert.__table__  # type: ignore[attr-defined]
WITHIN = timedelta(minutes=5)
"""How much older than a dependent alert its cause may be."""


def fold_dependents(session: Session, alerts: Sequence[Alert], now: datetime) -> list[Alert]:
    """Hold those whose dependency is down. Gives the others, to be stepped."""
    needs = _dependencies(session) if any(is_new(alert) for alert in alerts) else {}
    if not any(alert.service_id in needs for alert in alerts):
        return list(alerts)
    begun = paging_begun(session, [alert.id for alert in alerts if alert.service_id in needs])
    causes: dict[tuple[int, datetime], tuple[int, str] | None] = {}
    go = []
    for alert in alerts:
        cause = None
        if is_new(alert) and alert.service_id in needs and alert.id not in begun:
            place = (alert.service_id, alert.triggered_at)
            if place not in causes:
                causes[place] = _cause(session, needs[alert.service_id], alert.triggered_at)
            cause = causes[place]
        if cause is None:
            go.append(alert)
        else:
            _hold(session, alert, cause, now)
    return go


_known: dict[str, dict[int, list[int]]] = {}
"""By revision: read again only when something was configured since."""


def _dependencies(session: Session) -> dict[int, list[int]]:
    """What each service needs; services that need nothing are not in it."""
    revision = installation(session).revision
    needs = _known.get(revision)
    if needs is None:
        needs = defaultdict(list)
        for row in session.exec(select(ServiceDependency).order_by(col(ServiceDependency.depends_on_id))):
            needs[row.service_id].append(row.depends_on_id)
        _known.clear()
        _known[revision] = needs
    return needs


def _cause(session: Session, service_ids: Sequence[int], triggered_at: datetime) -> tuple[int, str] | None:
    """The number and the service of the first alert there that may be why."""
    row = session.exec(
        select(Alert.id, Service.name)
        .join(Service)
        .where(
            OPEN,
            col(Alert.service_id).in_(service_ids),
            Alert.urgency == Urgency.HIGH,
            col(Alert.triggered_at) >= triggered_at - WITHIN,
        )
        .order_by(col(Alert.triggered_at), col(Alert.id))
        .limit(1)
    ).first()
    return (row[0] or 0, row[1]) if row is not None else None


def _hold(session: Session, alert: Alert, cause: tuple[int, str], now: datetime) -> None:
    number, service = cause
    alert.held_by_id, alert.next_step_at = number, None
    session.add(alert)
    text = f"Held: {service} has alert #{number} open; paging if this is still open when that is resolved"
    tell(session, alert.id, TimelineKind.NOT_PAGED, text, now)


def are_held_for_nothing() -> SelectOfScalar[Any]:
    """The numbers of those whose cause is resolved."""
    cause = _alerts.alias()
    return (
        select(Alert.id)
        .join(cause, cause.c.id == col(Alert.held_by_id))
        .where(
            col(Alert.held_by_id).is_not(None),
            Alert.status == AlertStatus.TRIGGERED,
            col(Alert.next_step_at).is_(None),
            cause.c.status == AlertStatus.RESOLVED,
        )
    )


def release_dependents(session: Session, now: datetime) -> int:
    """Those whose cause is resolved are due at once. Gives how many."""
    ids = are_held_for_nothing().with_for_update(of=Alert, skip_locked=True, key_share=True)
    released = session.execute(
        sa.update(Alert)
        .where(col(Alert.id).in_(ids))
        .values(next_step_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(released.rowcount)  # type: ignore[attr-defined]

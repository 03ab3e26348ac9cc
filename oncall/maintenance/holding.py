"""Alerts that trigger in maintenance: not paged, and looked at again when the window ends.

The engine asks before it steps an alert, so that it does not matter by which way one came in, and a window that is
ended early, extended or planned anew counts at once. Whoever was paged before goes on being paged, and whom
somebody has asked for is paged.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from oncall.db.database import notify_engines
from oncall.escalation.progress import HAS_BEGUN, is_new, paging_begun
from oncall.installation import installation
from oncall.lifecycle.alert import AlertStatus
from oncall.maintenance.occurrences import is_on, not_paged, occurrence
from oncall.models import Alert, MaintenanceWindow, Service, Severity, TimelineKind
from oncall.timeline import tell_once

WindowsByService = Mapping[int, Sequence[MaintenanceWindow]]


def hold_in_maintenance(session: Session, alerts: Sequence[Alert], now: datetime) -> list[Alert]:
    """Hold those whose service is in maintenance. Gives the others, to be stepped."""
    services = {alert.service_id for alert in alerts if is_new(alert)}
    services = services & _may_be_held(session, now) if services else services
    windows = windows_on(session, services, now) if services else {}
    if not windows:
        return list(alerts)
    begun = paging_begun(session, [alert.id for alert in alerts])
    go = []
    for alert in alerts:
        is_free = not is_new(alert) or alert.id in begun
        window = None if is_free else _holding(alert, windows.get(alert.service_id, ()), now)
        if window is None:
            go.append(alert)
        else:
            _hold(session, alert, window, now)
    return go


def windows_of(session: Session, alert: Alert, now: datetime) -> Sequence[MaintenanceWindow]:
    """Those of its service that are on or may yet be."""
    about = select(MaintenanceWindow).join(Service, ABOUT).where(Service.id == alert.service_id, _may_be_on(now))
    return session.exec(about.order_by(col(MaintenanceWindow.id))).all()


def held_until(alert: Alert, windows: Sequence[MaintenanceWindow], at: datetime) -> datetime | None:
    """When the window ends by which an alert of which nobody was told is held at `at`. None: by none."""
    window = _holding(alert, [each for each in windows if is_on(each, at)], at)
    return occurrence(window, at)[1] if window else None


_known: dict[tuple[str, int], frozenset[int]] = {}
"""By revision: read again when something was configured since; and by the minute, since during an upgrade the version
before plans windows without a new revision.
"""


def _may_be_held(session: Session, now: datetime) -> frozenset[int]:
    """Services with a window that is on or may yet be. One that is over comes back only when somebody plans it anew."""
    key = installation(session).revision, int(now.timestamp() // 60)
    services = _known.get(key)
    if services is None:
        found = select(Service.id).join(MaintenanceWindow, ABOUT).where(_may_be_on(now)).distinct()
        services = frozenset(each for each in session.exec(found) if each is not None)
        _known.clear()
        _known[key] = services
    return services


ABOUT = or_(
    col(MaintenanceWindow.service_id) == col(Service.id),
    col(MaintenanceWindow.team_id) == col(Service.team_id),
)


def _may_be_on(now: datetime) -> ColumnElement[bool]:
    return or_(col(MaintenanceWindow.ends_at) > now, col(MaintenanceWindow.repeats).is_not(None))


def windows_on(session: Session, service_ids: Collection[int] | None, now: datetime) -> WindowsByService:
    """By service, the windows that are on; of all services with None."""
    statement = (
        select(Service.id, MaintenanceWindow)
        .join(MaintenanceWindow, ABOUT)
        .where(_may_be_on(now))
        .order_by(col(MaintenanceWindow.id))
    )
    if service_ids is not None:
        statement = statement.where(col(Service.id).in_(service_ids))
    found: dict[int, list[MaintenanceWindow]] = defaultdict(list)
    for service_id, window in session.exec(statement):
        if service_id is not None and is_on(window, now):
            found[service_id].append(window)
    return found


def look_again(session: Session, window: MaintenanceWindow, at: datetime) -> None:
    """At the alerts that the window holds: at once when it is over early, at its end when that has moved."""
    session.execute(
        sa.update(Alert)
        .where(
            col(Alert.maintenance_id) == window.id,
            col(Alert.status) == AlertStatus.TRIGGERED,
            col(Alert.next_step_at).is_not(None),
            col(Alert.step) == 0,
            col(Alert.round) == 0,
            ~HAS_BEGUN,
        )
        .values(next_step_at=at)
        .execution_options(synchronize_session=False)
    )
    notify_engines(session)


def _holding(alert: Alert, windows: Sequence[MaintenanceWindow], now: datetime) -> MaintenanceWindow | None:
    """Of several, the one that ends last."""
    held = [each for each in windows if not (each.pages_critical and alert.severity is Severity.CRITICAL)]
    return max(held, key=lambda window: occurrence(window, now)[1], default=None)


def _hold(session: Session, alert: Alert, window: MaintenanceWindow, now: datetime) -> None:
    _, end = occurrence(window, now)
    alert.maintenance_id, alert.next_step_at = window.id, end
    session.add(alert)
    tell_once(session, alert.id, TimelineKind.NOT_PAGED, not_paged(window, end, now), now)

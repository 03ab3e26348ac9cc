"""How this installation stands at a moment, by a few questions that each have an index: see `Vitals`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from oncall.models import Alert, Delivery, EngineProcess
from oncall.models.alert import OPEN
from oncall.models.delivery import LIVE
from oncall.pulse.canary_report import CanaryReport, canaries
from oncall.pulse.on_irc import why_not_on_irc
from oncall.settings import Settings

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Vitals:
    open_alerts: Mapping[tuple[str, str], int]
    """By status and urgency."""
    live_deliveries: Mapping[tuple[str, str], int]
    """Those that are still to go or on their way, by kind and state."""
    alerts_overdue: timedelta
    """How long the oldest step has been due without being run: the engine's lag."""
    deliveries_overdue: timedelta
    """How long the oldest delivery has been due, or its lease run out, without being sent."""
    last_pass_at: datetime | None
    """When any engine last said that it makes its passes."""
    canaries: Sequence[CanaryReport]
    is_on_irc: bool | None
    """None where IRC is not set up."""


def vitals(session: Session, settings: Settings, now: datetime) -> Vitals:
    alerts = select(Alert.status, Alert.urgency, func.count()).where(OPEN).group_by(Alert.status, Alert.urgency)
    deliveries = select(Delivery.kind, Delivery.state, func.count()).where(LIVE)
    return Vitals(
        {(status, urgency): count for status, urgency, count in session.exec(alerts)},
        {
            (kind, state): count
            for kind, state, count in session.exec(deliveries.group_by(Delivery.kind, Delivery.state))
        },
        alerts_overdue(session, now),
        deliveries_overdue(session, now),
        last_pass(session),
        canaries(session, settings, now),
        not why_not_on_irc(session, now) if settings.irc_server else None,
    )


def alerts_overdue(session: Session, now: datetime) -> timedelta:
    next_step_at = col(Alert.next_step_at)
    return _since(session.exec(select(func.min(next_step_at)).where(next_step_at.is_not(None))).one(), now)


def deliveries_overdue(session: Session, now: datetime) -> timedelta:
    return _since(session.exec(select(func.min(col(Delivery.due_at))).where(LIVE)).one(), now)


def last_pass(session: Session) -> datetime | None:
    return session.exec(select(func.max(col(EngineProcess.last_pass_at)))).one()


def _since(due_at: datetime | None, now: datetime) -> timedelta:
    return max(NOTHING, now - due_at) if due_at is not None else NOTHING

"""Where an alert's escalation stands: when the engine looks at it next, its end, and its beginning again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, exists, func, or_, select

from oncall.escalation.decide import Position, retry_at
from oncall.escalation.policies import policy_of
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, Page, TimelineEntry, TimelineKind
from oncall.timeline import tell

_SINCE = func.coalesce(Alert.reopened_at, Alert.triggered_at)
HAS_BEGUN = or_(
    exists().where(col(Page.alert_id) == col(Alert.id), col(Page.created_at) >= _SINCE),
    exists().where(
        col(TimelineEntry.alert_id) == col(Alert.id),
        col(TimelineEntry.kind) == TimelineKind.ESCALATED,
        col(TimelineEntry.at) >= _SINCE,
    ),
)
"""Of an alert: since it triggered, or was re-opened, somebody was told of it, or somebody has asked that one be."""
NOBODY_KNOWS = "No message about this alert can have arrived: starting again"


def begin_again(session: Session, alert: Alert, now: datetime) -> None:
    """From the first step, after the wait that an empty round would have; nothing is retried faster than that."""
    tell(session, alert.id, TimelineKind.NOT_PAGED, NOBODY_KNOWS, now)
    rewind(alert)
    go_on_at(alert, retry_at(policy_of(session, alert), now))
    session.add(alert)


def nobody_knows(session: Session, alert: Alert) -> bool:
    """Whether no message can have arrived since it triggered, or did so again (a snooze ended, it was re-opened)."""
    told = (TimelineEntry.alert_id == alert.id, TimelineEntry.kind == TimelineKind.TRIGGERED)
    began = session.exec(select(func.max(col(TimelineEntry.at))).where(*told)).one() or alert.triggered_at
    return not may_have_arrived(session, Delivery.alert_id == alert.id, col(Page.created_at) >= began)


def may_have_arrived(session: Session, *where: ColumnElement[bool] | bool) -> bool:
    """To anybody whose answer is waited for, of these deliveries."""
    dead = [DeliveryState.FAILED, DeliveryState.CANCELLED]
    found = (
        select(Delivery.id).join(Page).where(*where, col(Page.is_shadow).is_(False), col(Delivery.state).not_in(dead))
    )
    return session.exec(found.limit(1)).first() is not None


def position_of(alert: Alert) -> Position:
    return Position(alert.step, alert.round, alert.round_reached)


def place_of(alert: Alert) -> str:
    """Of its next step, for forms: whoever presses a button of one has seen who was paged up to there."""
    return f"{alert.round}-{alert.step}"


def is_new(alert: Alert) -> bool:
    """Whether no step of it has been run, or it begins again."""
    return alert.status is AlertStatus.TRIGGERED and alert.step == 0 and alert.round == 0


def paging_begun(session: Session, alert_ids: Sequence[int | None]) -> set[int]:
    """Those that nothing holds back any more: see `HAS_BEGUN`."""
    found = session.exec(select(Alert.id).where(col(Alert.id).in_(alert_ids), HAS_BEGUN))
    return {each for each in found if each is not None}


def rewind(alert: Alert) -> None:
    alert.step, alert.round, alert.round_reached = 0, 0, False


def go_on_at(alert: Alert, at: datetime | None) -> None:
    """The next step of a triggered alert, None where there is none; sooner if its urgency rises before."""
    times = [each for each in (at, alert.urgency_rises_at) if each is not None]
    alert.next_step_at = min(times, default=None)


def is_over(alert: Alert) -> bool:
    """Whether every step has been run: nobody is paged any more, unless the urgency rises."""
    return alert.next_step_at is None or (alert.next_step_at == alert.urgency_rises_at and alert.step == 0)

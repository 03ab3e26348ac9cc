"""What quiet hours hold back: said on the timeline, waited for by the next step, and let go when it becomes urgent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select, update

from oncall.delivery.rules import Planned
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, Delivery, TimelineKind, User
from oncall.timeline import tell


def tell_if_held(session: Session, alert_id: int, user: User, planned: Sequence[Planned], now: datetime) -> None:
    """The timeline says why somebody who was paged is not told yet."""
    first = min(planned, key=lambda each: each.due_at, default=None)
    if first is None or first.waits_from is None:
        return
    ends = first.due_at.astimezone(ZoneInfo(user.quiet_timezone or user.timezone))
    text = f"{user.name} has quiet hours and is told when they end, {ends:%a %H:%M %Z}"
    tell(session, alert_id, TimelineKind.DELIVERY, text, now, user.id)


def held_back(plans: Iterable[tuple[int, Sequence[Planned]]]) -> dict[int, timedelta]:
    """Pure: by alert, how long after its first message would have gone one goes. Without those not held back."""
    of_alert: dict[int, list[Planned]] = defaultdict(list)
    for alert_id, planned in plans:
        of_alert[alert_id] += planned
    lengths = {alert_id: _length(planned) for alert_id, planned in of_alert.items() if planned}
    return {alert_id: length for alert_id, length in lengths.items() if length}


def _length(planned: Sequence[Planned]) -> timedelta:
    return min(each.due_at for each in planned) - min(each.waits_from or each.due_at for each in planned)


def let_go(session: Session, alert_ids: Sequence[int], now: datetime) -> None:
    """The alerts have become urgent: what waits goes now, and the next step waits for its answer from now on."""
    waiting = (col(Delivery.state) == DeliveryState.PENDING) & col(Delivery.waits_from).is_not(None)
    which = waiting & col(Delivery.alert_id).in_(alert_ids)
    first = select(Delivery.alert_id, func.min(col(Delivery.due_at))).where(which).group_by(col(Delivery.alert_id))
    for alert_id, told_at in session.exec(first):
        alert = session.get_one(Alert, alert_id)
        if alert.next_step_at is not None and alert.next_step_at > told_at:
            alert.next_step_at = now + (alert.next_step_at - told_at)
            session.add(alert)
    session.exec(update(Delivery).where(which).values(due_at=now, waits_from=None))
    session.flush()

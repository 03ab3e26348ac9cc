"""What quiet hours hold back: said on the timeline, and waited for by the next step."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from oncall.delivery.rules import Planned
from oncall.models import TimelineKind, User
from oncall.timeline import tell
from schedules.when import name_of


def tell_if_held(session: Session, alert_id: int, user: User, planned: Sequence[Planned], now: datetime) -> None:
    """The timeline says why somebody who was paged is not told yet."""
    first = min(planned, key=lambda each: each.due_at, default=None)
    if first is None or first.waits_from is None:
        return
    zone = ZoneInfo(user.quiet_timezone or user.timezone)
    ends = f"{first.due_at.astimezone(zone):%a %H:%M} {name_of(first.due_at, zone)}"
    text = f"{user.name} has quiet hours and is told when they end, {ends}"
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

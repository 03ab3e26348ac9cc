"""Where an alert's escalation stands: when the engine looks at it next, its end, and its beginning again."""

from datetime import datetime

from sqlmodel import Session

from oncall.escalation.decide import Position, retry_at
from oncall.escalation.policies import policy_of
from oncall.models import Alert, TimelineKind
from oncall.timeline import tell


def begin_again(session: Session, alert: Alert, why: str, now: datetime) -> None:
    """From the first step, after the wait that an empty round would have; nothing is retried faster than that."""
    tell(session, alert.id, TimelineKind.NOT_PAGED, why, now)
    rewind(alert)
    go_on_at(alert, retry_at(policy_of(session, alert), now))
    session.add(alert)


def position_of(alert: Alert) -> Position:
    return Position(alert.step, alert.round, alert.round_reached)


def rewind(alert: Alert) -> None:
    alert.step, alert.round, alert.round_reached = 0, 0, False


def go_on_at(alert: Alert, at: datetime | None) -> None:
    """The next step of a triggered alert, None where there is none; sooner if its urgency rises before."""
    times = [each for each in (at, alert.urgency_rises_at) if each is not None]
    alert.next_step_at = min(times, default=None)


def is_over(alert: Alert) -> bool:
    """Whether every step has been run: nobody is paged any more, unless the urgency rises."""
    return alert.next_step_at is None or (alert.next_step_at == alert.urgency_rises_at and alert.step == 0)

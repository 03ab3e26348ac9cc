"""Beginning an alert's escalation again from its first step."""

from datetime import datetime

from sqlmodel import Session

from oncall.escalation.decide import retry_at
from oncall.escalation.policies import policy_of
from oncall.models import Alert, TimelineKind
from oncall.timeline import tell


def begin_again(session: Session, alert: Alert, why: str, now: datetime) -> None:
    """From the first step, after the wait that an empty round would have; nothing is retried faster than that."""
    tell(session, alert.id, TimelineKind.NOT_PAGED, why, now)
    alert.step, alert.round, alert.round_reached = 0, 0, False
    alert.next_step_at = retry_at(policy_of(session, alert), now)
    session.add(alert)

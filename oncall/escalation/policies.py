"""The escalation policy that an alert follows, as the value that `decide` works with."""

from datetime import timedelta

from sqlmodel import Session

from oncall.escalation.decide import Policy, Step
from oncall.models import Alert, EscalationPolicy


def policy_of(session: Session, alert: Alert) -> Policy:
    """As it was when the alert triggered."""
    return as_policy(session.get_one(EscalationPolicy, alert.policy_id))


def as_policy(row: EscalationPolicy) -> Policy:
    steps = tuple(Step(tuple(step["page"]), timedelta(seconds=step["wait_seconds"])) for step in row.steps)
    return Policy(row.name, row.repeat, row.fallback, steps)

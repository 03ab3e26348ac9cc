"""The escalation policy that an alert follows, as the value that `decide` works with, and as its row keeps it."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from oncall.escalation.decide import Policy, Step
from oncall.models import Alert, EscalationPolicy


def policy_of(session: Session, alert: Alert) -> Policy:
    """As it was when the alert triggered, or was given to it."""
    return as_policy(session.get_one(EscalationPolicy, alert.policy_id))


def has_turns(session: Session, alert: Alert) -> bool:
    """Whether any of its steps pages one person in turn."""
    return any(step.get("round_robin") for step in session.get_one(EscalationPolicy, alert.policy_id).steps)


def acknowledge_timeout_of(session: Session, alert: Alert) -> timedelta | None:
    """Without the steps: whatever is wrong with those, an alert can be acknowledged."""
    return _timeout(session.get_one(EscalationPolicy, alert.policy_id))


def as_policy(row: EscalationPolicy) -> Policy:
    return Policy(row.name, row.repeat, row.fallback, tuple(map(_step, row.steps)), _timeout(row))


def _timeout(row: EscalationPolicy) -> timedelta | None:
    seconds = row.acknowledge_timeout_seconds
    return None if seconds is None else timedelta(seconds=seconds)


def _step(stored: dict[str, Any]) -> Step:
    return Step(
        tuple(stored["page"]),
        timedelta(seconds=stored["wait_seconds"]),
        stored.get("round_robin", False),
        stored.get("acknowledgements", 1),
    )


def stored_step(step: Step) -> dict[str, Any]:
    """What goes without saying is left out, so that a step is stored alike by every version of ours."""
    return {
        "page": list(step.page),
        "wait_seconds": int(step.wait.total_seconds()),
        **({"round_robin": True} if step.round_robin else {}),
        **({"acknowledgements": step.acknowledgements} if step.acknowledgements != 1 else {}),
    }

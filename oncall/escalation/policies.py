"""The escalation policy that an alert follows, as the value that `decide` works with, and as its row keeps it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from oncall.escalation.decide import Policy, Step
from oncall.models import Alert, EscalationPolicy


def policy_of(session: Session, alert: Alert) -> Policy:
    """As it was when the alert triggered, or was given to it."""
    return as_policy(session.get_one(EscalationPolicy, alert.policy_id))


def has_turns(session: Session, alert: Alert) -> bool:
    """Whether any of its steps pages one person in turn."""
    return any(step.get("round_robin") for step in session.get_one(EscalationPolicy, alert.policy_id).steps)


def acknowledge_timeout(session: Session, policy_id: int) -> timedelta | None:
    """Without the steps: whatever is wrong with those, an alert can be acknowledged."""
    return _timeout(session.get_one(EscalationPolicy, policy_id))


def acknowledge_timeouts(session: Session, alert_ids: Collection[int]) -> dict[int, timedelta]:
    """The same of many alerts in one question; those without one are not in it."""
    rows = select(Alert.id, EscalationPolicy).join(EscalationPolicy).where(col(Alert.id).in_(alert_ids))
    found = {alert_id: _timeout(policy) for alert_id, policy in session.exec(rows) if alert_id is not None}
    return {alert_id: timeout for alert_id, timeout in found.items() if timeout is not None}


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

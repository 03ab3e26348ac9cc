"""Pure: what an event does to the open alert it belongs to, or to none."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oncall.alerts.event import Event, EventAction
from oncall.lifecycle.alert import AlertAction, AlertStatus, after
from oncall.models.alert import Severity, TimelineKind
from oncall.models.person import Urgency

URGENCY = {
    Severity.CRITICAL: Urgency.HIGH,
    Severity.ERROR: Urgency.HIGH,
    Severity.WARNING: Urgency.LOW,
    Severity.INFO: Urgency.LOW,
}


@dataclass(slots=True)
class AlertDraft:
    """An open alert while a batch of events is folded in; `id` is None while it is not stored yet."""

    id: int | None
    service_id: int
    dedup_key: str
    status: AlertStatus
    severity: Severity
    summary: str
    event_count: int
    columns: dict[str, Any] = field(default_factory=dict)
    """What to write: columns of the table `alerts`."""
    entries: list[tuple[TimelineKind, str]] = field(default_factory=list)
    has_become_urgent: bool = False

    @property
    def needs_nobody_now(self) -> bool:
        """Whether this batch took it out of triggered, so that what is pending must be cancelled."""
        return "next_step_at" in self.columns and self.columns["next_step_at"] is None


def open_alert(event: Event, service_id: int, policy_id: int, sender: str, now: datetime) -> AlertDraft:
    """The alert that a trigger opens. Its first step is due at once."""
    draft = AlertDraft(
        None, service_id, event.dedup_key, AlertStatus.TRIGGERED, event.severity, event.summary, event_count=1
    )
    draft.columns = {
        "service_id": service_id,
        "dedup_key": event.dedup_key,
        "status": AlertStatus.TRIGGERED,
        "triggered_at": now,
        "policy_id": policy_id,
        "step": 0,
        "round": 0,
        "round_reached": False,
        "next_step_at": now,
        "event_count": 1,
        **_news(event, now),
    }
    draft.entries.append((TimelineKind.TRIGGERED, f"Triggered by {sender}: {event.summary}"))
    return draft


def fold(draft: AlertDraft, event: Event, sender: str, now: datetime) -> None:
    """Apply a later event to an open alert."""
    if event.action is EventAction.TRIGGER:
        _repeat(draft, event, sender, now)
    elif event.action is EventAction.RESOLVE:
        draft.status = after(draft.status, AlertAction.RESOLVE)
        draft.columns |= {"status": draft.status, "resolved_at": now, "next_step_at": None, "last_event_at": now}
        draft.columns["snoozed_until"] = None
        draft.entries.append((TimelineKind.RESOLVED, f"Resolved by {sender}"))
    elif draft.status is AlertStatus.TRIGGERED:
        draft.status = after(draft.status, AlertAction.ACKNOWLEDGE)
        draft.columns |= {"status": draft.status, "acknowledged_at": now, "next_step_at": None, "last_event_at": now}
        draft.entries.append((TimelineKind.ACKNOWLEDGED, f"Acknowledged by {sender}"))


def _repeat(draft: AlertDraft, event: Event, sender: str, now: datetime) -> None:
    if event.summary != draft.summary or event.severity is not draft.severity:
        draft.entries.append((TimelineKind.EVENT, f"{event.severity.capitalize()} from {sender}: {event.summary}"))
    draft.has_become_urgent |= (URGENCY[draft.severity], URGENCY[event.severity]) == (Urgency.LOW, Urgency.HIGH)
    draft.event_count += 1
    draft.severity, draft.summary = event.severity, event.summary
    draft.columns |= {"event_count": draft.event_count, **_news(event, now)}


def _news(event: Event, now: datetime) -> dict[str, Any]:
    return {
        "summary": event.summary,
        "source": event.source,
        "severity": event.severity,
        "urgency": URGENCY[event.severity],
        "details": event.details,
        "links": event.links,
        "last_event_at": now,
    }

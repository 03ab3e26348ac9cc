"""Pure: what an event does to the open alert it belongs to, or to none."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from oncall.alerts.event import Event, EventAction
from oncall.alerts.flapping import Flap
from oncall.alerts.urgency import UrgencyRule
from oncall.lifecycle.alert import AlertAction, AlertStatus, after
from oncall.models.alert import Severity, TimelineKind
from oncall.models.person import Urgency
from oncall.timeline import spell


@dataclass(frozen=True, slots=True)
class Member:
    """One of several problems in an alert."""

    summary: str
    severity: Severity
    event_count: int
    first_at: datetime
    last_at: datetime
    resolved_at: datetime | None = None

    def resolved(self, now: datetime) -> "Member":
        return replace(self, last_at=now, resolved_at=now)


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
    flaps: int = 0
    step: int = 0
    maintenance_id: int | None = None
    first_acknowledged_at: datetime | None = None
    """Of one that is re-opened."""
    columns: dict[str, Any] = field(default_factory=dict)
    """What to write: columns of the table `alerts`."""
    entries: list[tuple[TimelineKind, str]] = field(default_factory=list)
    has_become_urgent: bool = False
    was_reopened: bool = False
    members: dict[str, Member] | None = None
    """By dedup key, of an alert that holds several problems."""
    changed_members: set[str] = field(default_factory=set)

    @property
    def needs_nobody_now(self) -> bool:
        """Whether this batch took it out of triggered, so that what is pending must be cancelled."""
        return "status" in self.columns and self.columns["status"] is not AlertStatus.TRIGGERED


def open_alert(
    event: Event, service_id: int, policy_id: int, sender: str, rule: UrgencyRule, now: datetime
) -> AlertDraft:
    """The alert that a trigger opens. Its first step is due at once."""
    urgency, rises_at = rule.at_trigger(event.severity, now)
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
        "urgency": urgency,
        "urgency_rises_at": rises_at,
        "event_count": 1,
        "flaps": 0,
        "resolves_at": None,
        **_news(event, now),
    }
    draft.entries.append((TimelineKind.TRIGGERED, f"Triggered by {sender}: {event.summary}"))
    return draft


def reopen(
    draft: AlertDraft, event: Event, policy_id: int, sender: str, rule: UrgencyRule, since: datetime, now: datetime
) -> None:
    """A trigger soon after the alert was resolved, at `since`: it pages again from the first step."""
    urgency, rises_at = rule.at_trigger(event.severity, now)
    draft.status = after(draft.status, AlertAction.REOPEN)
    draft.event_count, draft.severity, draft.summary = draft.event_count + 1, event.severity, event.summary
    draft.was_reopened = True
    draft.columns = {
        **dict.fromkeys(LEFT_BEHIND),
        "status": draft.status,
        "policy_id": policy_id,
        "step": 0,
        "round": 0,
        "round_reached": False,
        "acknowledgements_needed": 1,
        "reopened_at": now,
        "first_acknowledged_at": draft.first_acknowledged_at,
        "next_step_at": now,
        "urgency": urgency,
        "urgency_rises_at": rises_at,
        "event_count": draft.event_count,
        "flaps": 0,
        **_news(event, now),
    }
    text = f"Re-opened by {sender}, {spell(now - since)} after it was resolved: {event.summary}"
    draft.entries.append((TimelineKind.TRIGGERED, text))


LEFT_BEHIND = (
    *("resolved_at", "resolved_by_id", "acknowledged_at", "acknowledged_by_id", "snoozed_until"),
    *("held_by_id", "maintenance_id", "resolves_at"),
)
"""Columns of what was done to an alert before it was re-opened."""


def fold(draft: AlertDraft, event: Event, sender: str, rule: UrgencyRule, now: datetime) -> None:
    """Apply a later event to an open alert."""
    if event.action is EventAction.TRIGGER:
        _repeat(draft, event, sender, rule, now)
    elif event.action is EventAction.RESOLVE:
        draft.status = after(draft.status, AlertAction.RESOLVE)
        draft.columns |= {"status": draft.status, "resolved_at": now, "next_step_at": None, "last_event_at": now}
        draft.columns["snoozed_until"] = None
        draft.entries.append((TimelineKind.RESOLVED, f"Resolved by {_saying(sender, event)}"))
    elif event.action is EventAction.NOTE or draft.status is AlertStatus.ACKNOWLEDGED:
        draft.columns["last_event_at"] = now
        if event.note:
            draft.entries.append((TimelineKind.EVENT, f"From {_saying(sender, event)}"))
    else:
        draft.status = after(draft.status, AlertAction.ACKNOWLEDGE)
        draft.columns |= {"status": draft.status, "acknowledged_at": now, "next_step_at": None, "last_event_at": now}
        draft.entries.append((TimelineKind.ACKNOWLEDGED, f"Acknowledged by {_saying(sender, event)}"))


def _saying(sender: str, event: Event) -> str:
    return f"{sender}: {event.note}" if event.note else sender


def heed_flapping(draft: AlertDraft, flap: Flap, now: datetime) -> None:
    """Say that an alert which has just been opened is flapping, and let it be paged when such a one is."""
    draft.flaps = draft.columns["flaps"] = flap.times
    draft.entries.insert(1, (TimelineKind.NOT_PAGED if flap.first_step_at > now else TimelineKind.EVENT, flap.text))
    if draft.status is AlertStatus.TRIGGERED:
        draft.columns["next_step_at"] = flap.first_step_at


def _repeat(draft: AlertDraft, event: Event, sender: str, rule: UrgencyRule, now: datetime) -> None:
    is_news = event.summary != draft.summary or event.severity is not draft.severity
    if is_news and draft.members is None:
        draft.entries.append((TimelineKind.EVENT, f"{event.severity.capitalize()} from {sender}: {event.summary}"))
    may_be_held_back = draft.step == 0 and draft.status is AlertStatus.TRIGGERED
    if may_be_held_back and event.severity.rank() < draft.severity.rank():
        _look_again(draft, now)
    urgency = rule.at_repeat(event.severity)
    draft.has_become_urgent |= (rule.at_repeat(draft.severity), urgency) == (Urgency.LOW, Urgency.HIGH)
    draft.event_count += 1
    draft.severity, draft.summary = event.severity, event.summary
    draft.columns |= {"event_count": draft.event_count, **_news(event, now)}
    if urgency is not None:
        draft.columns["urgency"] = urgency


def _look_again(draft: AlertDraft, now: datetime) -> None:
    """What is worse than before is not held back by flapping, and in maintenance it may count among the critical."""
    if draft.flaps and draft.maintenance_id is None:
        draft.entries.append((TimelineKind.EVENT, "Flapping, and worse than before: paging now"))
    if draft.flaps or draft.maintenance_id is not None:
        draft.columns["next_step_at"] = now


def _news(event: Event, now: datetime) -> dict[str, Any]:
    return {
        "summary": event.summary,
        "source": event.source,
        "severity": event.severity,
        "details": event.details,
        "links": event.links,
        "labels": event.labels,
        "last_event_at": now,
    }

"""Pure: several problems in one alert, as a service's grouping has it: which are together, and what each event does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from oncall.alerts.event import Event, EventAction
from oncall.alerts.grouping import AlertDraft, Member
from oncall.alerts.urgency import UrgencyRule
from oncall.models.alert import Severity, TimelineKind

MOST_TOLD = 30
"""Members that the timeline tells of; the alert's list has them all."""
PREFIX = "together:"


@dataclass(frozen=True, slots=True)
class GroupingRule:
    """Of a service: those with the same texts in these `labels` are one alert; or those that trigger `within` so long
    of the first.
    """

    labels: tuple[str, ...] = ()
    within: timedelta | None = None
    is_off: bool = False
    """It was turned off while alerts of several problems are open: they are led to, and no others are made."""


def grouping_rule_of(stored: Mapping[str, Any] | None) -> GroupingRule | None:
    """From a service's column."""
    if stored is None:
        return None
    seconds = stored.get("within_seconds")
    return GroupingRule(tuple(stored.get("labels", ())), None if seconds is None else timedelta(seconds=seconds))


def by_labels(rule: GroupingRule, event: Event) -> str:
    """The dedup key of the alert to which an event belongs by its labels."""
    return PREFIX + "&".join(f"{name}={event.labels.get(name, '')}" for name in rule.labels)


def joins(draft: AlertDraft, event: Event, now: datetime) -> bool:
    """Take the event of a member into its alert's list. Whether it goes on to the alert itself."""
    if event.member is None:
        return True
    members = draft.members = {} if draft.members is None else draft.members
    key = event.member.dedup_key
    if event.action is EventAction.TRIGGER:
        if key not in members and members:
            _tell_joined(draft, event, len(members) + 1)
        before = members.get(key)
        first_at, count = (before.first_at, before.event_count) if before else (now, 0)
        members[key] = Member(event.summary, event.severity, count + 1, first_at, now)
    elif event.action is EventAction.RESOLVE and key in members:
        members[key] = members[key].resolved(now)
        left = sum(member.resolved_at is None for member in members.values())
        draft.columns["last_event_at"] = now
        if left and len(members) <= MOST_TOLD:
            text = f"Over: {members[key].summary} ({left} of {len(members)} still open)"
            draft.entries.append((TimelineKind.EVENT, text))
        draft.changed_members.add(key)
        return not left
    draft.changed_members.add(key)
    return True


def worst(draft: AlertDraft, event: Event) -> Severity:
    """As severe as the gravest of its members that are open."""
    return _gravest([event.severity, *_open_severities(draft)])


def ease(draft: AlertDraft, event: Event, rule: UrgencyRule) -> None:
    """After one of several is over: an alert that was as grave as that one is as grave as the worst of what is left."""
    over = (draft.members or {}).get(event.member.dedup_key if event.member else "")
    left = _gravest(_open_severities(draft))
    if over is None or over.severity is not draft.severity or left is draft.severity:
        return
    draft.severity = draft.columns["severity"] = left
    draft.entries.append((TimelineKind.EVENT, f"{left.capitalize()} is the worst of what is left"))
    urgency = rule.at_repeat(left)
    if urgency is not None:
        draft.columns["urgency"] = urgency


def _open_severities(draft: AlertDraft) -> list[Severity]:
    return [each.severity for each in (draft.members or {}).values() if each.resolved_at is None]


def _gravest(severities: Sequence[Severity]) -> Severity:
    return min(severities, key=Severity.rank)


def _tell_joined(draft: AlertDraft, event: Event, count: int) -> None:
    if count <= MOST_TOLD:
        draft.entries.append((TimelineKind.EVENT, f"Joined by: {event.summary} ({count} problems)"))
    elif count == MOST_TOLD + 1:
        draft.entries.append((TimelineKind.EVENT, "More have joined: the list of problems has them all"))

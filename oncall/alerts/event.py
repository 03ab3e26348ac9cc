"""Event: one incoming message, whatever tool sent it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from oncall.models.alert import Severity

SUMMARY_MAX = 1024
DEDUP_KEY_MAX = 512
NOTE_MAX = 1000


class EventAction(StrEnum):
    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    NOTE = "note"
    """Goes to the timeline of the open alert; where none is open, nowhere."""


@dataclass(frozen=True, slots=True)
class Event:
    """One incoming message. Events with the same dedup key on a service meet in one open alert."""

    action: EventAction
    dedup_key: str
    summary: str = ""
    severity: Severity = Severity.ERROR
    source: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    """`[{"href": …, "text": …}]`"""
    note: str = ""
    """What is said with an acknowledgement or a resolve, for the timeline; all that a note says."""
    labels: dict[str, str] = field(default_factory=dict)
    """What the tool sorts its alerts by, such as cluster and environment. Made by `reading.labels_of`."""
    member: "Event | None" = None
    """The event as it came, where its service's grouping has led it to an alert of several problems."""

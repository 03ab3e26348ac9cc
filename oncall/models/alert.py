"""Alerts, and the timeline that tells the story of each."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import defer
from sqlmodel import Field, col

from oncall.db.column_types import UtcDateTime
from oncall.lifecycle.alert import AlertStatus
from oncall.models.base import (
    Table,
    enum_column,
    json_column,
    key_column,
    log_key_column,
    maybe_json_column,
    maybe_time_column,
    time_column,
)
from oncall.models.person import Urgency


class Severity(StrEnum):
    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    def rank(self) -> int:
        """0 is the gravest."""
        return list(Severity).index(self)


OPEN = text("status <> 'resolved'")
"""Said with a literal, or neither database would see that a partial index serves."""
AWAITED = text("next_step_at IS NOT NULL")
ENDED = text("resolved_at IS NOT NULL")
FOLDED = text("held_by_id IS NOT NULL")
LIMITED = text("status <> 'resolved' AND resolves_at IS NOT NULL")
IN_MAINTENANCE = text("maintenance_id IS NOT NULL")


class Alert(Table, table=True):
    """One open problem on a service. `id` is the number that people type: `ack 12`."""

    __tablename__ = "alerts"
    __table_args__ = (
        # Events with the same dedup key meet here; also the guard when two processes open it at once.
        Index(
            "uq_alerts_open_dedup_key", "dedup_key", "service_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        ),
        # The engine's question at every pass: what is due?
        Index(
            "ix_alerts_due",
            "next_step_at",
            sqlite_where=AWAITED,
            postgresql_where=AWAITED,
        ),
        # And in a storm: which alert of each service has waited longest?
        Index(None, "service_id", "next_step_at", sqlite_where=AWAITED, postgresql_where=AWAITED),
        # At every tick: which are resolved by themselves?
        Index("ix_alerts_resolves_at", "resolves_at", sqlite_where=LIMITED, postgresql_where=LIMITED),
        # Lists of open alerts, newest first. (By number: alerts are numbered as they trigger.)
        Index("ix_alerts_newest_open", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        # Is a key that triggers again flapping?
        Index(
            "ix_alerts_resolved_lately",
            "dedup_key",
            "resolved_at",
            sqlite_where=ENDED,
            postgresql_where=ENDED,
        ),
        # Its dependents; at every tick: which of them are over, and wait no longer?
        Index("ix_alerts_held_by_id", "held_by_id", "status", sqlite_where=FOLDED, postgresql_where=FOLDED),
        # What a window has kept from paging.
        Index(
            "ix_alerts_maintenance_id",
            "maintenance_id",
            sqlite_where=IN_MAINTENANCE,
            postgresql_where=IN_MAINTENANCE,
        ),
        # Reports of a window of time read nothing but this. Which numbers belong to a window?
        Index(
            "ix_alerts_reported",
            *("service_id", "triggered_at", "first_acknowledged_at", "acknowledged_at", "resolved_at"),
        ),
        Index(None, "service_id", "id"),  # alerts of one service, newest first
    )

    id: int | None = key_column()
    service_id: int = Field(foreign_key="services.id")
    dedup_key: str = Field(max_length=512)
    status: AlertStatus = enum_column(AlertStatus, AlertStatus.TRIGGERED)
    summary: str = Field(max_length=1024)
    source: str = Field(default="", max_length=300)
    severity: Severity = enum_column(Severity)
    urgency: Urgency = enum_column(Urgency)
    details: dict[str, Any] = json_column(dict)
    links: list[dict[str, str]] = json_column(list)
    added: dict[str, Any] | None = maybe_json_column()
    """What its sender's tools added later, `{"tags": […], "details": {…}, "responders": […]}`: the next event of the
    same key brings details anew, and these stay."""
    labels: dict[str, str] = json_column(dict, stored_default="{}")
    event_count: int = 1
    triggered_at: datetime = time_column()
    last_event_at: datetime = time_column()
    acknowledged_at: datetime | None = maybe_time_column()
    acknowledged_by_id: int | None = Field(default=None, foreign_key="users.id")
    first_acknowledged_at: datetime | None = maybe_time_column()
    """When it was first acknowledged, where `acknowledged_at` has been another time since, or none."""
    snoozed_until: datetime | None = maybe_time_column()
    resolved_at: datetime | None = maybe_time_column()
    resolved_by_id: int | None = Field(default=None, foreign_key="users.id")
    deleted_at: datetime | None = maybe_time_column()
    """When its sender deleted it: it is kept for people, and shown to senders no more."""
    reopened_at: datetime | None = maybe_time_column()
    """When it triggered once more after it had been resolved, the last time."""
    resolves_at: datetime | None = maybe_time_column()
    """When it is resolved by itself, unless another event comes before."""

    held_by_id: int | None = Field(default=None, foreign_key="alerts.id", ondelete="SET NULL")
    """The alert of a service that this one's depends on, into which it was folded when it triggered."""
    maintenance_id: int | None = Field(default=None, foreign_key="maintenance_windows.id", ondelete="SET NULL")
    """The window in which it triggered, and by which it was not paged at once."""
    flaps: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often its dedup key had triggered within minutes, where that was too often; else 0."""
    policy_id: int = Field(foreign_key="escalation_policies.id")
    """The escalation policy as it was when this triggered, or was given to it: its rows never change."""
    step: int = 0
    """The step that runs next, 0-based."""
    round: int = 0
    """How often all steps have been run."""
    round_reached: bool = False
    """Whether anybody could be paged in this round."""
    acknowledgements_needed: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """By how many people, as the step that ran last wants it."""
    urgency_rises_at: datetime | None = maybe_time_column()
    """When the service's support hours begin, for one that triggered outside of them and can wait until then."""
    next_step_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the engine looks at it again: the next step, `urgency_rises_at`, the end of a snooze, or of the time to
    resolve it. None: nothing is due."""


WITHOUT_DETAILS = tuple(defer(getattr(Alert, name)) for name in ("details", "links", "added", "labels"))
"""For those who only page: much of what a tool sends is long, and none of it is in a page."""
SERVICE_WITHOUT_INDEX = col(Alert.service_id) + 0
"""The service of an alert, for conditions on open ones. As it is, SQLite, which knows no figures of a table, would go
through all alerts of a service by its index, and not the few that are open."""


class AlertMember(Table, table=True):
    """One of several problems in an alert, where the service's grouping makes one alert of them."""

    __tablename__ = "alert_members"
    __table_args__ = (Index(None, "dedup_key"),)  # an event comes: which alert has it?

    alert_id: int = Field(foreign_key="alerts.id", primary_key=True, ondelete="CASCADE")
    dedup_key: str = Field(primary_key=True, max_length=512)
    summary: str = Field(max_length=1024)
    severity: Severity = enum_column(Severity)
    event_count: int
    first_at: datetime = time_column()
    last_at: datetime = time_column()
    resolved_at: datetime | None = maybe_time_column()


class Acknowledgement(Table, table=True):
    """One of several that an alert needs. Gone when it pages again from the first step."""

    __tablename__ = "acknowledgements"

    alert_id: int = Field(foreign_key="alerts.id", primary_key=True, ondelete="CASCADE")
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    at: datetime = time_column()


class TimelineKind(StrEnum):
    TRIGGERED = "triggered"
    EVENT = "event"
    PAGED = "paged"
    NOT_PAGED = "not_paged"
    DELIVERY = "delivery"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    NOTE = "note"


class TimelineEntry(Table, table=True):
    """One line of an alert's story, written when it happened and never changed."""

    __tablename__ = "timeline_entries"
    __table_args__ = (Index(None, "alert_id", "id"),)  # the timeline of one alert, in order

    id: int | None = log_key_column()
    alert_id: int = Field(foreign_key="alerts.id", ondelete="CASCADE")
    at: datetime = time_column()
    kind: TimelineKind = enum_column(TimelineKind)
    text: str
    user_id: int | None = Field(default=None, foreign_key="users.id")
    """Who did it, or who was paged."""

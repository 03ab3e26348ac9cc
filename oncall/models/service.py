"""Services, the keys that reach them, and the policies that say who is paged."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, false, text, true
from sqlmodel import Field, col

from oncall.db.column_types import EnumText
from oncall.models.alert import Severity
from oncall.models.base import (
    Table,
    enum_column,
    json_column,
    key_column,
    maybe_json_column,
    maybe_time_column,
    time_column,
)

IN_FORCE = text("replaced_at IS NULL")
"""Said with a literal, or neither database would see that the partial index serves."""


class EscalationPolicy(Table, table=True):
    """Ordered steps. A row never changes: an edit makes a new one, which takes the name and the services over.

    An alert keeps the row that it triggered under, so that no edit re-aims a page in flight.
    """

    __tablename__ = "escalation_policies"
    __table_args__ = (
        Index("uq_escalation_policies_name", "name", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
    )

    id: int | None = key_column()
    name: str = Field(max_length=100)
    repeat: int = 0
    """How often the steps are run again after the first time."""
    fallback: str | None = Field(default=None, max_length=200)
    steps: list[dict[str, Any]] = json_column(list)
    """`[{"page": ["schedule:dev/L1", "user:bob", "team:ops", "team:ops/#warroom"], "wait_seconds": 300}, …]`, and where
    they are not 1 and false `"acknowledgements": 2` and `"round_robin": true`."""
    acknowledge_timeout_seconds: int | None = None
    """How long somebody who has acknowledged may take to resolve before it pages again; None: for ever."""
    replaced_at: datetime | None = maybe_time_column()


class RoundRobinTurn(Table, table=True):
    """When a person last had their turn at a round-robin step: whoever has waited longest is next.

    Read and written under a lock of the policy's row, so that several processes give nobody two turns.
    """

    __tablename__ = "round_robin_turns"

    policy_id: int = Field(foreign_key="escalation_policies.id", primary_key=True)
    step: int = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id", primary_key=True)
    number: int
    """Of the turn: they count up from 1 at each step."""


class ServiceUrgency(StrEnum):
    """How urgent a service's alerts are: as severe as they say, or always the one or the other."""

    SEVERITY = "severity"
    HIGH = "high"
    LOW = "low"


class Service(Table, table=True):
    __tablename__ = "services"

    id: int | None = key_column()
    name: str = Field(max_length=100, unique=True)
    description: str = Field(default="", max_length=1000)
    team_id: int | None = Field(default=None, foreign_key="teams.id")
    escalation_policy_id: int = Field(foreign_key="escalation_policies.id")
    urgency: ServiceUrgency = enum_column(ServiceUrgency, ServiceUrgency.SEVERITY, stored_default="severity")
    support_hours: dict[str, str] | None = maybe_json_column()
    """`{"hours": "Mon-Fri 09:00-17:00", "timezone": "Europe/Paris", "during": "high", "outside": "low"}`; decides the
    urgency in place of `urgency`."""
    flapping: dict[str, int] | None = maybe_json_column()
    """`{"times": 4, "within_seconds": 600, "stays_seconds": 300}` (see `alerts.flapping`); None: those, as usual."""
    last_change_at: datetime | None = maybe_time_column()
    """Of its newest change event, so that pages need not ask for any where there is none."""
    grouping: dict[str, Any] | None = maybe_json_column()
    """`{"labels": ["cluster"]}` or `{"within_seconds": 300}` (see `alerts.together`); None: by dedup key."""
    auto_resolve_seconds: int | None = None
    """So long after its last event an alert is resolved by itself; None: never."""
    reopen_within_seconds: int | None = None
    """So long after it was resolved a trigger with its dedup key re-opens an alert; None: it opens another."""
    deleted_at: datetime | None = maybe_time_column()
    """The row stays, as its alerts and past days do; it is nowhere to choose, nor to set up."""


IN_USE = col(Service.deleted_at).is_(None)


class ServiceDependency(Table, table=True):
    """A service that needs another: while that one is down, alerts of this one are folded into the other's."""

    __tablename__ = "service_dependencies"

    service_id: int = Field(primary_key=True, foreign_key="services.id", ondelete="CASCADE")
    depends_on_id: int = Field(primary_key=True, foreign_key="services.id", ondelete="CASCADE")


class IntegrationKey(Table, table=True):
    """The secret address into a service for one tool. Kept as it is, since its page shows the URL to paste."""

    __tablename__ = "integration_keys"
    __table_args__ = (UniqueConstraint("service_id", "name"),)

    id: int | None = key_column()
    service_id: int = Field(foreign_key="services.id", ondelete="CASCADE")
    name: str = Field(max_length=100)
    tool: str = Field(max_length=40)
    key: str = Field(max_length=100, unique=True)
    options: dict[str, str] = json_column(dict)
    team_id: int | None = Field(default=None, foreign_key="teams.id", ondelete="CASCADE")
    """Whose key it is, where rules choose the service; `service_id` is where events go that no rule sends elsewhere."""
    rules: list[dict[str, Any]] = json_column(list, stored_default="[]")
    """In order, in the form of the config file (see `alerts.routing`)."""
    created_at: datetime = time_column()
    revoked_at: datetime | None = maybe_time_column()


class Heartbeat(Table, table=True):
    """An expected ping. Late by more than the grace: an alert on the service; the next ping resolves it."""

    __tablename__ = "heartbeats"
    __table_args__ = (Index(None, "due_at"),)  # the engine's question: which are late?

    id: int | None = key_column()
    name: str = Field(max_length=100, unique=True)
    description: str = Field(default="", sa_column_kwargs={"server_default": ""})
    service_id: int = Field(foreign_key="services.id", ondelete="CASCADE")
    enabled: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Its pings are taken all the same; their absence raises nothing."""
    every_seconds: int
    grace_seconds: int = 0
    key: str = Field(max_length=100, unique=True)
    alert_summary: str | None = Field(default=None, max_length=1024)
    """What the alert says, in place of our own words."""
    alert_severity: Severity | None = Field(default=None, sa_type=EnumText(Severity), nullable=True)
    """None: critical."""
    alert_tags: list[str] | None = maybe_json_column()
    as_written: dict[str, str] | None = maybe_json_column()
    """How Opsgenie's API was told what we keep in other words: `{"intervalUnit": "hours", "alertPriority": "P2"}`."""
    started_at: datetime | None = maybe_time_column()
    """When the run began that has not ended yet."""
    last_ping_at: datetime | None = maybe_time_column()
    """When it last ended, well or not."""
    last_run_seconds: float | None = None
    """How long the last run took that said when it began."""
    last_output: str | None = None
    """The end of what came with the last signal."""
    has_failed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the last signal said so."""
    down_since: datetime | None = maybe_time_column()
    """Since when it has been late or failing; an alert was raised then."""
    due_at: datetime | None = maybe_time_column()
    """When silence raises the alert; None before the first signal, while it is late, and while it is not enabled."""

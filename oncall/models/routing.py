"""What rules of routing have done: how often each matched, and the last events that it suppressed."""

from datetime import datetime

from sqlmodel import Field

from oncall.db.column_types import UtcDateTime
from oncall.models.alert import Severity
from oncall.models.base import Table, enum_column, json_column, time_column


class RuleCount(Table, table=True):
    """Of a rule, by its name on its key."""

    __tablename__ = "rule_counts"

    key_id: int = Field(primary_key=True, foreign_key="integration_keys.id", ondelete="CASCADE")
    rule: str = Field(primary_key=True, max_length=100)
    count: int
    last_at: datetime = Field(sa_type=UtcDateTime)


class SuppressedEvent(Table, table=True):
    """One of the last that a rule suppressed. A later one takes its slot, so that a storm can't fill the disk."""

    __tablename__ = "suppressed_events"

    key_id: int = Field(primary_key=True, foreign_key="integration_keys.id", ondelete="CASCADE")
    rule: str = Field(primary_key=True, max_length=100)
    slot: int = Field(primary_key=True)
    at: datetime = time_column()
    dedup_key: str = Field(max_length=512)
    summary: str = Field(max_length=1024)
    source: str = Field(default="", max_length=300)
    severity: Severity = enum_column(Severity)
    labels: dict[str, str] = json_column(dict)

"""Canaries: messages that nobody need answer, sent on a schedule to find out whether a way of paging works."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from oncall.models.base import Table, key_column, maybe_time_column, time_column


class Canary(Table, table=True):
    """One address of ONCALL_CANARY_TO. What became of each message is in its deliveries."""

    __tablename__ = "canaries"
    __table_args__ = (UniqueConstraint("kind", "address"),)

    id: int | None = key_column()
    kind: str = Field(max_length=20)
    address: str = Field(max_length=320)
    due_at: datetime = time_column()
    """Of versions that know no `CanaryAccount`: when their next one goes."""
    failing_since: datetime | None = maybe_time_column()
    """Of the same versions: while their alert is open."""


class CanaryAccount(Table, table=True):
    """An account that is tried by messages to the canary's address; a kind without accounts is its own."""

    __tablename__ = "canary_accounts"

    canary_id: int = Field(primary_key=True, foreign_key="canaries.id", ondelete="CASCADE")
    account: str = Field(primary_key=True, max_length=40)
    due_at: datetime = time_column()
    """When the next one goes."""
    failing_since: datetime | None = maybe_time_column()
    """While its alert is open."""

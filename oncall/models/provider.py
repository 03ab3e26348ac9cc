"""Accounts at providers: how each fares, and how far its texts have been read. Shared by all processes."""

from datetime import datetime

from sqlmodel import Field

from oncall.models.base import Table, maybe_time_column, time_column


class ProviderHealth(Table, table=True):
    """How an account fares at sending one kind of message. No row: it has not been used yet."""

    __tablename__ = "provider_health"

    provider: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    failures: int = 0
    """In a row."""
    failing_since: datetime | None = maybe_time_column()
    paused_until: datetime | None = maybe_time_column()
    """Others come before it until then; after it, one message tries whether it works again."""
    last_success_at: datetime | None = maybe_time_column()
    """To the minute."""
    last_failure: str = Field(default="", max_length=500)


class ReplyInbox(Table, table=True):
    """How far the texts to an account's number have been read, where nothing can be posted to us."""

    __tablename__ = "reply_inboxes"

    provider: str = Field(primary_key=True, max_length=40)
    read_until: datetime = time_column()
    polled_at: datetime = time_column()

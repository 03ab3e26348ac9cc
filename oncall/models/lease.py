"""What only one process of an installation does at a time."""

from datetime import datetime

from sqlmodel import Field

from oncall.models.base import Table, maybe_time_column, time_column


class Lease(Table, table=True):
    """Held by one process until it says otherwise or a moment passes; then another may take it."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True, max_length=40)
    """What it is of: "irc"."""
    holder: str = Field(max_length=40)
    until: datetime = time_column()
    worked_at: datetime | None = maybe_time_column()
    """When a holder last said that it can do its work (it is connected)."""

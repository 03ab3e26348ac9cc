"""Who changed what of the set-up."""

from datetime import datetime

from sqlmodel import Field

from oncall.models.base import Table, key_column, time_column


class AuditEntry(Table, table=True):
    """One row that somebody made, changed or removed, in the transaction in which it happened. Never changed."""

    __tablename__ = "audit_entries"

    id: int | None = key_column()
    at: datetime = time_column()
    by_id: int | None = Field(default=None, foreign_key="users.id")
    """None: whoever ran a command on the database, or was refused at the login."""
    via: str = Field(max_length=40)
    """ "on the web", "by API", "on the command line", "at the login"."""
    what: str
    """Such as "person vera: role viewer → user"."""

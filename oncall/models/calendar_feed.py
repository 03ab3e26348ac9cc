"""Calendar links: who asked for one, and whose shifts it shows."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from oncall.models.base import Table, key_column, maybe_time_column, time_column


class CalendarFeed(Table, table=True):
    """A subscription address. Its token is signed, not stored.

    It shows the shifts of a team's schedules, of a schedule, of one level of it, or, when none of them is named, its
    owner's own.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (Index(None, "owner_id"),)  # my calendar links

    id: int | None = key_column()
    owner_id: int = Field(foreign_key="users.id")
    """Who asked for the link."""
    team_id: int | None = Field(default=None, foreign_key="teams.id", ondelete="CASCADE")
    schedule_id: int | None = Field(default=None, foreign_key="schedules.id", ondelete="CASCADE")
    level: str | None = Field(default=None, max_length=60)
    created_at: datetime = time_column()
    revoked_at: datetime | None = maybe_time_column()

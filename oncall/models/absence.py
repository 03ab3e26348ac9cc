"""Absences: time a person can't be on call, typed in or read from a calendar of theirs."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from oncall.models.base import Table, key_column, maybe_time_column, time_column


class AbsenceCalendar(Table, table=True):
    """An iCal address that the engine fetches. What was read from it is kept until it can be read again."""

    __tablename__ = "absence_calendars"
    __table_args__ = (Index(None, "fetch_at"),)  # the engine's question: which are due?

    id: int | None = key_column()
    user_id: int = Field(foreign_key="users.id", index=True)
    url: str = Field(max_length=2000)
    """Secret, as such addresses are: shown only to its owner, never logged."""
    shortest_hours: int = 0
    """What is shorter is no absence, such as a meeting; 0 is that everything counts."""
    etag: str = Field(default="", max_length=300)
    last_modified: str = Field(default="", max_length=100)
    fetch_at: datetime = time_column()
    """When it is fetched next."""
    read_at: datetime | None = maybe_time_column()
    """When it was last read well."""
    error: str = Field(default="", max_length=500)
    """Why the last attempt failed, as a sentence; empty when it did not."""


class Absence(Table, table=True):
    __tablename__ = "absences"
    __table_args__ = (Index(None, "user_id", "ends_at"),)  # of a person, those that still matter

    id: int | None = key_column()
    user_id: int = Field(foreign_key="users.id")
    starts_at: datetime = time_column()
    ends_at: datetime = time_column()
    reason: str = Field(default="", max_length=200)
    """Shown to the person and to managers only."""
    calendar_id: int | None = Field(default=None, foreign_key="absence_calendars.id", ondelete="CASCADE")
    """The calendar it was read from; None when it was typed in."""
    created_at: datetime = time_column()

"""Maintenance: windows in which a service's alerts, or those of all of a team's services, do not page."""

from datetime import datetime

from sqlmodel import Field

from oncall.models.base import Table, key_column, time_column


class MaintenanceWindow(Table, table=True):
    """Of a service or of a team. Kept when it is over: what it was for stands beside the alerts that it held."""

    __tablename__ = "maintenance_windows"

    id: int | None = key_column()
    name: str = Field(max_length=100, unique=True)
    service_id: int | None = Field(default=None, foreign_key="services.id", ondelete="CASCADE", index=True)
    team_id: int | None = Field(default=None, foreign_key="teams.id", ondelete="CASCADE", index=True)
    reason: str = Field(default="", max_length=300)
    start: str = Field(max_length=32)
    """As it was planned, wall clock in the zone: `2026-12-06T02:00`."""
    end: str = Field(max_length=32)
    timezone: str = Field(max_length=64)
    repeats: str | None = Field(default=None, max_length=200)
    """A rule of RFC 5545; None: it comes once."""
    pages_critical: bool = False
    """Alerts of the severity critical page all the same."""
    starts_at: datetime = time_column()
    """Of the occurrence that is on, or comes next, or was the last; it may have been ended early or extended."""
    ends_at: datetime = time_column(index=True)
    created_by_id: int | None = Field(default=None, foreign_key="users.id")
    created_at: datetime = time_column()

"""Alerts of the past, added up by rule and day."""

from datetime import datetime

from sqlmodel import Field

from oncall.models.base import Table, log_key_column, time_column


class NoiseCounted(Table, table=True):
    """One row: of [since, until), from midnight to midnight in UTC, all alerts that have settled are in PastNoise."""

    __tablename__ = "noise_counted"

    id: int = Field(default=1, primary_key=True)
    since: datetime = time_column()
    until: datetime = time_column()


class PastNoise(Table, table=True):
    """Alerts of one rule, on one day by UTC, that have settled: the day is when they triggered. A day may have several
    rows of one rule, as its alerts settle one after another.
    """

    __tablename__ = "past_noise"

    id: int | None = log_key_column()
    day: datetime = time_column(index=True)  # which belong to a window?
    service_id: int = Field(foreign_key="services.id")
    words: str = Field(max_length=1024)
    """Their summary without its digits, by which the rule is known."""
    alerts: int
    events: int
    acknowledged: int
    last_at: datetime = time_column()
    last_alert: int
    """The number of the newest."""


class UncountedAlert(Table, table=True):
    """One that had not settled when its day was counted: open for long, or resolved just then."""

    __tablename__ = "uncounted_alerts"

    alert_id: int = Field(foreign_key="alerts.id", primary_key=True, ondelete="CASCADE")

"""Alerts of the past, added up day by day for reports."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from oncall.models.base import Table, log_key_column, time_column


class DaysCounted(Table, table=True):
    """One row: of [since, until), from midnight to midnight in UTC, all alerts that have settled are in PastRule and in
    PastWaits.
    """

    __tablename__ = "days_counted"

    id: int = Field(default=1, primary_key=True)
    since: datetime = time_column()
    until: datetime = time_column()


class PastRule(Table, table=True):
    """Alerts of one rule, on one day by UTC, that have settled: the day is when they triggered. A day may have several
    rows of one rule, as its alerts settle one after another.
    """

    __tablename__ = "past_rules"

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


class PastWaits(Table, table=True):
    """The same alerts by service: three lists as JSON, of one length and in the order in which they triggered.

    Texts, since they are read by the hundred, and by the quickest reader that there is.
    """

    __tablename__ = "past_waits"

    id: int | None = log_key_column()
    day: datetime = time_column(index=True)  # which belong to a window?
    service_id: int = Field(foreign_key="services.id")
    triggered: str = Field(sa_type=sa.Text)
    """How many seconds of the day had passed."""
    acknowledged: str = Field(sa_type=sa.Text)
    """After how many seconds somebody first had it; null where nobody ever did."""
    resolved: str = Field(sa_type=sa.Text)
    """After how many seconds it was over."""


class AlertToCount(Table, table=True):
    """One that had not settled when its day was counted: open for long, or resolved just then."""

    __tablename__ = "alerts_to_count"

    alert_id: int = Field(foreign_key="alerts.id", primary_key=True, ondelete="CASCADE")

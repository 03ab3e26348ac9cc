"""Change events: what was deployed, switched or configured, to be seen beside the alerts that follow it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from oncall.models.base import Table, json_column, key_column, time_column

AUTHOR_MAX = 200
SOURCE_MAX = 300


class ChangeEvent(Table, table=True):
    """Something about a service that changed. It never pages."""

    __tablename__ = "change_events"
    __table_args__ = (Index(None, "service_id", "at"),)  # those before an alert; those too old to keep

    id: int | None = key_column()
    service_id: int = Field(foreign_key="services.id", ondelete="CASCADE")
    at: datetime = time_column()
    """When it changed, as far as the sender says; never later than `received_at`."""
    summary: str = Field(max_length=1024)
    author: str = Field(default="", max_length=AUTHOR_MAX)
    """Who changed it, if that was said."""
    source: str = Field(default="", max_length=SOURCE_MAX)
    """Where: the pipeline or host that told of it."""
    sender: str = Field(default="", max_length=AUTHOR_MAX)
    """The integration key by which it came, or the person who told us."""
    links: list[dict[str, str]] = json_column(list)
    details: dict[str, Any] = json_column(dict)
    received_at: datetime = time_column()

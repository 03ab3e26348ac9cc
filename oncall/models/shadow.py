"""People who follow along with whoever is on call, to learn."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field

from oncall.models.base import Table, enum_column, key_column, maybe_time_column, time_column


class ShadowKind(StrEnum):
    SHADOW = "shadow"
    """Sees every page of the level, and has nothing to do."""
    REVERSE = "reverse"
    """Is paged first; whoever is on the level is paged a little later."""


class ShadowShift(Table, table=True):
    """On call for a day beside somebody experienced. Never counts as coverage."""

    __tablename__ = "shadow_shifts"
    __table_args__ = (
        Index(None, "schedule_id", "ends_at"),  # those of a schedule that still matter
        Index(None, "user_id", "ends_at"),  # those of a person
    )

    id: int | None = key_column()
    schedule_id: int = Field(foreign_key="schedules.id", ondelete="CASCADE")
    level: str = Field(max_length=60)
    user_id: int = Field(foreign_key="users.id")
    kind: ShadowKind = enum_column(ShadowKind, ShadowKind.SHADOW)
    starts_at: datetime = time_column()
    ends_at: datetime = time_column()
    created_by_id: int | None = Field(default=None, foreign_key="users.id")
    created_at: datetime = time_column()
    called_off_at: datetime | None = maybe_time_column()
    """Of one that had begun: its end is then. One that had not begun is gone."""

"""What people change in a schedule by hand, on top of its rotations."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field

from oncall.models.base import Table, enum_column, key_column, maybe_time_column, time_column


class OverrideKind(StrEnum):
    REPLACE = "replace"
    """`user` comes on in place of `replaces`, or of everybody on the level."""
    ADD = "add"
    """`user` comes on beside whoever is."""
    REMOVE = "remove"
    """`replaces` goes off, or everybody does, and nobody comes on."""


class OverrideSource(StrEnum):
    """What it was made by; shifts show it."""

    OVERRIDE = "override"
    SWAP = "swap"
    TEMPORARY = "temporary"
    ROTATION = "rotation"
    """What was so by rotation in a turn that has been handed on since."""


class TemporarySchedule(Table, table=True):
    """A window planned by hand: whatever else was planned for it does not count. Its shifts are overrides."""

    __tablename__ = "temporary_schedules"
    __table_args__ = (Index(None, "schedule_id", "ends_at"),)  # those of a schedule that still matter

    id: int | None = key_column()
    schedule_id: int = Field(foreign_key="schedules.id", ondelete="CASCADE")
    note: str = Field(default="", max_length=200)
    starts_at: datetime = time_column()
    ends_at: datetime = time_column()
    created_by_id: int | None = Field(default=None, foreign_key="users.id")
    """None: by the command line."""
    created_at: datetime = time_column()
    ended_at: datetime | None = maybe_time_column()
    """When it was called off, if it was."""


class Override(Table, table=True):
    """Changes who is on a level for a while. In the order made: each changes what those before it have made."""

    __tablename__ = "overrides"
    __table_args__ = (
        Index(None, "schedule_id", "ends_at"),  # overrides of a schedule that still matter
        Index(None, "temporary_id"),  # the shifts of a temporary schedule
    )

    id: int | None = key_column()
    schedule_id: int = Field(foreign_key="schedules.id", ondelete="CASCADE")
    level: str = Field(max_length=60)
    kind: OverrideKind = enum_column(OverrideKind, OverrideKind.REPLACE)
    user_id: int | None = Field(default=None, foreign_key="users.id")
    """Who comes on; None for a removal."""
    replaces_id: int | None = Field(default=None, foreign_key="users.id")
    """Who goes off, and while they are not on the level nothing changes. None: everybody; for an addition nobody."""
    source: OverrideSource = enum_column(OverrideSource, OverrideSource.OVERRIDE)
    temporary_id: int | None = Field(default=None, foreign_key="temporary_schedules.id", ondelete="CASCADE")
    starts_at: datetime = time_column()
    ends_at: datetime = time_column()
    created_by_id: int | None = Field(default=None, foreign_key="users.id")
    created_at: datetime = time_column()
    is_history: bool = False
    """Taken out of the config file after it had been in force: it is not the file's any more, and stays."""

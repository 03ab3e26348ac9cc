"""Notices: what people are told that is not about an alert."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field

from oncall.models.base import Table, enum_column, key_column, time_column


class NoticeKind(StrEnum):
    SHIFT_AHEAD = "shift_ahead"
    SHIFT_START = "shift_start"
    SHIFT_END = "shift_end"
    SHIFTS_CHANGED = "shifts_changed"
    WEEKLY = "weekly"
    SWAP = "swap"
    PROBLEM = "problem"
    TEST = "test"


class Notice(Table, table=True):
    """Something said to one person. It is kept where no contact method of theirs can carry it: their page shows it."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "user_id", "id"),)  # a person's latest

    id: int | None = key_column()
    user_id: int = Field(foreign_key="users.id")
    kind: NoticeKind = enum_column(NoticeKind)
    text: str
    """Whole sentences. A text message may have to shorten them."""
    key: str | None = Field(default=None, max_length=300, unique=True)
    """What is told under the same key is told once, however many engines find it due, and however often."""
    created_at: datetime = time_column()

"""People: who they are, how they are reached, and in what order."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from oncall.models.base import Table, enum_column, json_column, key_column, maybe_time_column, time_column


class Role(StrEnum):
    ADMIN = "admin"
    USER = "user"
    VIEWER = "viewer"


class Urgency(StrEnum):
    HIGH = "high"
    LOW = "low"


class User(Table, table=True):
    """A person. Never deleted, only retired, so that timelines keep their names."""

    __tablename__ = "users"

    id: int | None = key_column()
    handle: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=320)
    timezone: str = Field(default="UTC", max_length=60)
    country: str | None = Field(default=None, max_length=10)
    """Whose public holidays are theirs: ISO 3166, `DE` or with a subdivision `DE-BY`."""
    role: Role = enum_column(Role, Role.USER)
    tags: list[str] = json_column(list)
    notice_ahead_hours: int = 24
    """How long before a shift they are told of it; 0 is never."""
    notice_start: bool = True
    """Whether they are told when a shift of theirs begins; and so on."""
    notice_end: bool = False
    notice_weekly: bool = False
    quiet_hours: str | None = Field(default=None, max_length=200)
    """When what can wait does not reach them: "22:00-07:00", "Mon-Fri 22:00-07:00, Sat, Sun" (`hours_text`)."""
    quiet_timezone: str | None = Field(default=None, max_length=60)
    """In which zone these are; None is their own."""
    password_hash: str | None = None
    created_at: datetime = time_column()
    retired_at: datetime | None = maybe_time_column()


class ContactMethod(Table, table=True):
    """An address of a person. It counts only once verified and while not disabled (a bad number, STOP)."""

    __tablename__ = "contact_methods"
    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        Index(None, "address", "kind"),  # whose number did this reply come from?
    )

    id: int | None = key_column()
    user_id: int = Field(foreign_key="users.id")
    name: str = Field(max_length=60)
    kind: str = Field(max_length=20)
    """A row of `notifiers.registry.KINDS`."""
    address: str = Field(max_length=320)
    """As its kind writes it: E.164 for SMS and voice."""
    verified_at: datetime | None = maybe_time_column()
    code: str | None = Field(default=None, max_length=12)
    """Sent to the address; typing it back verifies."""
    code_expires_at: datetime | None = maybe_time_column()
    code_tries: int = 0
    disabled_at: datetime | None = maybe_time_column()
    disabled_reason: str | None = Field(default=None, max_length=300)


class NotificationRule(Table, table=True):
    """For alerts of this urgency: this contact method, so long after the page."""

    __tablename__ = "notification_rules"
    __table_args__ = (Index(None, "user_id"),)  # a page needs all rules of one person

    id: int | None = key_column()
    user_id: int = Field(foreign_key="users.id")
    contact_method_id: int = Field(foreign_key="contact_methods.id", ondelete="CASCADE")
    urgency: Urgency = enum_column(Urgency)
    after_seconds: int = 0

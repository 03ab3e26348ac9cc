"""What lets somebody in: login sessions and API tokens, both stored as hashes."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from oncall.models.base import Table, key_column, maybe_time_column, time_column


class LoginSession(Table, table=True):
    __tablename__ = "login_sessions"

    token_hash: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(foreign_key="users.id", index=True)
    created_at: datetime = time_column()
    expires_at: datetime = time_column(index=True)


class LoginFailure(Table, table=True):
    """A wrong password, or one that is being checked; a handful in a few minutes locks name and address for a while."""

    __tablename__ = "login_failures"
    __table_args__ = (Index(None, "handle", "at"),)  # how many lately, from here or from anywhere?

    id: int | None = key_column()
    handle: str = Field(max_length=60)
    address: str = Field(max_length=60)
    """Where it came from, as the connection has it."""
    at: datetime = time_column()


class ApiToken(Table, table=True):
    __tablename__ = "api_tokens"

    id: int | None = key_column()
    user_id: int = Field(foreign_key="users.id", index=True)
    name: str = Field(max_length=100)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = time_column()
    revoked_at: datetime | None = maybe_time_column()

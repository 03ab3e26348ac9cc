"""The installation itself: its secret, what its schedules stand at, and the engines that are running."""

from datetime import datetime

from sqlmodel import Field

from oncall.models.base import Table, maybe_time_column, time_column


class Installation(Table, table=True):
    """One row."""

    __tablename__ = "installation"

    id: int = Field(default=1, primary_key=True)
    secret: str
    """Signs links and sessions when ONCALL_SECRET_KEY is not set."""
    revision: str
    """Changes with everything that can change who is on call or where a key leads: what processes keep in memory."""
    shared_revision: str = Field(default="", max_length=40)
    """Changes with what any schedule may depend on: people, teams, rotations and their members."""
    counted_revision: str = Field(default="", max_length=40)
    """The same as `revision`, unless code that knows nothing of `shared_revision` has made the last change."""
    published_revision: str = ""
    """The revision whose shifts calendars show; the engine publishes when it falls behind."""
    published_at: datetime | None = maybe_time_column()
    """When a shift that calendars show was last added, changed or taken away."""
    key_mark: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    """By which the secret key is known again that a process was last started with (`auth.secret_key`)."""
    key_changed_at: datetime | None = maybe_time_column()
    """When it was last another."""


class SchemaSupport(Table, table=True):
    """One row, written by migrations: during an upgrade code of an older version works on these tables too."""

    __tablename__ = "schema_support"

    id: int = Field(default=1, primary_key=True)
    oldest_revision: str = Field(max_length=32)
    """The oldest revision whose code works with the tables as they are."""


class EngineProcess(Table, table=True):
    """A running engine says here that it still makes its passes; readiness reads it."""

    __tablename__ = "engine_processes"

    id: str = Field(primary_key=True, max_length=40)
    host: str = Field(max_length=200)
    pid: int
    version: str = Field(max_length=40)
    started_at: datetime = time_column()
    last_pass_at: datetime | None = maybe_time_column()

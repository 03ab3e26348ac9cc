"""Columns that every table writes the same way, and how constraints are named."""

from typing import Any

from pydantic import ConfigDict
from sqlmodel import Field, SQLModel

from oncall.column_types import EnumText, Json, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class Table(SQLModel):
    """Rows are made by us and by the database, and checked where they come in: validators are built for nobody."""

    model_config = ConfigDict(defer_build=True)  # type: ignore[assignment]


def key_column() -> Any:
    """A primary key that is never used twice, so that `ack 12` can't come to mean another alert."""
    return Field(default=None, primary_key=True)


def time_column(*, index: bool = False) -> Any:
    return Field(sa_type=UtcDateTime, index=index)


def maybe_time_column() -> Any:
    return Field(default=None, sa_type=UtcDateTime)


def json_column(default: type[list[Any]] | type[dict[str, Any]], *, stored_default: str | None = None) -> Any:
    """`stored_default`: as in `enum_column`."""
    extra = {} if stored_default is None else {"server_default": stored_default}
    return Field(default_factory=default, sa_type=Json, nullable=False, sa_column_kwargs=extra)


def maybe_json_column() -> Any:
    return Field(default=None, sa_type=Json, nullable=True)


def enum_column(kind: type, default: Any = ..., *, stored_default: str | None = None) -> Any:
    """`stored_default`: what the database puts in when an older version of ours, which knows no such column, writes."""
    extra = {} if stored_default is None else {"server_default": stored_default}
    return Field(default=default, sa_type=EnumText(kind), nullable=False, sa_column_kwargs=extra)

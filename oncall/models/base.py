"""Columns that every table writes the same way, and how constraints are named."""

from typing import Any

import sqlalchemy as sa
from pydantic import ConfigDict
from sqlalchemy import event
from sqlmodel import Field, SQLModel

from oncall.db.column_types import EnumText, Json, UtcDateTime

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


NEVER_AGAIN = "never_again"


def key_column() -> Any:
    """A number that is never given out twice, so that `ack 12`, or a link to override 12, can't come to mean another.

    PostgreSQL's sequences do so by themselves; SQLite gives the highest one again once its row is deleted, unless the
    table is AUTOINCREMENT.
    """
    return Field(default=None, primary_key=True, sa_column_kwargs={"info": {NEVER_AGAIN: True}})


def log_key_column() -> Any:
    """Of what grows with every event, which nobody asks for by its number alone, and is deleted from its old end, so
    that the highest number stays as long as there is any.

    AUTOINCREMENT would cost each insert another write, and a table that is large already would have to be copied.
    """
    return Field(default=None, primary_key=True)


@event.listens_for(sa.Table, "after_parent_attach")
def _never_again(table: sa.Table, metadata: sa.MetaData) -> None:
    if metadata is SQLModel.metadata and any(column.info.get(NEVER_AGAIN) for column in table.primary_key):
        table.dialect_kwargs["sqlite_autoincrement"] = True


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

"""Alembic runs this for each command. `oncall/schema/migrate.py` hands it a connection; the bare `alembic` does not."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlmodel import AutoString, SQLModel

import oncall.models  # noqa: F401  (the tables register themselves)
from oncall.db.column_types import EnumText, UtcDateTime
from oncall.schema import migrate
from oncall.settings import load_settings


def render_item(kind: str, item: Any, rendering: Any) -> str | bool:
    """Migrations name plain column types: they stay as they were written when our types change."""
    if kind != "type":
        return False
    if isinstance(item, sa.JSON):
        rendering.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, EnumText):
        return f"sa.String({item.impl.length})"
    if isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


def number_revision(migration_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Revisions count up, 0001, 0002, …: two branches that take the same number fail in the tests."""
    if directives:
        directives[0].rev_id = f"{int(migration_context.get_current_revision() or 0) + 1:04}"


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "table" or name not in migrate.LEFT


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_name=include_name,
        render_as_batch=True,  # SQLite can't alter a table; alembic rebuilds it
        transaction_per_migration=True,
        render_item=render_item,
        process_revision_directives=number_revision,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with migrate.turn(load_settings()) as connection:
        run(connection)

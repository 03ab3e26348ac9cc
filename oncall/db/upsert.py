"""Rows that may be there already. ON CONFLICT is alike in both databases, and in SQLAlchemy each has its own."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def insert(session: Session, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """To be followed by `on_conflict_do_nothing` or `on_conflict_do_update`."""
    return postgresql.insert(table) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(table)

"""From SQLite to PostgreSQL, with everything: alerts that are open, deliveries under way, logins, links, the audit log.

Numbers stay, and those of deleted rows are given to nothing else: people have `ack 12` in their texts.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from oncall.db.database import Database
from oncall.db.sqlite import only_engine
from oncall.errors import SetupError
from oncall.logs import cause_of
from oncall.models import SchemaSupport
from oncall.schema.migrate import turn
from oncall.schema.schema_version import current, newest, revisions
from oncall.settings import Settings

AT_ONCE = 1_000
"""Rows read together."""


def copy_all(source: Settings, target: Settings) -> int:
    """How many rows. `target` is migrated and empty. Raises SetupError where it is not, or an engine works on `source`.

    All of it or nothing: no process starts on either meanwhile, and nobody writes to `source`.
    """
    if target.is_sqlite:
        raise SetupError("Set ONCALL_DATABASE_URL to the PostgreSQL database to copy to: postgresql://…")
    with closing(only_engine(source.sqlite_file)), closing(Database(source)) as database:
        _check_version(source, current(database))
        with database.trial() as session, turn(target) as connection, connection.begin():
            return sum([_copy(session, connection, table) for table in _tables(connection)])


def _check_version(source: Settings, found: str | None) -> None:
    """Raises SetupError. What only a newer version knows would be left behind, even where this one can work with it."""
    if found == newest():
        return
    knows_it = found is None or found in revisions()
    bring_up = f"Bring it up first: ONCALL_DATABASE_URL={source.database_url} oncall migrate"
    raise SetupError(
        f"{source.sqlite_file} is at {found or 'no version'}, and this version of oncall copies {newest()}. "
        + (bring_up if knows_it else "Copy it with the newer version of oncall that works on it.")
    )


def _tables(connection: sa.Connection) -> Sequence[sa.Table]:
    """Each behind those that it refers to."""
    tables = [each for each in SQLModel.metadata.sorted_tables if each.name != SchemaSupport.__tablename__]
    for table in tables:
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise SetupError(f"The database to copy to is not empty: it has {table.name}. Drop it and make it anew.")
    return tables


def _copy(source: Session, connection: sa.Connection, table: sa.Table) -> int:
    """What refers to rows of the same table does so once all of them are there."""
    own = [column for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]
    places = {column.name: list(table.columns).index(column) for column in own}
    count, within = 0, []
    with _writing(connection, table) as write:
        for row in source.execute(sa.select(*map(_read, table.columns))).yield_per(AT_ONCE):
            values = list(row)
            refers = {name: row[place] for name, place in places.items()}
            if any(number is not None for number in refers.values()):
                within.append({"row": row.id, **refers})
                for place in places.values():
                    values[place] = None
            write(values)
            count += 1
    if within:
        to_others = sa.update(table).where(table.c.id == sa.bindparam("row"))
        connection.execute(to_others.values({column: sa.bindparam(column.name) for column in own}), within)
    _give_none_again(source, connection, table)
    return count


@contextmanager
def _writing(connection: sa.Connection, table: sa.Table) -> Iterator[Callable[[Sequence[Any]], None]]:
    """Gives what writes a row: by COPY, since millions of INSERTs take about twice as long."""
    names = ", ".join(map(connection.dialect.identifier_preparer.format_column, table.columns))
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            yield copy.write_row
    except psycopg.DataError as error:
        raise SetupError(
            f"PostgreSQL can't keep a row of {table.name}: {cause_of(error)}. Nothing was copied."
        ) from None


def _read(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """JSON as its text: read as a value, null in it would be no different from none at all."""
    return sa.type_coerce(column, sa.Text).label(column.name) if isinstance(column.type, sa.JSON) else column


def _give_none_again(source: Session, connection: sa.Connection, table: sa.Table) -> None:
    """The next number comes after all that were given out, as SQLite has kept count."""
    numbered = table.autoincrement_column
    if numbered is None:
        return
    sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, numbered.name)))
    given = source.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    highest = max(given or 0, source.scalar(sa.select(sa.func.max(numbered))) or 0)
    if sequence and highest:
        connection.execute(sa.select(sa.func.setval(sequence, highest)))

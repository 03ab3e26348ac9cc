"""Many rows at once, each database in the way that is fastest: for the path that must keep up in a storm."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Session

from oncall.db.column_types import UtcDateTime
from oncall.db.database import hand_over, json_text

MOST_AT_ONCE = 65_536
"""Characters of rows in one statement. A connection keeps the memory that its largest statement took, and sooner or
later each of the pool's would send the rows of a whole storm: tens of MB that never came back."""

PORTIONS = (32, 8, 2, 1)
"""Rows in one statement to SQLite. With each statement Python's lock is let go, and while thousands of events come in,
the thread that reads them takes it and gives it back when it likes."""


class among(sa.sql.functions.FunctionElement[bool]):  # noqa: N801
    """`among(column, "names")`: whether the column is one of a list of texts of any length, bound as one parameter.

    `IN` makes a parameter of each, which databases limit, and another statement of each length. They are bound as the
    text of a JSON list (`db.json_text`): psycopg takes several times as long to write an array.
    """

    inherit_cache = True
    name = "among"
    type = sa.types.NullType()  # type: ignore[assignment]
    """As a Boolean, SQLAlchemy would write `… = 1` on SQLite, which no index serves."""

    def __init__(self, column: sa.ColumnElement[str], name: str) -> None:
        super().__init__(column, sa.bindparam(name, type_=sa.Text()))


@compiles(among, "postgresql")
def _any(element: Any, compiler: Any, **options: Any) -> str:
    column, names = element.clauses
    listed = f"ARRAY(SELECT json_array_elements_text({compiler.process(names, **options)}::json))"
    return f"{compiler.process(column, **options)} = ANY({listed})"


@compiles(among, "sqlite")
def _json_each(element: Any, compiler: Any, **options: Any) -> str:
    column, names = element.clauses
    listed = f"(SELECT value FROM json_each({compiler.process(names, **options)}))"  # noqa: S608 (compiled parts)
    return f"{compiler.process(column, **options)} IN {listed}"


def ask(session: Session, statement: sa.Select[Any], parameters: Mapping[str, Any]) -> Iterable[Any]:
    """The rows of what every batch asks. PostgreSQL's driver gives them (`db.hand_over`): enumerations are texts."""
    dialect = session.get_bind().dialect
    if dialect.name == "postgresql":
        return hand_over(session, _written(statement, dialect), parameters)  # type: ignore[no-any-return]
    return session.connection().execute(statement, parameters)


@cache
def _written(statement: sa.Select[Any], dialect: sa.Dialect) -> str:
    return str(statement.compile(dialect=dialect))


def next_ids(session: Session, table: sa.Table, count: int) -> list[int]:
    """Reserve `count` ids of a table, ascending, within this transaction.

    Rows that bring their ids are inserted many at once as they are; asking the database for the ids it made is several
    times slower. On SQLite the transaction has the only write lock, and the table must be AUTOINCREMENT.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        statement = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return [number for (number,) in hand_over(session, statement, (table.name, count))]
    statement = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?"
    first = int(connection.exec_driver_sql(statement, (table.name,)).scalar_one()) + 1
    return list(range(first, first + count))


def insert_many(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns in the same order, as fast as the database takes them.

    PostgreSQL takes them apart itself, from one parameter: a parameter for each value costs several times as much, and
    COPY, which is as fast, can't be sent behind other statements (`Database.transaction`).
    """
    if not rows:
        return
    connection = session.connection()
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        statement = _from_json(table, names, connection.dialect)
        for listed in _lists(rows):
            hand_over(session, statement, (listed,))
    else:
        conversions = _conversions(table, names, connection.dialect)
        stored = [_stored(row, conversions) for row in rows]
        marks = f"({', '.join('?' * len(names))})"
        head = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES "  # noqa: S608 (names of ours)
        for portion in _portions(stored):
            statement = head + ", ".join([marks] * len(portion))
            connection.exec_driver_sql(statement, tuple(chain.from_iterable(portion)))


def _portions(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Of a few sizes, so that their statements are prepared already, and of MOST_AT_ONCE, or one row that is longer."""
    begin = 0
    while begin < len(rows):
        portions = (rows[begin : begin + size] for size in PORTIONS if size <= len(rows) - begin)
        portion = next(each for each in portions if len(each) == 1 or _characters(each) <= MOST_AT_ONCE)
        yield portion
        begin += len(portion)


def _characters(rows: Iterable[tuple[Any, ...]]) -> int:
    return sum(len(value) for row in rows for value in row if isinstance(value, str | bytes))


def update_many(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set columns of rows by their `id`, all the same columns in the same order, as fast as the database takes them."""
    if not rows:
        return
    connection = session.connection()
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        statement = _update_from_json(table, names, connection.dialect)
        for listed in _lists(rows):
            hand_over(session, statement, (listed,))
    else:
        ordered = (*(name for name in names if name != "id"), "id")
        conversions = _conversions(table, ordered, connection.dialect)
        changes = ", ".join(f"{name} = ?" for name in ordered[:-1])
        statement = f"UPDATE {table.name} SET {changes} WHERE id = ?"  # noqa: S608 (names of ours)
        values = [_stored({name: row[name] for name in ordered}, conversions) for row in rows]
        connection.exec_driver_sql(statement, values)


def _lists(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The rows as JSON lists of MOST_AT_ONCE, or of one row that is longer."""
    listed, size = list[str](), 0
    for row in map(json_text, rows):
        if listed and size + len(row) > MOST_AT_ONCE:
            yield f"[{','.join(listed)}]"
            listed, size = [], 0
        listed.append(row)
        size += len(row)
    yield f"[{','.join(listed)}]"


@cache
def _update_from_json(table: sa.Table, names: tuple[str, ...], dialect: sa.Dialect) -> str:
    changes = ", ".join(f"{name} = rows.{name}" for name in names if name != "id")
    where = f"FROM {_recordset(table, names, dialect)} WHERE {table.name}.id = rows.id"
    return f"UPDATE {table.name} SET {changes} {where}"  # noqa: S608 (names of ours)


def _recordset(table: sa.Table, names: tuple[str, ...], dialect: sa.Dialect) -> str:
    typed = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in names)
    return f"json_to_recordset(%s) AS rows({typed})"


@cache
def _from_json(table: sa.Table, names: tuple[str, ...], dialect: sa.Dialect) -> str:
    listed = ", ".join(names)
    rows = f"SELECT {listed} FROM {_recordset(table, names, dialect)}"  # noqa: S608 (names of ours)
    return f"INSERT INTO {table.name} ({listed}) {rows}"


Conversions = list[tuple[int, Callable[[Any], Any]]]


@cache
def _conversions(table: sa.Table, names: tuple[str, ...], dialect: sa.Dialect) -> Conversions:
    """By column number, what turns its values into what the driver takes; most go as they are."""
    by_type = [_conversion(table.c[name].type, dialect) for name in names]
    return [(number, convert) for number, convert in enumerate(by_type) if convert is not None]


def _conversion(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """A moment is mostly that of the row before: all of a batch are written at the same one."""
    convert = type_.dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(16)(convert) if convert and isinstance(type_, UtcDateTime) else convert


def _stored(row: Mapping[str, Any], conversions: Conversions) -> tuple[Any, ...]:
    values = list(row.values())
    for number, convert in conversions:
        values[number] = convert(values[number])
    return tuple(values)

"""Statements are compiled once a run, not once a test.

SQLAlchemy keeps what it has compiled by engine and dialect, and each test's database has its own of both: to compile
the same statements anew took a fifth of the suite. Two dialects of one kind are the same here, and all engines share a
cache.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_compiled: LRUCache[object, object] = LRUCache(5000)


def share() -> None:
    for dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))  # noqa: B010 (a class of a library)
        setattr(dialect, "__hash__", lambda self: hash(type(self)))  # noqa: B010
    sa.event.listen(sa.Engine, "engine_connect", _take_the_shared)


def _take_the_shared(connection: sa.Connection) -> None:
    setattr(connection.engine, "_compiled_cache", _compiled)  # noqa: B010

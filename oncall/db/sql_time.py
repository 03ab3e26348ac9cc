"""Time as SQLite and PostgreSQL reckon it alike: in whole seconds, and without zones."""

from sqlite3 import sqlite_version_info
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

HAS_UNIXEPOCH = (3, 38)
"""SQLite since then; it takes half as long."""


class epoch(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """Whole seconds since 1970 of a moment, cut off, not rounded."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _of_text(element: epoch, compiler: SQLCompiler, **given: Any) -> str:
    text = f"substr({compiler.process(element.clauses, **given)}, 1, 19)"
    return f"unixepoch({text})" if sqlite_version_info >= HAS_UNIXEPOCH else f"CAST(strftime('%s', {text}) AS INTEGER)"


@compiles(epoch, "postgresql")
def _of_timestamp(element: epoch, compiler: SQLCompiler, **given: Any) -> str:
    return f"CAST(floor(date_part('epoch', {compiler.process(element.clauses, **given)})) AS BIGINT)"


class seconds_between(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """How many whole seconds have passed from the first moment to the second, each of them known to a millisecond."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _of_days(element: seconds_between, compiler: SQLCompiler, **given: Any) -> str:
    """By days, which takes a third of the time that `epoch` of both takes. They are known to 40 microseconds. Where
    there is no second moment, the first is not read either: most alerts that are open have none.
    """
    start, end = (compiler.process(each, **given) for each in element.clauses)
    length = f"CAST((julianday({end}) - julianday({start})) * 86400 + 0.0001 AS INTEGER)"
    return f"CASE WHEN {end} IS NOT NULL THEN {length} END"


@compiles(seconds_between, "postgresql")
def _of_interval(element: seconds_between, compiler: SQLCompiler, **given: Any) -> str:
    start, end = (compiler.process(each, **given) for each in element.clauses)
    return f"CAST(floor(date_part('epoch', {end} - {start})) AS BIGINT)"

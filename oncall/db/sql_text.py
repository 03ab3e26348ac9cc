"""Text as SQLite and PostgreSQL make and change it alike."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from oncall.db.sqlite import DIGITS, WITHOUT_DIGITS


class listed(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """An aggregate: whole numbers with commas between them, without those that are NULL."""

    type = sa.Text()
    inherit_cache = True


@compiles(listed, "sqlite")
def _concatenated(element: listed, compiler: SQLCompiler, **given: Any) -> str:
    return f"coalesce(group_concat({compiler.process(element.clauses, **given)}), '')"


@compiles(listed, "postgresql")
def _as_texts(element: listed, compiler: SQLCompiler, **given: Any) -> str:
    return f"coalesce(string_agg(CAST({compiler.process(element.clauses, **given)} AS TEXT), ','), '')"


class without_digits(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """What is left of a text without its digits."""

    type = sa.Text()
    inherit_cache = True


@compiles(without_digits, "sqlite")
def _by_ours(element: without_digits, compiler: SQLCompiler, **given: Any) -> str:
    return f"CAST({WITHOUT_DIGITS}(CAST({compiler.process(element.clauses, **given)} AS BLOB)) AS TEXT)"


@compiles(without_digits, "postgresql")
def _one_by_one(element: without_digits, compiler: SQLCompiler, **given: Any) -> str:
    """Quicker than `translate` and `regexp_replace`."""
    text = compiler.process(element.clauses, **given)
    for digit in DIGITS.decode():
        text = f"replace({text}, '{digit}', '')"
    return text

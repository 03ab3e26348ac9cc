"""Stretches of time that are asked of an index, many in one statement."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlmodel import Session

from oncall.column_types import UtcDateTime


class Stretch(NamedTuple):
    """Of one thing by its number, [start, end). `told`: what else there is to know of it."""

    of_id: int
    start: datetime
    end: datetime
    told: int = 0


def stretch_table(session: Session, asked: Sequence[Stretch]) -> Any:
    """From one parameter: years of nights of many people are more than a statement may have."""
    dialect = session.get_bind().dialect
    if dialect.name == "postgresql":
        rows = sa.literal([each._asdict() for each in asked], sa.JSON())
        times = (sa.column(name, UtcDateTime) for name in ("start", "end"))
        columns: tuple[Any, ...] = (sa.column("of_id", sa.Integer), *times, sa.column("told", sa.Integer))
        return sa.func.json_to_recordset(rows).table_valued(*columns).render_derived("stretch", with_types=True)
    stored = cache(cast(Any, UtcDateTime().dialect_impl(dialect).bind_processor(dialect)))  # most begin and end alike
    values = [(each.of_id, stored(each.start), stored(each.end), each.told) for each in asked]
    listed = sa.func.json_each(sa.literal(values, sa.JSON())).table_valued("value")
    fields = (sa.func.json_extract(listed.c.value, f"$[{n}]").label(name) for n, name in enumerate(Stretch._fields))
    return sa.select(*fields).cte("stretch").prefix_with("MATERIALIZED")  # or it would be read once for each row

"""Stretches of time that are asked of an index, many in one statement."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlmodel import Session

from oncall.db.column_types import UtcDateTime


class Stretch(NamedTuple):
    """Of one thing by its number, [start, end). `told`: what else there is to know of it."""

    of_id: int
    start: datetime
    end: datetime
    told: int = 0


def stretch_table(session: Session, asked: Iterable[Stretch]) -> Any:
    """From one parameter: years of nights of many people are more than a statement may have. Those that differ only in
    what they are of are handed over once: most people live in a few zones.
    """
    alike = defaultdict[tuple[datetime, datetime, int], list[int]](list)
    for of_id, start, end, told in asked:
        alike[start, end, told].append(of_id)
    dialect = session.get_bind().dialect
    return _on_postgresql(alike) if dialect.name == "postgresql" else _on_sqlite(alike, dialect)


Alike = Mapping[tuple[datetime, datetime, int], Sequence[int]]


def _on_postgresql(alike: Alike) -> Any:
    rows = [{"start": start, "end": end, "told": told, "of_ids": ids} for (start, end, told), ids in alike.items()]
    times = (sa.column(name, UtcDateTime) for name in ("start", "end"))
    columns: tuple[Any, ...] = (*times, sa.column("told", sa.Integer), sa.column("of_ids", sa.ARRAY(sa.Integer)))
    each = sa.func.json_to_recordset(sa.literal(rows, sa.JSON())).table_valued(*columns)
    each = each.render_derived("alike", with_types=True)
    return sa.select(sa.func.unnest(each.c.of_ids).label("of_id"), each.c.start, each.c.end, each.c.told).subquery(
        "stretch"
    )


def _on_sqlite(alike: Alike, dialect: sa.Dialect) -> Any:
    stored = cast(Any, UtcDateTime().dialect_impl(dialect).bind_processor(dialect))
    rows = [(stored(start), stored(end), told, ids) for (start, end, told), ids in alike.items()]
    listed = sa.func.json_each(sa.literal(rows, sa.JSON())).table_valued("value", name="listed")
    names = ("start", "end", "told", "of_ids")
    fields = (sa.func.json_extract(listed.c.value, f"$[{number}]").label(name) for number, name in enumerate(names))
    each = sa.select(*fields).cte("alike").prefix_with("MATERIALIZED")
    of = sa.func.json_each(each.c.of_ids).table_valued("value", name="of")
    columns = (of.c.value.label("of_id"), each.c.start, each.c.end, each.c.told)
    # or it would be read once for each row
    return sa.select(*columns).join_from(each, of, sa.true()).cte("stretch").prefix_with("MATERIALIZED")

"""Median and 90th percentile, exact, worked out by the database."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

WANTED = (50, 90)


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `count` lengths of time: half of them took at most `median` seconds, nine in ten at most `p90`."""

    count: int
    median: int
    p90: int


def spreads(session: Session, measured: sa.Select[Any, Any]) -> dict[Any, Spread]:
    """Of the rows of `measured`, (part, seconds), by part; and of all together under None.

    By nearest rank: each is a length that did occur. Equal lengths are counted first, so that little is ranked, and
    what comes back is one row a part.
    """
    lengths = measured.subquery()
    part, seconds = lengths.c.part, lengths.c.seconds
    counted = sa.select(part, seconds, sa.func.count().label("times")).group_by(part, seconds).cte("counted")
    together = sa.select(sa.null(), counted.c.seconds, sa.func.sum(counted.c.times)).group_by(counted.c.seconds)
    both = sa.union_all(sa.select(counted.c.part, counted.c.seconds, counted.c.times), together).subquery()
    up_to = sa.func.sum(both.c.times).over(partition_by=both.c.part, order_by=both.c.seconds)
    of_all = sa.func.sum(both.c.times).over(partition_by=both.c.part)
    ranked = sa.select(both.c.part, both.c.seconds, up_to.label("up_to"), of_all.label("of_all")).subquery()
    figures = [
        sa.func.min(sa.case((ranked.c.up_to * 100 >= ranked.c.of_all * each, ranked.c.seconds))) for each in WANTED
    ]
    rows = session.execute(sa.select(ranked.c.part, sa.func.max(ranked.c.of_all), *figures).group_by(ranked.c.part))
    return {part: Spread(int(count), max(0, median), max(0, p90)) for part, count, median, p90 in rows}

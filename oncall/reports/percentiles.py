"""Median and 90th percentile, exact: by nearest rank, so that each is a length that did occur."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

WANTED = (50, 90)


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `count` lengths of time: half of them took at most `median` seconds, nine in ten at most `p90`."""

    count: int
    median: int
    p90: int


Spreads = dict[Any, list[Spread | None]]
"""By part, for each kind of length its spread, None where there was none; of all parts together under None."""


def spreads(session: Session, measured: sa.Select[*tuple[Any, ...]]) -> Spreads:
    """Of the rows of `measured`: the part, then lengths in seconds, of one kind each; or NULL.

    PostgreSQL ranks them itself. SQLite takes four times as long for that as for handing them over, packed by part.
    """
    ranked = _ranked_by_postgresql if session.get_bind().dialect.name == "postgresql" else _ranked_here
    return ranked(session, measured.subquery())


def _ranked_by_postgresql(session: Session, lengths: sa.Subquery) -> Spreads:
    part, *kinds = lengths.c
    wanted = sa.literal([each / 100 for each in WANTED], ARRAY(sa.Float))
    figures = [(sa.func.count(each), sa.func.percentile_disc(wanted).within_group(each)) for each in kinds]
    sets = sa.func.grouping_sets(sa.tuple_(part), sa.tuple_())
    rows = session.execute(sa.select(part, *chain.from_iterable(figures)).group_by(sets))
    return {
        part: [_spread(count, found) for count, found in zip(told[::2], told[1::2], strict=True)]
        for part, *told in rows
        if any(told[::2])
    }


def _ranked_here(session: Session, lengths: sa.Subquery) -> Spreads:
    part, *kinds = lengths.c
    packed = (sa.func.json_group_array(each) for each in kinds)
    rows = session.execute(sa.select(part, *packed).group_by(part))
    found = {part: [sorted(at for at in from_json(each) if at is not None) for each in told] for part, *told in rows}
    if found:
        # each part is in order already, which makes sorting a merge
        found[None] = [sorted(chain.from_iterable(own)) for own in zip(*found.values(), strict=True)]
    return {part: [_nearest(each) for each in own] for part, own in found.items() if any(own)}


def _nearest(ranked: Sequence[int]) -> Spread | None:
    count = len(ranked)
    return _spread(count, [ranked[-(-count * each // 100) - 1] for each in WANTED] if ranked else None)


def _spread(count: int, found: Sequence[int] | None) -> Spread | None:
    return Spread(count, *(max(0, each) for each in found)) if found else None

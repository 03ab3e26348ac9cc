"""Time as both databases reckon it, held against Python."""

import random
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from oncall.db.column_types import UtcDateTime
from oncall.db.database import Database
from oncall.db.sql_time import seconds_between

START = datetime(2026, 3, 1, tzinfo=UTC)
MILLISECOND, SECOND = timedelta(milliseconds=1), timedelta(seconds=1)


def test_seconds_between_moments_that_are_known_to_a_millisecond_are_exact(database: Database) -> None:
    """Also where a millisecond is missing to a whole second, and years after."""
    dice = random.Random(5)
    begun = [START + dice.randrange(10**11) * MILLISECOND for _ in range(300)]
    lengths = [dice.randrange(10 ** dice.randrange(1, 9)) * SECOND for _ in begun]
    pairs = [(at, at + length - dice.choice([0, 1]) * MILLISECOND) for at, length in zip(begun, lengths, strict=True)]
    columns = [sa.column(name, UtcDateTime) for name in ("start", "end")]
    given = sa.values(*columns, name="given").data(pairs).cte()

    with database.read() as session:
        found = session.execute(sa.select(seconds_between(*given.c), *given.c)).all()

    assert len(found) == len(pairs)
    assert [max(0, seconds) for seconds, *_ in found] == [max(0, (end - start) // SECOND) for _, start, end in found]


def test_what_has_not_ended_has_no_length(database: Database) -> None:
    ends = sa.column("end", UtcDateTime)
    given = sa.values(ends, name="given").data([(None,), (START,)]).cte()

    with database.read() as session:
        lengths = sa.select(seconds_between(sa.literal(START - SECOND, UtcDateTime), given.c.end))
        assert set(session.execute(lengths).scalars()) == {None, 1}

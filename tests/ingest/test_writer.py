"""Many events at once: each is stored once and answered, whichever writer and whichever process had it."""

import asyncio
import itertools
from collections.abc import Iterator

import pytest
from sqlmodel import col, select

from oncall.alerts.event import Event, EventAction
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.errors import Unavailable
from oncall.ingest.store import Accepted, Submission
from oncall.ingest.writer import IngestWriter
from oncall.models import Alert
from oncall.models.alert import Severity
from oncall.process.wake import Wake
from tests.scenarios.world import COMPANY, KEY, FakeClock
from tests.schedules.cast import utc

KEYS, EVENTS = 20, 400
CLOCK = FakeClock(utc("2026-11-23 14:00"))


@pytest.fixture
def writers(database: Database) -> Iterator[list[IngestWriter]]:
    """Two, as two processes have."""
    with database.transaction() as session:
        apply(session, load(COMPANY), CLOCK())
    writers = [IngestWriter(database, CLOCK, Wake(), EVENTS) for _ in range(2)]
    for writer in writers:
        writer.start()
    yield writers
    for writer in writers:
        writer.stop()


def trigger(number: int) -> Submission:
    """All about the same few problems, in an order that differs from one batch to the next."""
    key = f"disk-{(number * 7) % KEYS}"
    event = Event(EventAction.TRIGGER, key, "Disk full", Severity.CRITICAL, "db1")
    return Submission(KEY, "pagerduty", lambda _options: [event])


def broken() -> Submission:
    """As no parser makes one: a mistake of ours is what it stands for."""
    event = Event(EventAction.TRIGGER, "\ud800", "Disk full", Severity.CRITICAL, "db1")
    return Submission(KEY, "pagerduty", lambda _options: [event])


def test_events_that_meet_in_the_same_alerts_are_all_counted(database: Database, writers: list[IngestWriter]) -> None:
    async def send() -> list[Accepted]:
        turns = zip(itertools.cycle(writers), range(EVENTS), strict=False)
        return await asyncio.gather(*(writer.accept(trigger(number)) for writer, number in turns))

    accepted = asyncio.run(send())

    with database.read() as session:
        counts = dict(session.exec(select(Alert.dedup_key, Alert.event_count).order_by(col(Alert.id))).all())
    assert len(accepted) == EVENTS
    assert counts == {f"disk-{number}": EVENTS // KEYS for number in range(KEYS)}


def test_an_event_that_we_fail_to_store_takes_none_of_the_others_with_it(
    database: Database, writers: list[IngestWriter]
) -> None:
    async def send() -> list[Accepted | BaseException]:
        sent = (writers[0].accept(each) for each in (trigger(1), broken(), trigger(2)))
        return await asyncio.gather(*sent, return_exceptions=True)

    first, failed, last = asyncio.run(send())

    assert isinstance(failed, Unavailable)
    assert [isinstance(each, Accepted) for each in (first, last)] == [True, True]
    with database.read() as session:
        assert sorted(session.exec(select(Alert.dedup_key, Alert.event_count))) == [("disk-14", 1), ("disk-7", 1)]


def test_what_comes_twice_is_stored_once_whichever_process_has_it(
    database: Database, writers: list[IngestWriter]
) -> None:
    async def send() -> list[Accepted]:
        turns = zip(
            itertools.cycle(writers), (trigger(number)._replace(once=f"mail:{number % 5}") for number in range(40))
        )
        return await asyncio.gather(*(writer.accept(each) for writer, each in turns))

    assert sum(len(each.made) for each in asyncio.run(send())) == 5

    with database.read() as session:
        assert sum(session.exec(select(Alert.event_count))) == 5

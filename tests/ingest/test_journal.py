"""The last requests of a key are there to be seen, whichever process they came to, and no more than are wanted."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlmodel import select

from oncall.alerts.event import EventAction
from oncall.db.bulk import MOST_AT_ONCE
from oncall.db.database import Database
from oncall.errors import Forbidden
from oncall.ingest import journal
from oncall.ingest.journal import LONGEST_BODY, MOST_WAITING, Journal, Received, last_requests
from oncall.ingest.masking import MASK
from oncall.ingest.reading import BadEvent
from oncall.ingest.store import Accepted, Made, Outcome
from oncall.models import IntegrationKey, ReceivedRequest
from tests.conftest import Contents
from tests.scenarios.world import ALERTMANAGER_KEY, COMPANY, KEY
from tests.schedules.cast import utc
from tests.sent_sizes import sent_sizes

NOW = utc("2026-11-23 14:00")
TAKEN = Accepted((Made(EventAction.TRIGGER, "disk-db1", 12),))


@pytest.fixture
def contents() -> Contents:
    return Contents(NOW, (COMPANY,))


@pytest.fixture
def company(database: Database) -> Database:
    return database


def came(number: int = 0, key: str = KEY, outcome: Outcome = TAKEN, body: bytes = b"{}", status: int = 202) -> Received:
    at = NOW + timedelta(seconds=number)
    return Received(key, "pagerduty", at, "POST", f"/v2/enqueue/{number}", [], body, len(body), status, outcome)


def seen(database: Database, name: str = "events") -> list[ReceivedRequest]:
    with database.read() as session:
        key = session.exec(select(IntegrationKey).where(IntegrationKey.name == name)).one()
        return list(last_requests(session, key))


def test_only_the_newest_of_each_key_are_kept_whichever_process_they_came_to(company: Database) -> None:
    here, there = Journal(company, kept=3), Journal(company, kept=3)
    for number in range(10):
        here.keep(came(number))
    here.keep(came(0, ALERTMANAGER_KEY))
    here.write()
    there.keep(came(20))
    there.write()

    assert [each.path for each in seen(company)] == ["/v2/enqueue/20", "/v2/enqueue/9", "/v2/enqueue/8"]
    assert len(seen(company, "prometheus")) == 1


def test_whoever_wants_to_see_it_waits_for_what_is_being_written(
    company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the journal's own thread, which has taken it out of the memory and not committed it yet."""
    begun, may_go_on, record = Event(), Event(), journal.record

    def slowly(*work: Any) -> None:
        begun.set()
        assert may_go_on.wait(60)
        record(*work)

    monkeypatch.setattr(journal, "record", slowly)
    ours = Journal(company, kept=9)
    ours.keep(came())
    with ThreadPoolExecutor(2) as threads:
        writing = threads.submit(ours.write)
        assert begun.wait(60)
        looking = threads.submit(lambda: (ours.write(), seen(company)))
        assert not wait([looking], timeout=0.2).done
        may_go_on.set()
        assert len(looking.result(60)[1]) == 1
        writing.result(60)


def test_however_many_came_no_statement_is_large(company: Database) -> None:
    """The connection would keep the memory it took."""
    journal = Journal(company, kept=MOST_WAITING)
    for number in range(MOST_WAITING):
        journal.keep(came(number, body=b"x" * LONGEST_BODY))
    with sent_sizes(company.engine) as sizes:
        journal.write()
    assert len(seen(company)) == MOST_WAITING
    assert max(sizes) < MOST_AT_ONCE + LONGEST_BODY


def test_what_was_made_of_it_is_told_or_every_reason_why_it_was_refused(company: Database) -> None:
    journal = Journal(company, kept=9)
    journal.keep(came(1))
    journal.keep(came(2, outcome=BadEvent(["'a' is missing", "'b' is missing"]), status=400))
    journal.keep(came(3, outcome=Forbidden("The signature is wrong."), status=403))
    journal.write()

    assert [(each.status, each.refusal, each.events) for each in reversed(seen(company))] == [
        (202, "", [{"action": "trigger", "dedup_key": "disk-db1", "alert_id": 12}]),
        (400, "'a' is missing; 'b' is missing", []),
        (403, "The signature is wrong.", []),
    ]


def test_the_key_is_not_shown_even_where_the_body_is_cut_off_in_it(company: Database) -> None:
    body = b"x" * (LONGEST_BODY - 10) + KEY.encode() + b"x" * 5000
    journal = Journal(company, kept=9)
    journal.keep(came(body=body[: LONGEST_BODY + 512]))
    journal.write()

    (shown,) = seen(company)
    assert shown.body == "x" * (LONGEST_BODY - 10) + MASK + "x" * 7


def test_a_body_that_is_no_text_and_holds_nul_is_shown_all_the_same(company: Database) -> None:
    journal = Journal(company, kept=9)
    journal.keep(came(body=b"\xff\x00ok"))
    journal.write()

    assert seen(company)[0].body.endswith("ok")


def test_of_keys_that_are_nobody_s_nothing_is_kept(company: Database) -> None:
    journal = Journal(company, kept=9)
    journal.keep(came(key="nobody's"))
    journal.write()

    with company.read() as session:
        assert session.exec(select(ReceivedRequest)).all() == []


def test_what_comes_faster_than_it_is_written_takes_no_memory(
    company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_WAITING", 10)
    full = Journal(company, kept=4)
    for number in range(1000):
        full.keep(came(number, key=f"key-{number % 100}"))

    assert sum(len(ring) for ring in full._rings.values()) == 10


def test_none_is_kept_where_none_is_wanted(company: Database) -> None:
    journal = Journal(company, kept=0)
    journal.keep(came())
    journal.write()

    assert seen(company) == []


def test_a_process_that_stops_writes_what_it_remembers(company: Database) -> None:
    journal = Journal(company, kept=9)
    journal.start()
    journal.keep(came())
    journal.stop()

    assert len(seen(company)) == 1

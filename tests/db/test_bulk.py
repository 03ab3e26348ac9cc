"""Many rows at once: what is inserted comes back as it went in, and a list of names is looked up by its index."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from oncall.alerts.intake import _OPEN_ALERTS
from oncall.db.bulk import MOST_AT_ONCE, insert_many, next_ids, update_many
from oncall.db.database import Database
from oncall.models import InboundMessage, LoginFailure
from tests.sent_sizes import sent_sizes

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MESSAGES: sa.Table = InboundMessage.__table__  # type: ignore[attr-defined]
FAILURES: sa.Table = LoginFailure.__table__  # type: ignore[attr-defined]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


def message(number: int, text: str = "ack") -> dict[str, object]:
    return {"message_id": f"SM{number}", "address": "+12025550101", "text": text, "received_at": NOW, "answer": ""}


def test_rows_come_back_as_they_went_in(session: Session) -> None:
    awkward = "tab\t, newline\n, backslash \\N, quote ', ümlaut, 🔥"
    insert_many(session, MESSAGES, [message(1, awkward), message(2)])
    stored = session.exec(select(InboundMessage).order_by(InboundMessage.message_id)).all()
    assert [(row.text, row.received_at) for row in stored] == [(awkward, NOW), ("ack", NOW)]


def test_rows_are_changed_by_their_id_and_others_are_not(session: Session) -> None:
    rows = [{"id": number, "handle": "alice", "address": "::1", "at": NOW} for number in (1, 2, 3)]
    insert_many(session, FAILURES, rows)
    later = NOW + timedelta(hours=1)
    changes = [{"id": 1, "handle": "it's 🔥", "at": later}, {"id": 2, "handle": "", "at": NOW}]
    update_many(session, FAILURES, changes)
    stored = session.exec(select(LoginFailure).order_by(col(LoginFailure.id))).all()
    assert [(row.handle, row.at, row.address) for row in stored] == [
        ("it's 🔥", later, "::1"),
        ("", NOW, "::1"),
        ("alice", NOW, "::1"),
    ]


def test_each_of_many_rows_is_what_it_was(session: Session) -> None:
    rows = [
        {**message(number, f"text {number}"), "received_at": NOW + timedelta(seconds=number)} for number in range(77)
    ]
    insert_many(session, MESSAGES, rows)
    stored = session.exec(select(InboundMessage).order_by(InboundMessage.received_at)).all()
    assert [{name: getattr(row, name) for name in rows[0]} for row in stored] == rows


def test_however_many_rows_no_statement_is_large(session: Session) -> None:
    """The connection would keep the memory it took."""
    texts = [f"{number}".zfill(900) for number in range(1000)]
    with sent_sizes(session.connection().engine) as sizes:
        insert_many(session, MESSAGES, [message(number, text) for number, text in enumerate(texts)])
        update_many(session, FAILURES, [{"id": number, "handle": text} for number, text in enumerate(texts)])
    assert set(session.exec(select(InboundMessage.text)).all()) == set(texts)
    assert len(sizes) > 20
    assert max(sizes) < MOST_AT_ONCE + 1000


def test_a_conflict_is_an_integrity_error(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        insert_many(session, MESSAGES, [message(1), message(1)])
    with database.read() as session:
        assert session.exec(select(InboundMessage)).all() == []


def test_reserved_ids_follow_each_other(session: Session) -> None:
    table = sa.Table("alerts", sa.MetaData())
    first, second, third = next_ids(session, table, 3)
    assert (second, third) == (first + 1, first + 2)


def test_open_alerts_are_found_by_their_index_however_many_keys_are_asked_for(session: Session) -> None:
    connection = session.connection()
    sql, keys = str(_OPEN_ALERTS.compile(connection.engine)), json.dumps(["a"] * 20_000)
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, (keys,)).all()
    else:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the table is empty: any plan would do
        plan = connection.exec_driver_sql("EXPLAIN " + sql, {"dedup_keys": keys}).all()
    assert "uq_alerts_open_dedup_key" in str(plan)

"""Tries to sign in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from oncall.auth.sessions import FAILURE_WINDOW, FAILURES, begin_try, end_try
from oncall.db.database import Database
from oncall.errors import TooManyRequests
from oncall.settings import Settings

NOON = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
HOME, ELSEWHERE = "192.0.2.1", "203.0.113.9"


@pytest.fixture
def session(sqlite_settings: Settings) -> Iterator[Session]:
    database = Database(sqlite_settings)
    with database.transaction() as session:
        yield session
    database.close()


def test_passwords_that_are_still_being_checked_count_as_wrong(session: Session) -> None:
    tries = [begin_try(session, "alice", HOME, NOON) for _ in range(FAILURES)]

    with pytest.raises(TooManyRequests, match="Too many wrong passwords"):
        begin_try(session, " alice ", HOME, NOON)

    end_try(session, tries[0])
    begin_try(session, "alice", HOME, NOON)


def test_a_handle_is_locked_for_one_address_and_a_while(session: Session) -> None:
    for _ in range(FAILURES):
        begin_try(session, "alice", ELSEWHERE, NOON)

    begin_try(session, "alice", HOME, NOON)
    begin_try(session, "bob", ELSEWHERE, NOON)
    begin_try(session, "alice", ELSEWHERE, NOON + FAILURE_WINDOW)
    with pytest.raises(TooManyRequests):
        begin_try(session, "alice", ELSEWHERE, NOON + FAILURE_WINDOW - timedelta(seconds=1))

"""What the database layer keeps to itself."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from oncall.db.database import TRIAL_WAITS, TRIALS_IN_LINE, Database, hand_over, is_outage, may_take_long, send_behind
from oncall.errors import Unavailable
from oncall.settings import Settings


def test_what_was_to_be_stored_is_not_told_in_an_error(database: Database) -> None:
    """Phone numbers are among it, and errors are logged."""
    with pytest.raises(DBAPIError) as error, database.read() as session:
        session.execute(sa.text("SELECT * FROM no_such_table WHERE address = :address"), {"address": "+12025550101"})

    assert "+12025550101" not in str(error.value)


def test_answers_at_one_moment_fit_each_other_whatever_is_committed_between_them(database: Database) -> None:
    count = sa.text("SELECT count(*) FROM leases")
    for _ in "the next use of the connection", "and the one after":
        with database.read(at_one_moment=True) as session:
            before = session.execute(count).scalar_one()
            with database.transaction() as writing:
                writing.execute(
                    sa.text("INSERT INTO leases (name, holder, until) VALUES (:name, 'us', '2026-11-24')"),
                    {"name": str(before)},
                )
            assert session.execute(count).scalar_one() == before
        with database.read() as session:
            assert session.execute(count).scalar_one() == before + 1


def test_whoever_would_make_the_line_of_trials_too_long_is_told_to_try_again(database: Database) -> None:
    """Else every event waited for all of them."""
    is_over = threading.Event()

    def try_out() -> str:
        try:
            with database.trial():
                is_over.wait()
        except Unavailable as refused:
            return refused.detail
        return ""

    with ThreadPoolExecutor(TRIALS_IN_LINE + 4) as pool:
        tries = [pool.submit(try_out) for _ in range(TRIALS_IN_LINE + 4)]
        done, waiting = wait(tries, timeout=TRIAL_WAITS / 2)
        is_over.set()

    assert {each.result() for each in done} == {
        "Others are trying something out at this moment. Try again in a few seconds."
    }
    assert {each.result() for each in waiting} == {""}
    assert len(waiting) == TRIALS_IN_LINE + 1


def test_a_connection_is_given_back_only_when_all_that_was_sent_is_answered(postgres_settings: Settings) -> None:
    database = Database(postgres_settings)
    found: list[psycopg.pq.PipelineStatus] = []

    @sa.event.listens_for(database.engine, "checkin")
    def _look(connection: Any, _record: object) -> None:
        found.append(connection.pgconn.pipeline_status)

    with database.transaction() as session:
        send_behind(session)
        session.execute(sa.text("SELECT 1"))
    database.close()

    assert found == [psycopg.pq.PipelineStatus.OFF]


@pytest.mark.parametrize("behind_it", [0, 1, 2])
def test_what_fails_behind_other_statements_leaves_nothing_for_the_next_transaction(
    postgres_settings: Settings, behind_it: int
) -> None:
    """The same connection serves both."""
    database = Database(postgres_settings)
    twice = sa.text("INSERT INTO leases (name, holder, until) VALUES ('irc', 'us', now())")
    with database.transaction() as session:
        session.execute(twice)

    def insert_again() -> None:
        with database.transaction() as session:
            send_behind(session)
            for _ in range(1 + behind_it):
                session.execute(twice)

    with pytest.raises(DBAPIError):
        insert_again()

    with database.transaction() as session:
        assert session.execute(sa.text("SELECT count(*) FROM leases")).scalar() == 1
    database.close()


def test_when_the_server_ends_a_connection_the_others_are_not_trusted_either(
    postgres_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """A restart costs one transaction, not one for each connection of the pool."""
    database, another = Database(postgres_settings), Database(postgres_settings)
    number, end = "SELECT pg_backend_pid()", "SELECT pg_terminate_backend(%s, 5000)"

    def lose_two() -> None:
        with database.transaction() as lost:
            with database.transaction() as given_back:
                numbers = [row for session in (lost, given_back) for row in hand_over(session, number)]
            lost.rollback()  # it is found to be gone when the next transaction begins
            with another.transaction() as session:
                for each in numbers:
                    hand_over(session, end, each)
            hand_over(lost, number)

    with pytest.raises(DBAPIError) as error:
        lose_two()

    with database.transaction() as one, database.transaction() as other:
        assert [*hand_over(one, number)] != [*hand_over(other, number)]
    assert is_outage(error.value)
    assert caplog.messages == []
    database.close()
    another.close()


def test_many_rows_behind_a_server_that_is_busy_are_committed(postgres_settings: Settings) -> None:
    """It reads nothing meanwhile, so that most of them have not left when the commit is to go."""
    database = Database(postgres_settings)
    with database.transaction() as session:
        connection = session.connection()
        connection.exec_driver_sql("CREATE TEMPORARY TABLE letters (body text)")
        send_behind(session)
        connection.exec_driver_sql("DO $$ BEGIN PERFORM pg_sleep(0.3); END $$")
        for _ in range(3):
            connection.exec_driver_sql("INSERT INTO letters VALUES (%s)", ("x" * 1_000_000,))
    with database.transaction() as session:
        assert session.execute(sa.text("SELECT sum(length(body)) FROM letters")).scalar() == 3_000_000
    database.close()


def test_a_transaction_that_writes_ends_though_its_process_freezes(postgres_settings: Settings) -> None:
    """Amid statements that go out together it is not idle: the server would wait for ever, its alerts locked."""
    show = sa.text("SHOW transaction_timeout")
    with closing(Database(postgres_settings)) as database:
        with database.transaction() as session:
            assert session.execute(show).scalar_one() == "10s"
        with database.transaction() as session:
            may_take_long(session)
            assert session.execute(show).scalar_one() == "0"
        with database.read() as session:
            assert session.execute(show).scalar_one() == "0"

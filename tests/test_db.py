"""What the database layer keeps to itself."""

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from oncall.db import Database, send_behind
from oncall.settings import Settings


def test_what_was_to_be_stored_is_not_told_in_an_error(database: Database) -> None:
    """Phone numbers are among it, and errors are logged."""
    with pytest.raises(DBAPIError) as error, database.read() as session:
        session.execute(sa.text("SELECT * FROM no_such_table WHERE address = :address"), {"address": "+12025550101"})

    assert "+12025550101" not in str(error.value)


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

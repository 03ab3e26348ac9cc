"""From a SQLite file to PostgreSQL: everything, with its numbers, or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, delete, update

from oncall.db.database import Database
from oncall.db.sqlite import only_engine
from oncall.models import Absence, Alert
from oncall.running.runtime import build_runtime
from oncall.schema import migrate
from oncall.settings import Settings
from tests.cli.conftest import Oncall

AWAY, AWAY_LONGER = (("2027-01-01T00:00Z", f"2027-01-0{end}T00:00Z") for end in (3, 4))


@pytest.fixture
def filled(oncall: Oncall, sqlite_settings: Settings) -> Settings:
    """Two alerts of which the first is held by the second, as no file sorted by numbers has it, and a gap behind the
    last absence."""
    build_runtime(sqlite_settings, with_engine=False).database.close()
    for summary in ("first", "second"):
        assert oncall("alert", "send", "web", summary).code == 0
    for away in (AWAY, AWAY_LONGER):
        assert oncall("absence", "add", "alice", *away).code == 0
    with closing(Database(sqlite_settings)) as database, database.transaction() as session:
        session.exec(update(Alert).where(col(Alert.id) == 1).values(held_by_id=2))
        session.exec(delete(Absence).where(col(Absence.id) == 2))
    return sqlite_settings


@pytest.fixture
def copying(oncall: Oncall, filled: Settings, postgres_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ONCALL_DATABASE_URL", postgres_settings.database_url)
    return lambda: oncall("copy-from", str(filled.sqlite_file))


@contextmanager
def open_session(settings: Settings) -> Iterator[Session]:
    with closing(Database(settings)) as database, database.transaction() as session:
        yield session


def rows(settings: Settings) -> dict[str, list[Any]]:
    """Of every table; null in JSON is told from none at all."""
    with open_session(settings) as session:
        return {
            table.name: session.execute(
                sa.select(*table.columns, *(each.is_(None) for each in table.columns)).order_by(*table.primary_key)
            ).all()
            for table in SQLModel.metadata.sorted_tables
        }


def test_everything_is_there_and_numbers_go_on(
    copying: Any, oncall: Oncall, filled: Settings, postgres_settings: Settings
) -> None:
    printed = copying()

    assert printed.code == 0, printed.err
    copied = rows(postgres_settings)
    assert copied == rows(filled)
    assert [alert.held_by_id for alert in copied["alerts"]] == [2, None]
    assert printed.out.startswith(f"{sum(map(len, copied.values())) - len(copied['schema_support'])} rows copied.")
    assert oncall("absence", "add", "alice", *AWAY_LONGER).out.endswith("oncall absence remove 3\n")
    assert "#3" in oncall("alert", "send", "web", "third").out


def test_while_an_engine_works_on_the_file_nothing_is_copied(
    copying: Any, filled: Settings, postgres_settings: Settings
) -> None:
    with only_engine(filled.sqlite_file):
        refused = copying()

    assert (refused.code, rows(postgres_settings)["users"]) == (1, [])
    assert refused.err.startswith(f"Another engine already works on {filled.sqlite_file}. Stop it first")


def test_what_is_there_already_is_not_mixed_with_it(copying: Any, postgres_settings: Settings) -> None:
    assert copying().code == 0
    before = rows(postgres_settings)

    refused = copying()

    assert (refused.code, rows(postgres_settings)) == (1, before)
    assert "is not empty" in refused.err


def test_a_row_that_postgresql_can_not_keep_is_said_and_nothing_is_copied(
    copying: Any, filled: Settings, postgres_settings: Settings
) -> None:
    with open_session(filled) as session:
        session.exec(update(Alert).where(col(Alert.id) == 2).values(summary="nothing\0"))

    refused = copying()

    assert (refused.code, rows(postgres_settings)["users"]) == (1, [])
    assert refused.err.startswith("PostgreSQL can't keep a row of alerts: ")


def test_a_file_of_another_version_is_brought_up_first(copying: Any, filled: Settings) -> None:
    migrate.downgrade(filled, "-1")

    refused = copying()

    assert refused.code == 1
    assert refused.err.endswith(f"ONCALL_DATABASE_URL={filled.database_url} oncall migrate\n")


def test_a_file_of_a_newer_version_is_copied_by_that_one(copying: Any, filled: Settings) -> None:
    with closing(sqlite3.connect(filled.sqlite_file)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")

    refused = copying()

    assert refused.code == 1
    assert "is at 9999" in refused.err
    assert refused.err.endswith("Copy it with the newer version of oncall that works on it.\n")


def test_a_file_that_is_not_there_is_not_made(copying: Any, oncall: Oncall, filled: Settings) -> None:
    elsewhere = filled.sqlite_file.with_name("other.db")

    assert oncall("copy-from", str(elsewhere)).err == f"There is no file {elsewhere}.\n"
    assert not elsewhere.exists()

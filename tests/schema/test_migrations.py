"""Migrations lead to the same tables on both databases, there and back, whoever runs them and however often."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel, select

from oncall.clock import system_clock
from oncall.db.database import Database
from oncall.errors import SetupError
from oncall.models import EngineProcess, Rotation, RotationMember, Schedule, User
from oncall.schema import migrate
from oncall.schema.schema_version import bring_up, current, fits, misfit, newest, revisions
from oncall.settings import Settings

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


def names_of(settings: Settings) -> set[str]:
    database = Database(settings)
    names = set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}
    database.close()
    return names


def tables_of(settings: Settings) -> dict[str, Any]:
    """Table → names of its columns, keys, constraints and indexes, as the database has them."""
    database = Database(settings)
    inspector = sa.inspect(database.engine)
    tables = {name: _form(inspector, name) for name in inspector.get_table_names() if name != "alembic_version"}
    database.close()
    return tables


def _form(inspector: sa.Inspector, table: str) -> dict[str, Any]:
    # PostgreSQL keeps a unique constraint as an index too, and says so.
    indexes = [index for index in inspector.get_indexes(table) if "duplicates_constraint" not in index]
    return {
        "columns": {(column["name"], column["nullable"]) for column in inspector.get_columns(table)},
        "primary key": inspector.get_pk_constraint(table)["constrained_columns"],  # SQLite has no name for some
        "foreign keys": {
            (key["name"], *key["constrained_columns"], key["referred_table"], key["options"].get("ondelete"))
            for key in inspector.get_foreign_keys(table)
        },
        "unique": {(key["name"], *key["column_names"]) for key in inspector.get_unique_constraints(table)},
        "checks": {check["name"] for check in inspector.get_check_constraints(table)},
        "indexes": {(index["name"], *index["column_names"], bool(index["unique"])) for index in indexes},
        "partial": {index["name"] for index in indexes if any("where" in option for option in _options(index))},
    }


def _options(index: Any) -> dict[str, Any]:
    options: dict[str, Any] = index.get("dialect_options", {})
    return options


def test_they_lead_from_nothing_to_what_the_models_say(settings: Settings) -> None:
    migrate.check(settings)  # raises when the models ask for more: `make migration m="…"` writes it
    assert names_of(settings) == set(SQLModel.metadata.tables) | migrate.LEFT


def test_back_to_nothing_and_up_again_and_once_more_changes_nothing(settings: Settings, database: Database) -> None:
    before = tables_of(settings)
    assert fits(database)

    migrate.downgrade(settings, "base")
    assert names_of(settings) == set()
    assert current(database) is None
    assert not fits(database)

    migrate.upgrade(settings)
    migrate.upgrade(settings)
    assert tables_of(settings) == before


def test_both_databases_have_the_same_tables(sqlite_settings: Settings, postgres_settings: Settings) -> None:
    sqlite, postgres = tables_of(sqlite_settings), tables_of(postgres_settings)

    assert sqlite.keys() == postgres.keys()
    for table in sqlite:
        assert sqlite[table] == postgres[table], table


def test_the_names_of_the_migrations_say_what_alembic_reads_in_them() -> None:
    history = ScriptDirectory.from_config(migrate.configuration())

    assert history.get_current_head() == newest()
    assert {each.revision for each in history.walk_revisions()} == revisions()


def test_of_those_who_start_at_once_one_migrates(empty_settings: Settings) -> None:
    """As processes do: each over connections of its own, which is all that they wait for each other by."""
    with ThreadPoolExecutor(2) as processes:
        list(processes.map(migrate.upgrade, [empty_settings] * 2))

    migrate.check(empty_settings)


def test_whoever_starts_while_a_large_table_is_migrated_waits_longer_than_any_other_writer(
    sqlite_settings: Settings,
) -> None:
    with migrate.turn(sqlite_settings) as connection:
        waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()

    with closing(Database(sqlite_settings)) as database, database.read() as session:
        assert waits > 10 * session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar_one()


def _upgrade_from_the_future(settings: Settings, *, takes_away: bool) -> None:
    """What a migration of a later version does."""
    with migrate.turn(settings) as connection, connection.begin_nested() if settings.is_sqlite else connection.begin():
        if takes_away:
            migrate.end_support(connection, "9999")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


def test_a_newer_database_that_still_serves_this_version_is_left_as_it_is(
    settings: Settings, database: Database
) -> None:
    _upgrade_from_the_future(settings, takes_away=False)

    migrate.upgrade(settings)

    assert fits(database)
    assert current(database) == "9999"


def test_a_newer_database_that_serves_this_version_no_more_is_refused_in_words(
    settings: Settings, database: Database
) -> None:
    _upgrade_from_the_future(settings, takes_away=True)

    assert misfit(database).startswith("The database is at 9999, of a newer version of oncall")
    assert newest() in misfit(database)
    with pytest.raises(SetupError, match="at 9999, of a newer version of oncall"):
        migrate.upgrade(settings)


def test_a_database_of_another_program_is_said_to_be_none_of_ours(empty_settings: Settings) -> None:
    with closing(Database(empty_settings)) as database:
        with database.transaction() as session:
            session.connection().exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            session.connection().exec_driver_sql("INSERT INTO alembic_version VALUES ('0a1b2c')")

        assert "another program's" in misfit(database)
    with pytest.raises(SetupError, match="another program's"):
        migrate.upgrade(empty_settings)


def test_a_process_that_starts_on_a_newer_database_says_so(sqlite_settings: Settings) -> None:
    _upgrade_from_the_future(sqlite_settings, takes_away=True)

    with pytest.raises(SetupError, match="newer version of oncall"):
        bring_up(sqlite_settings)


def test_nothing_is_taken_away_while_an_engine_runs(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    with database.transaction() as session:
        now = system_clock()
        session.add(EngineProcess(id="a", host="pager1", pid=12, version="1", started_at=now, last_pass_at=now))

    with pytest.raises(SetupError, match=r"Stop oncall on pager1 \(pid 12\)"):
        _upgrade_from_the_future(sqlite_settings, takes_away=True)

    assert current(database) == newest()
    database.close()


def test_a_table_that_is_in_use_too_long_is_tried_again(
    postgres_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(migrate.LIMITS, "lock_timeout", "20ms")
    database = Database(postgres_settings)
    tries = []

    with database.engine.connect() as other:
        other.exec_driver_sql("BEGIN; LOCK TABLE alerts IN ACCESS SHARE MODE")

        def work(connection: sa.Connection) -> None:
            tries.append(connection)
            if len(tries) == 3:
                other.exec_driver_sql("COMMIT")
            with connection.begin():
                connection.exec_driver_sql("CREATE TABLE later (id INTEGER)")
                connection.exec_driver_sql("ALTER TABLE alerts ADD COLUMN later INTEGER")

        migrate.in_turn(postgres_settings, work)

    assert len(tries) == 3
    assert {"later", "alerts"} <= tables_of(postgres_settings).keys()
    database.close()


INNER = r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))*"
"""What stands between the parentheses of a call."""
MADE_NOT_NULL = rf"alter_column\({INNER}(?<!existing_)nullable=False"
TAKES_AWAY = re.compile(rf"drop_table|drop_column|rename_table|new_column_name|{MADE_NOT_NULL}")
WITHOUT_DEFAULT = re.compile(r"add_column\((?!.*server_default).*nullable=False")


def test_a_migration_that_takes_something_away_ends_the_support_of_older_code() -> None:
    """The rule of alembic/README.md. What the first tables are taken away by is their downgrade."""
    for file in sorted(Path(migrate.__file__).parents[2].glob("alembic/versions/*.py")):
        upgrade = file.read_text().partition("def upgrade")[2].partition("def downgrade")[0]
        changed = re.sub(rf"create_table\({INNER}", "", upgrade)
        ends_support = "migrate.end_support(op.get_bind(), revision)" in upgrade
        assert ends_support or not TAKES_AWAY.search(changed), f"{file.name} takes away what older code uses"
        assert ends_support or not WITHOUT_DEFAULT.search(changed), f"{file.name}: older code can't write such rows"


@pytest.mark.parametrize(
    "line",
    [
        'op.drop_column("alerts", "step")',
        'batch_op.alter_column("name", existing_type=sa.String(10), nullable=False)',
        'batch_op.alter_column("name", new_column_name="title")',
        'op.add_column("alerts", sa.Column("later", sa.String(20), nullable=False))',
    ],
)
def test_the_rule_catches_what_breaks_older_code(line: str) -> None:
    assert TAKES_AWAY.search(line) or WITHOUT_DEFAULT.search(line)


@pytest.mark.parametrize(
    "line",
    [
        'op.add_column("alerts", sa.Column("later", sa.String(20), nullable=True))',
        'op.add_column("alerts", sa.Column("later", sa.Integer(), nullable=False, server_default="0"))',
        'op.add_column("alerts", sa.Column("later", sa.Integer(), server_default="0", nullable=False))',
        'batch_op.alter_column("name", existing_type=sa.String(10), existing_nullable=False, nullable=True)',
    ],
)
def test_the_rule_lets_pass_what_older_code_does_not_mind(line: str) -> None:
    assert not TAKES_AWAY.search(line)
    assert not WITHOUT_DEFAULT.search(line)


def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(sqlite_settings: Settings) -> None:
    """SQLite changes a table by dropping it, and a rotation's members go with their rotation."""
    database = Database(sqlite_settings)
    with database.transaction() as session:
        schedule = Schedule(name="dev", timezone="UTC", levels=["L1"], created_at=NOW)
        alice = User(handle="alice", name="Alice", created_at=NOW)
        session.add_all([schedule, alice])
        session.flush()
        start = "2026-01-05T10:00"
        rotation = Rotation(schedule_id=schedule.id, name="developers", start=start, shift=["3 days"], made_at=NOW)
        session.add(rotation)
        session.flush()
        session.add(RotationMember(rotation_id=rotation.id, position=0, user_id=alice.id))

    with migrate.turn(sqlite_settings) as connection:
        alter = Operations(MigrationContext.configure(connection))
        with alter.batch_alter_table("rotations") as rotations:
            rotations.alter_column("name", type_=sa.String(200))

    with database.read() as session:
        assert session.exec(select(RotationMember)).one().user_id == alice.id
    database.close()


def test_sqlite_numbers_no_row_like_one_that_is_gone(sqlite_settings: Settings) -> None:
    """A migration that copies a table says `table_kwargs={"sqlite_autoincrement": True}`, or this is lost."""
    with migrate.turn(sqlite_settings) as connection:
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'").scalars()
        asked = [each for each in SQLModel.metadata.tables.values() if each.dialect_kwargs.get("sqlite_autoincrement")]

        assert "overrides" in (numbered := set(found))
        assert numbered == {each.name for each in asked}


def test_copying_a_table_forgets_no_number_that_was_given(sqlite_settings: Settings) -> None:
    def made() -> int | None:
        with database.transaction() as session:
            session.add(alice := User(handle="alice", name="Alice", created_at=NOW))
            session.flush()
            session.delete(alice)
        return alice.id

    database = Database(sqlite_settings)
    assert made() == 1

    with migrate.turn(sqlite_settings) as connection:
        alter = Operations(MigrationContext.configure(connection))
        with alter.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as users:
            users.alter_column("name", type_=sa.String(300))

    assert made() == 2
    database.close()


def test_a_migration_that_fails_on_sqlite_is_undone(sqlite_settings: Settings) -> None:
    def fail_half_way() -> None:
        with migrate.turn(sqlite_settings) as connection:
            connection.exec_driver_sql("DROP TABLE rotation_members")
            raise ZeroDivisionError

    before = tables_of(sqlite_settings)

    with pytest.raises(ZeroDivisionError):
        fail_half_way()

    assert tables_of(sqlite_settings) == before

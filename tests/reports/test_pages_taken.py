"""What counting pages costs: the databases' plans, which no result shows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.db.database import Database
from oncall.models import PastPage, User
from oncall.reports.pages_taken import taken_by, taken_hourly
from oncall.settings import Settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
PEOPLE, PAGES = 100, 60_000
MANY = f"""
INSERT INTO pages (alert_id, user_id, step, round, reason, is_shadow, created_at)
SELECT n, first + mod(n, {PEOPLE}), 0, 0, 'new', false, timestamptz '2026-03-01Z' - n * interval '9 minutes'
FROM generate_series(1, {PAGES}) AS n, (SELECT min(id) AS first FROM users) AS users
"""
NARROW = "Index Only Scan using ix_pages_user_id_created_at_is_shadow on pages"


def with_people(database: Database, count: int) -> None:
    users = [{"handle": f"p{number}", "name": f"Person {number}"} for number in range(count)]
    with database.transaction() as session:
        apply(session, Config.model_validate({"users": users}), NOW)


def last_plan(session: Session, explain: str, ask: Callable[[Session], object]) -> str:
    """Of the last statement that is asked, made where it is asked and as its connection is set then."""
    plans: list[str] = []

    def note(connection: sa.Connection, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            plans.append(str(connection.exec_driver_sql(f"{explain} {statement}", values).all()))

    engine = session.get_bind()
    sa.event.listen(engine, "after_cursor_execute", note)
    ask(session)
    sa.event.remove(engine, "after_cursor_execute", note)
    return plans[-1]


def count_nights(session: Session) -> object:
    return taken_by(session, NOW - YEAR, NOW)


def test_postgresql_counts_by_the_narrow_index_where_it_would_read_all_pages_of_a_person(
    postgres_settings: Settings,
) -> None:
    """It has as many as it takes for the wrong plan to seem better: what `by_narrow_index` is for."""
    database = Database(postgres_settings)
    with_people(database, PEOPLE)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")  # without their alerts
        connection.exec_driver_sql(MANY)
        connection.exec_driver_sql("RESET session_replication_role")
        connection.exec_driver_sql("VACUUM ANALYZE pages, users")

    with database.read() as session:
        counted = last_plan(session, "EXPLAIN", count_nights)
        assert NARROW in counted
        assert "Bitmap" not in counted
        # as it was, for whoever has the connection next
        assert session.execute(sa.text("SHOW enable_bitmapscan")).scalar_one() == "on"
    database.close()


def test_sqlite_looks_for_the_pages_of_each_person_where_some_are_of_deleted_alerts(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    with_people(database, 2)
    with database.transaction() as session:
        somebody = session.exec(select(User.id)).first() or 0
        session.add(PastPage(id=99, user_id=somebody, created_at=NOW))

    with database.read() as session:
        plan = last_plan(session, "EXPLAIN QUERY PLAN", lambda s: taken_hourly(s, NOW - YEAR, NOW))
    database.close()

    assert "SEARCH pages USING COVERING INDEX ix_pages_user_id_created_at_is_shadow (user_id=? AND created_at>?" in plan
    assert "SCAN pages" not in plan

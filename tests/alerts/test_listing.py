"""Questions about alerts cost what they are about, however many there are: SQLite has no figures to plan by."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from oncall.alerts.listing import AlertFilter, list_alerts
from oncall.alerts.members import once_grouped
from oncall.db.database import Database
from oncall.lifecycle.alert import AlertStatus
from oncall.settings import Settings

Steps = Callable[[Callable[[Session], object]], list[str]]


@pytest.fixture
def steps(sqlite_settings: Settings) -> Iterator[Steps]:
    """Of SQLite's plan for the last thing that is asked."""
    database, asked = Database(sqlite_settings), list[tuple[str, Any]]()
    sa.event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))

    def steps_of(ask: Callable[[Session], object]) -> list[str]:
        with database.read() as session:
            ask(session)
            statement, values = asked[-1]
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        return [step[3] for step in plan]

    yield steps_of
    database.close()


def test_for_each_open_alert_one_page_of_mine_is_looked_up_and_not_all_of_them(steps: Steps) -> None:
    found = steps(lambda session: list_alerts(session, AlertFilter(open_only=True, mine=1), 50))
    assert [step for step in found if "pages" in step] == [
        "SEARCH pages USING COVERING INDEX ix_pages_user_id_alert_id (user_id=? AND alert_id=?)"
    ]


def test_of_closed_alerts_mine_are_found_by_my_pages(steps: Steps) -> None:
    wanted = AlertFilter(status=AlertStatus.RESOLVED, mine=1)
    found = steps(lambda session: list_alerts(session, wanted, 50))
    assert "SEARCH alerts USING INTEGER PRIMARY KEY (rowid=?)" in found
    assert any("ix_pages_user_id_alert_id (user_id=? AND alert_id>? AND alert_id<?)" in step for step in found)


def test_only_open_alerts_are_looked_through_for_those_that_grouping_made(steps: Steps) -> None:
    assert steps(once_grouped)[0] == "SCAN alerts USING INDEX ix_alerts_newest_open"

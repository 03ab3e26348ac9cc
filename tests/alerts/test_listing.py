"""Lists of alerts cost what they show, however much there is."""

from typing import Any

import sqlalchemy as sa

from oncall.alerts.listing import AlertFilter, list_alerts
from oncall.db import Database
from oncall.settings import Settings


def test_for_each_open_alert_sqlite_looks_up_one_page_of_mine_and_not_all_of_them(sqlite_settings: Settings) -> None:
    database, asked = Database(sqlite_settings), list[tuple[str, Any]]()
    sa.event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))

    with database.read() as session:
        list_alerts(session, AlertFilter(open_only=True, mine=1), 50)
        statement, values = next(each for each in asked if "FROM pages" in each[0])
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()

    (pages,) = [step[3] for step in plan if "pages" in step[3]]
    assert pages == "SEARCH pages USING COVERING INDEX ix_pages_user_id_alert_id (user_id=? AND alert_id=?)"
    database.close()

"""Who is told what to mend in a schedule."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Schedule, User
from oncall.notices.problems import Runners
from oncall.people.people import find_user
from oncall.settings import Settings

NOW = datetime(2026, 1, 5, tzinfo=UTC)
COMPANY = """
users:
  - {handle: alice, name: Alice Archer, role: admin}
  - {handle: bob, name: Bob Baker}
  - {handle: carol, name: Carol Cohen}
  - {handle: dave, name: Dave Dunn}
teams:
  - {name: managed, members: [bob], managers: [carol, dave]}
  - {name: unmanaged, members: [bob, dave]}
  - {name: empty}
schedules:
  - {name: managed, team: managed, timezone: UTC, levels: [L1]}
  - {name: unmanaged, team: unmanaged, timezone: UTC, levels: [L1]}
  - {name: empty, team: empty, timezone: UTC, levels: [L1]}
  - {name: teamless, timezone: UTC, levels: [L1]}
"""


def told(session: Session) -> dict[str, list[str]]:
    handles = dict(session.exec(select(User.id, User.handle)).all())
    runners = Runners(session)
    return {row.name: [handles[each] for each in runners.of(row)] for row in session.exec(select(Schedule))}


def test_managers_run_it_or_else_the_team_or_else_admins(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    with database.transaction() as session:
        apply(session, load(COMPANY), NOW)
        assert told(session) == {
            "managed": ["carol", "dave"],
            "unmanaged": ["bob", "dave"],
            "empty": ["alice"],
            "teamless": ["alice"],
        }
        find_user(session, "dave").retired_at = NOW
        session.flush()
        assert (told(session)["managed"], told(session)["unmanaged"]) == (["carol"], ["bob"])
    database.close()


def test_it_is_one_question_however_many_schedules_there_are(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    with database.transaction() as session:
        apply(session, load(COMPANY), NOW)
        schedules, asked = session.exec(select(Schedule)).all(), []
        sa.event.listen(database.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
        runners = Runners(session)
        assert [len(runners.of(row)) for row in schedules] == [2, 2, 1, 1]
    assert len(asked) == 1
    database.close()

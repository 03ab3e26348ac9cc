"""The installation's row is there before anybody reads it, and says what a change touches: on both databases."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.installation import installation, mark
from oncall.models import Installation, Override, RotationMember, ShadowShift
from oncall.people.people import find_user
from oncall.rota import coverage
from oncall.rota.plans import find_schedule, find_schedules
from oncall.rota.publishing import publish
from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from tests.conftest import Contents

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
ROTATION = "rotations: [{name: all, members: [alice, bob], start: 2026-01-05T10:00, shift: 1 day}]"
COMPANY = f"""
users:
  - {{handle: alice, name: Alice Archer}}
  - {{handle: bob, name: Bob Baker}}
schedules:
  - {{name: dev, timezone: UTC, levels: [L1], {ROTATION}}}
  - {{name: ops, timezone: UTC, levels: [L1], {ROTATION}}}
"""


def test_it_is_written_at_the_start_and_not_by_readers(settings: Settings) -> None:
    runtime = build_runtime(settings, with_engine=False)
    runtime.database.close()

    database = Database(settings)
    with database.read() as session:
        assert session.get(Installation, 1) is not None
    database.close()


@pytest.fixture(scope="module")
def begins_with() -> Contents:
    return Contents(NOW, (COMPANY,))


@pytest.fixture
def company(lasting: Database) -> Iterator[Session]:
    with lasting.trial() as session:
        yield session


def cover(session: Session, schedule: str) -> Override:
    """Of tomorrow, by Alice."""
    times = {"starts_at": NOW + timedelta(days=1), "ends_at": NOW + timedelta(days=2), "created_at": NOW}
    owner, alice = find_schedule(session, schedule), find_user(session, "alice")
    return Override(schedule_id=owner.id or 0, level="L1", user_id=alice.id, **times)


def marks(session: Session) -> dict[str, str]:
    return {row.name: mark(installation(session), row.revision) for row in find_schedules(session)}


def touched(session: Session, change: Callable[[Session], object]) -> set[str]:
    before = marks(session)
    change(session)
    session.flush()
    return {name for name, now_at in marks(session).items() if now_at != before[name]}


def by_code_that_knows_no_marks(session: Session) -> None:
    session.execute(sa.text("UPDATE installation SET revision = 'of the version before'"))
    session.expire_all()


def test_an_override_touches_its_schedule_and_people_touch_all(company: Session) -> None:
    dev_id = find_schedule(company, "dev").id

    assert touched(company, lambda session: session.add(cover(session, "dev"))) == {"dev"}
    assert touched(company, lambda session: setattr(find_user(session, "bob"), "tags", ["x"])) == {"dev", "ops"}
    member = RotationMember(rotation_id=dev_id or 0, position=2, user_id=1)
    assert touched(company, lambda session: session.add(member)) == {"dev", "ops"}  # rules may leave out members of dev
    times = {"starts_at": NOW, "ends_at": NOW + timedelta(days=1), "created_at": NOW}
    shadow = ShadowShift(schedule_id=dev_id or 0, level="L1", user_id=1, **times)
    assert touched(company, lambda session: session.add(shadow)) == set()


def test_what_code_of_the_version_before_changes_touches_all_whatever_comes_after(company: Session) -> None:
    assert touched(company, by_code_that_knows_no_marks) == {"dev", "ops"}
    assert touched(company, lambda session: session.add(cover(session, "dev"))) == {"dev", "ops"}
    assert touched(company, lambda session: session.add(cover(session, "ops"))) == {"ops"}


def test_what_is_known_of_a_schedule_is_kept_while_others_change(company: Session) -> None:
    dev, ops = find_schedules(company)
    before = coverage.plan_of(company, dev), coverage.plan_of(company, ops)
    company.add(cover(company, "dev"))
    company.flush()

    assert len(coverage.plan_of(company, dev).overrides) == 1
    assert coverage.plan_of(company, dev) is not before[0]
    assert coverage.plan_of(company, ops) is before[1]


@pytest.mark.parametrize("others", [1, 8])
def test_publishing_a_change_asks_of_the_schedule_that_it_touches(sqlite_settings: Settings, others: int) -> None:
    """As much, however many schedules there are beside it."""
    database = Database(sqlite_settings)
    more = "".join(f"\n  - {{name: more{i}, timezone: UTC, levels: [L1], {ROTATION}}}" for i in range(others))
    with database.transaction() as session:
        apply(session, load(COMPANY.rstrip() + more), NOW)
    publish(database, NOW, only_if_changed=False)
    with database.transaction() as session:
        session.add(cover(session, "dev"))
    asked: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))

    publish(database, NOW, only_if_changed=True)

    assert len([statement for statement in asked if "FROM published_shifts" in statement]) == 2  # compared, and changed
    assert len(asked) < 50
    database.close()


def test_plans_are_loaded_in_as_few_questions_however_many_there_are(company: Session) -> None:
    def asked() -> int:
        find_user(company, "alice").name += "!"  # everybody counts for all schedules
        company.flush()
        statements: list[object] = []
        note = lambda *arguments: statements.append(arguments)  # noqa: E731
        sa.event.listen(company.get_bind(), "before_cursor_execute", note)
        coverage.plans(company)
        sa.event.remove(company.get_bind(), "before_cursor_execute", note)
        return len(statements)

    before = asked()
    more = [f"{{name: more{n}, timezone: UTC, levels: [L1], {ROTATION}}}" for n in range(5)]
    apply(company, load(f"schedules: [{', '.join(more)}]"), NOW)

    assert asked() == before
    assert len(coverage.plans(company)) == 7

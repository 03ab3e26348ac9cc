"""Ruled members come in the order in which they came under the rule; and who came after the schedule is known."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.installation import lock_plans
from oncall.models import Rotation, RuledMember, Schedule, User
from oncall.models.schedule import CURRENT
from oncall.rota.coverage import takers
from oncall.rota.members import Members, note_newcomers
from oncall.rota.plans import find_schedule
from oncall.settings import Settings
from tests.postgres import wait_for_a_lock

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)
COMPANY = """
users:
  - {handle: alice, name: Alice Archer}
  - {handle: bob, name: Bob Baker, tags: [developer]}
  - {handle: carol, name: Carol Cole, tags: [developer]}
schedules:
  - name: dev
    timezone: UTC
    levels: [L1]
    rotations: [{name: developers, members: {tagged: developer}, start: 2026-01-05T10:00, shift: 1 day}]
"""


class Company:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.apply(COMPANY, NOW)
        note_newcomers(database, NOW)

    def apply(self, text: str, now: datetime) -> None:
        with self.database.transaction() as session:
            apply(session, load(text), now, confirm=True)

    def tag(self, handle: str, *tags: str) -> None:
        with self.database.transaction() as session:
            user = session.exec(select(User).where(User.handle == handle)).one()
            user.tags = list(tags)
            session.add(user)

    def members(self) -> list[str]:
        with self.database.read() as session:
            return Members(session).people(session.exec(select(Rotation).where(CURRENT)).one())

    def newcomers(self) -> frozenset[str]:
        with self.database.read() as session:
            members, rotation = Members(session), session.exec(select(Rotation).where(CURRENT)).one()
            return members.newcomers(rotation, members.of(rotation))


def test_at_first_all_come_by_their_handles(database: Database) -> None:
    assert Company(database).members() == ["bob", "carol"]


def test_who_comes_under_the_rule_later_goes_to_the_end(database: Database) -> None:
    company = Company(database)
    company.tag("alice", "developer")
    assert company.members() == ["bob", "carol", "alice"]  # before it is noted, too

    note_newcomers(company.database, NOW + DAY)
    assert company.members() == ["bob", "carol", "alice"]


def test_who_leaves_and_comes_back_is_a_newcomer(database: Database) -> None:
    company = Company(database)
    company.tag("bob")
    note_newcomers(company.database, NOW + DAY)
    company.tag("bob", "developer")
    note_newcomers(company.database, NOW + 2 * DAY)
    assert company.members() == ["carol", "bob"]


OPS = """
schedules:
  - name: ops
    timezone: America/New_York
    levels: [L1]
    rotations: [{{name: all, members: [{members}], start: 2026-01-01T10:00, shift: 1 day{more}}}]
  - name: dev
    rotations: [{{name: developers, members: {{tagged: developer, not_in: ops}}}}]
"""


@pytest.mark.parametrize(
    ("members", "more", "stays"),
    [
        ("bob", "", [("carol", None, None)]),
        ("{user: bob, joins: 2026-02-01T10:00}", "", [("bob", None, "2026-02-01T15:00"), ("carol", None, None)]),
        ("{user: bob, leaves: 2026-02-01T10:00}", "", [("bob", "2026-02-01T15:00", None), ("carol", None, None)]),
        (
            "[bob, carol], {user: bob, joins: 2026-02-01T10:00}",
            ", until: 2026-03-01T10:00",
            [("bob", "2026-03-01T15:00", None), ("carol", "2026-03-01T15:00", None)],
        ),
        (
            "{user: carol, joins: 2026-02-01T10:00, leaves: 2026-03-01T10:00}",
            "",
            [("bob", None, None), ("carol", None, "2026-02-01T15:00"), ("carol", "2026-03-01T15:00", None)],
        ),
    ],
    ids=["always", "from a date on", "up to a date", "while the rotation lasts", "for a month"],
)
def test_a_rule_leaves_people_out_while_they_take_turns_elsewhere(
    database: Database, members: str, more: str, stays: list[tuple[str, str | None, str | None]]
) -> None:
    company = Company(database)
    company.apply(OPS.format(members=members, more=more), NOW)
    with company.database.read() as session:
        dev = select(Rotation).join(Schedule).where(CURRENT, Schedule.name == "dev")
        found = Members(session).of(session.exec(dev).one())
    assert [(*each.people, _text(each.joins), _text(each.leaves)) for each in found] == stays


def _text(at: datetime | None) -> str | None:
    return at and at.isoformat(timespec="minutes")


def test_two_engines_that_note_it_at_once_do_not_hinder_each_other(postgres_settings: Settings) -> None:
    database = Database(postgres_settings)
    company = Company(database)
    company.tag("bob")
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            lock_plans(session)
            session.delete(session.exec(select(RuledMember).join(User).where(User.handle == "bob")).one())
            session.flush()
            other = pool.submit(note_newcomers, database, NOW + DAY)
            wait_for_a_lock(database)
        other.result()
    assert company.members() == ["carol"]
    database.close()


def test_noting_it_again_changes_nothing(database: Database) -> None:
    company = Company(database)
    note_newcomers(company.database, NOW + DAY)
    with company.database.read() as session:
        assert {row.since for row in session.exec(select(RuledMember))} == {NOW}


def test_an_edit_of_the_times_reshuffles_nobody(database: Database) -> None:
    company = Company(database)
    company.tag("alice", "developer")
    note_newcomers(company.database, NOW + DAY)
    rotation = "{name: developers, members: {tagged: developer}, start: 2026-01-05T10:00, shift: 2 days}"
    company.apply(f"schedules: [{{name: dev, rotations: [{rotation}]}}]", NOW + 2 * DAY)
    note_newcomers(company.database, NOW + 2 * DAY)
    assert company.members() == ["bob", "carol", "alice"]
    assert company.newcomers() == {"alice"}


@pytest.mark.parametrize("members", ["[carol, bob]", "{tagged: developer}"])
def test_who_came_with_the_schedule_is_no_newcomer(database: Database, members: str) -> None:
    company = Company(database)
    company.apply(_rotation(members), NOW)
    note_newcomers(company.database, NOW)
    assert company.newcomers() == frozenset()

    company.tag("alice", "developer")
    company.apply(_rotation(members.replace("[", "[alice, ")), NOW + DAY)
    assert company.newcomers() == {"alice"}  # before it is noted, too
    note_newcomers(company.database, NOW + DAY)
    assert company.newcomers() == {"alice"}


def _rotation(members: str) -> str:
    rotation = f"{{name: developers, members: {members}, start: 2026-01-05T10:00, shift: 1 day}}"
    return f"schedules: [{{name: dev, rotations: [{rotation}]}}]"


def test_who_has_left_a_rotation_may_not_take_its_shifts_by_a_version_that_is_over(database: Database) -> None:
    company = Company(database)
    listed = COMPANY.replace("{tagged: developer}", "[alice, bob]")
    company.apply(listed, NOW)
    company.apply(listed.replace("shift: 1 day", "shift: 2 days"), NOW + 3 * DAY)
    company.apply(listed.replace("shift: 1 day", "shift: 2 days").replace("[alice, bob]", "[alice]"), NOW + 4 * DAY)

    with company.database.read() as session:
        assert takers(session, find_schedule(session, "dev")) == {"L1": {"alice"}}

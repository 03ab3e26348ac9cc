"""The reference company: its people, its rotations, and that setting it up twice does no harm."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from oncall.cli.overrides import OPERATOR
from oncall.config.apply import apply
from oncall.db.database import Database
from oncall.demo.demo import prepare
from oncall.demo.demo_company import demo_config
from oncall.models import IntegrationKey, Rotation, Schedule
from oncall.people.people import find_user
from oncall.people.retiring import retire
from oncall.rota.coverage import on_call
from oncall.rota.members import Members
from oncall.settings import Settings
from tests.config.company import NOW


def test_150_people_each_with_a_name_and_a_fictional_number_of_their_own() -> None:
    users = demo_config().users

    numbers = [user.contact_methods[0].address for user in users]
    assert len({user.handle for user in users}) == len({user.name for user in users}) == len(set(numbers)) == 150
    assert all(number[5:10] == "55501" and len(number) == 12 for number in numbers)
    assert all(method.verified for user in users for method in user.contact_methods)
    assert Counter(str(user.role) for user in users) == {"user": 149, "admin": 1}


@pytest.fixture(scope="module")
def demo(lasting: Database) -> Database:
    """A database in which the demo's company has been set up."""
    with lasting.transaction() as session:
        apply(session, demo_config(), NOW)
    return lasting


def test_all_developers_who_are_not_in_another_rotation_are_in_dev(demo: Database) -> None:
    with demo.read() as session:
        members = Members(session)
        rows = session.exec(select(Schedule.name, Rotation).join(Rotation))
        sizes = {name: len(members.of(rotation)) for name, rotation in rows}
    assert sizes == {"dev": 130, "ops": 8, "payments": 6, "support": 6}


def test_somebody_experienced_is_behind_every_first_timer(demo: Database) -> None:
    experienced = {user.handle for user in demo_config().users if "dev" in user.experienced}
    with demo.read() as session:
        dev = session.exec(select(Schedule).where(Schedule.name == "dev")).one()
        turns = [on_call(session, dev, NOW + timedelta(days=3 * turn + 1)) for turn in range(10)]
    last_lines = [shift.handle for turn in turns for shift in turn["L2"]]
    first_lines = [shift.handle for turn in turns for shift in turn["L1"]]
    assert len(experienced) == 22
    assert len(last_lines) == len(first_lines) == 10
    assert experienced.issuperset(last_lines)
    assert len(set(first_lines) - experienced) >= 7


def test_setting_it_up_again_changes_nothing_and_keeps_the_keys(demo: Database) -> None:
    with demo.transaction() as session:
        keys = {row.key for row in session.exec(select(IntegrationKey))}
        assert apply(session, demo_config(), NOW + timedelta(days=1)) == []
        assert {row.key for row in session.exec(select(IntegrationKey))} == keys
    assert len(keys) == 4


def test_the_demo_is_whole_again_after_somebody_has_retired_and_keeps_a_key_made_by_hand(
    sqlite_settings: Settings,
) -> None:
    settings = sqlite_settings.model_copy(update={"demo": True})
    later = NOW + timedelta(days=1)
    welcome = prepare(settings, later)
    database = Database(settings)
    with database.transaction() as session:
        retire(session, settings, find_user(session, "bob"), OPERATOR, later, confirm=True)
        session.add(IntegrationKey(service_id=1, name="by hand", tool="generic", key="k" * 32, created_at=later))

    assert prepare(settings, later) == welcome, "the line to paste is the same"
    with database.read() as session:
        assert find_user(session, "bob").retired_at is None
        assert len(session.exec(select(IntegrationKey).where(col(IntegrationKey.revoked_at).is_(None))).all()) == 5
    database.close()


def test_where_curl_is_missing_the_demo_says_so_below_its_line(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    later = NOW + timedelta(days=1)
    missing = prepare(sqlite_settings, later)
    (tmp_path / "curl").touch(0o755)

    assert missing.curl == f"{prepare(sqlite_settings, later).curl}\n\nIt takes curl: sudo apt-get install curl"

"""The schedules to begin with: somebody is on call from the first minute on, and nobody on two levels at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from oncall.db.database import Database
from oncall.errors import BadInput, Conflict
from oncall.models import Schedule
from oncall.people.people import find_user
from oncall.planning.starters import STARTERS
from oncall.rota.coverage import final_shifts
from oncall.settings import Settings
from oncall.setup.first_run import make_admin, make_team, read_people
from schedules.spans import holes

NOW = datetime(2026, 3, 25, 6, 30, tzinfo=UTC)  # before the hour of the handoff; clocks change on the 29th
PEOPLE = {
    "alone": "",
    "two": "Bob Baker, bob@example.com",
    "three in two zones": "Bob Baker\nCarol Silva, carol@example.com, Asia/Tokyo",
}


@pytest.fixture
def session(sqlite_settings: Settings):  # type: ignore[no-untyped-def]
    database = Database(sqlite_settings)
    with database.transaction() as opened:
        yield opened
    database.close()


def made(session: Session, starter: str, people: str) -> Schedule:
    alice = make_admin(session, "Alice Archer", "alice", "", "Europe/Berlin", "hash", NOW)
    make_team(session, alice, "payments", starter, people, NOW)
    return session.exec(select(Schedule)).one()


@pytest.mark.parametrize("people", PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.parametrize("starter", STARTERS)
def test_a_starter_leaves_no_hole_and_puts_nobody_on_two_levels(session: Session, starter: str, people: str) -> None:
    schedule = made(session, starter, people)
    end = NOW + timedelta(days=60)

    shifts = final_shifts(session, schedule, NOW, end)

    for level in schedule.levels:
        assert not holes([(each.start, each.end) for each in shifts if each.level == level], NOW, end)
    first = [each for each in shifts if each.level == "L1"]
    second = [each for each in shifts if each.level == "L2"]
    assert not [(a, b) for a in first for b in second if a.user_id == b.user_id and a.start < b.end and b.start < a.end]


def test_days_and_nights_are_not_the_same_persons_in_one_week(session: Session) -> None:
    schedule = made(session, "hours-and-nights", PEOPLE["two"])

    shifts = final_shifts(session, schedule, NOW, NOW + timedelta(days=4))

    assert {each.handle for each in shifts if each.start.hour == 8} == {"bob"}  # 09:00 in Berlin, until the 28th
    assert {each.handle for each in shifts if each.start.hour == 16} == {"alice"}


def test_alone_there_is_no_second_level(session: Session) -> None:
    assert made(session, "three-days", "").levels == ["L1"]


def test_what_is_there_already_is_not_changed_unasked(session: Session) -> None:
    made(session, "three-days", PEOPLE["two"])
    alice = find_user(session, "alice")

    with pytest.raises(Conflict, match="There is a team payments already"):
        make_team(session, alice, "payments", "follow-the-sun", "", NOW)
    with pytest.raises(Conflict, match="Somebody has the handle bob already"):
        make_team(session, alice, "search", "three-days", "Bob Bell", NOW)

    assert find_user(session, "bob").name == "Bob Baker"


def test_people_are_read_from_lines() -> None:
    bob, carol = read_people("Bob Baker, bob@example.com\n\n Carol Silva , , Europe/Lisbon", "Europe/Berlin")

    assert (bob.handle, bob.name, bob.email, bob.timezone) == ("bob", "Bob Baker", "bob@example.com", "Europe/Berlin")
    assert (carol.handle, carol.email, carol.timezone) == ("carol", None, "Europe/Lisbon")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("Bob, bob", '"bob" is not an email address'),
        ("Bob, bob@example.com, Berlin", '"Berlin" is not a time zone: perhaps Europe/Berlin'),
        ("Bob, bob@example.com, UTC, boss", "write a name, an email address and a time zone"),
        ("李雷", "can't be a handle"),
        ("Bob Baker\nBob Bell", "Line 2: there is a handle bob already"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(lines: str, problem: str) -> None:
    with pytest.raises(BadInput, match="Line") as refused:
        read_people(lines, "UTC")

    assert problem in refused.value.detail
    assert refused.value.field == "people"

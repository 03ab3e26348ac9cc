"""Published turns in the database: what people have been told stays, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from oncall.absences.absences import add_absence
from oncall.db.database import Database
from oncall.models import PublishedShift, PublishedTurn, User
from oncall.rota.coverage import on_call
from oncall.rota.horizon import plan_anew, publish_anew, publish_turns
from tests.a_turn_a_day import (
    CAROL_LEAVES,
    COMPANY,
    DAVE_JOINS,
    DAY,
    HOUR,
    NOW,
    TWO_DAYS,
    Company,
    on_sqlite,
    schedule,
    swap_the_8th,
)
from tests.conftest import Contents


@pytest.fixture
def contents() -> Contents:
    return Contents(NOW, (COMPANY,))


@pytest.fixture
def company(database: Database) -> Company:
    return Company(database)


def test_turns_are_published_up_to_the_horizon_once(company: Company) -> None:
    company.publish()
    with company.database.read() as session:
        numbers = [turn.number for turn in session.exec(select(PublishedTurn).order_by(PublishedTurn.number))]  # type: ignore[arg-type]
    assert numbers == [0, 1, 2, 3, 4, 5, 6]
    assert publish_turns(company.database, company.now) == 0
    company.now += DAY
    assert publish_turns(company.database, company.now) == 1


def test_whoever_joins_comes_on_after_the_horizon(company: Company) -> None:
    company.publish()
    assert company.told() == "abcabcabca"
    company.apply(DAVE_JOINS)
    assert company.told() == "abcabca" + "bcd"
    company.publish()
    assert company.told() == "abcabca" + "bcd"


def test_whoever_leaves_hands_on_their_turns_and_nobody_elses_move(company: Company) -> None:
    company.publish()
    company.apply(DAVE_JOINS)
    company.apply(CAROL_LEAVES)
    company.publish()
    assert company.told(7) == "abdabda"


@on_sqlite
def test_whoever_covers_a_leaver_where_another_rotation_has_the_level_goes_on_covering_them(company: Company) -> None:
    nights = "{name: nights, members: [carol], start: 2026-01-05T10:00, shift: 1 day, hours: '22:00-02:00'}"
    days = "{name: developers, members: {tagged: developer}, start: 2026-01-05T10:00, shift: 1 day}"
    cover = "{level: L1, user: dave, replaces: carol, start: 2026-01-07T20:00, end: 2026-01-08T02:00}"
    company.apply(f"schedules: [{{name: dev, rotations: [{days}, {nights}], overrides: [{cover}]}}]")
    company.publish()

    def on_the_7th() -> list[str]:
        with company.database.read() as session:
            hours = [NOW + 2 * DAY + hour * HOUR for hour in (0, 9, 11, 13, 15)]
            return [on_call(session, schedule(session), at)["L1"][0].handle for at in hours]

    assert on_the_7th() == ["carol", "dave", "dave", "dave", "carol"]
    company.apply(CAROL_LEAVES)
    assert on_the_7th() == ["bob", "dave", "dave", "dave", "bob"], "Carol has her nights still, and Dave this one"


@on_sqlite
def test_whoever_goes_to_another_schedule_from_a_date_on_has_their_turns_until_then(company: Company) -> None:
    developers = "{tagged: developer, not_in: ops}"
    company.apply(f"""
schedules:
  - {{name: ops, timezone: UTC, levels: [L1]}}
  - name: dev
    rotations: [{{name: developers, members: {developers}, start: 2026-01-05T10:00, shift: 1 day}}]""")
    company.publish()
    assert company.told() == "abcabcabca"
    joins = "{user: carol, joins: 2026-01-09T10:00}"
    company.apply(
        "schedules: [{name: ops, rotations:"
        f" [{{name: all, members: [dave, {joins}], start: 2026-01-05T10:00, shift: 1 day}}]}}]"
    )
    company.publish()
    assert company.told(5) == "abcab"
    assert "c" not in company.told()[5:]


@on_sqlite
def test_a_leavers_turn_goes_to_nobody_who_is_away_then(company: Company) -> None:
    company.publish()
    company.apply(DAVE_JOINS)
    with company.database.transaction() as session:
        dave = session.exec(select(User).where(User.handle == "dave")).one()
        add_absence(session, dave, dave, NOW + 2 * DAY, NOW + 2 * DAY + HOUR, "", NOW)
    company.apply(CAROL_LEAVES)
    assert company.told(7) == "abbabda"


DAYS_OF_ERIN = """
users:
  - {handle: dave, name: Dave Dunn, tags: [developer]}
  - {handle: erin, name: Erin Evans, tags: [developer]}
schedules:
  - name: ops
    timezone: UTC
    levels: [L1]
    overrides:
      - {level: L1, user: erin, start: 2026-01-12T06:00, end: 2026-01-12T22:00}
      - {level: L1, user: erin, start: 2026-01-13T06:00, end: 2026-01-13T14:00}
"""


@on_sqlite
def test_a_leavers_turn_goes_to_fewer_nights_and_weekends_rather_than_to_fewer_hours(company: Company) -> None:
    """Alice has 46 hours with two nights and a weekend, Erin 48 with one night and less of the weekend."""
    company.apply(DAYS_OF_ERIN)
    company.publish()
    assert company.told(7) == "abcdeab"
    company.apply(CAROL_LEAVES)
    assert company.told(7) == "abedeab"


def test_calendars_keep_the_event_of_a_turn_that_is_handed_on(company: Company) -> None:
    company.publish()
    with company.database.read() as session:
        before = {row.starts_at: (row.uid, row.sequence) for row in session.exec(select(PublishedShift))}
    company.apply(CAROL_LEAVES)
    company.publish()
    with company.database.read() as session:
        carol = session.exec(select(User.id).where(User.handle == "carol")).one()
        rows = session.exec(select(PublishedShift)).all()
    assert all(row.user_id != carol for row in rows if row.ends_at > company.now)
    handed_on = next(row for row in rows if row.starts_at == datetime(2026, 1, 7, 10, tzinfo=UTC))
    assert (handed_on.uid, handed_on.sequence) == (before[handed_on.starts_at][0], before[handed_on.starts_at][1] + 1)


def test_publishing_anew_says_who_gains_and_loses_and_then_does_it(company: Company) -> None:
    company.publish()
    company.apply(DAVE_JOINS)
    with company.database.transaction() as session:
        planned = plan_anew(session, schedule(session), company.now)
        assert company.told(7) == "abcabca"
        assert publish_anew(session, schedule(session), company.now) == planned
    days = [(move.start.day, move.loses, move.gains) for move in planned]
    assert days == [(8, "alice", "dave"), (9, "bob", "alice"), (10, "carol", "bob")]  # up to the horizon
    company.publish()
    assert company.told(8) == "abcdabcd"


def test_publishing_anew_leaves_what_a_swap_has_agreed_on(company: Company) -> None:
    company.publish()
    swap_the_8th(company)
    company.publish()
    company.apply(DAVE_JOINS)
    assert company.told(7) == "abccbca"
    with company.database.transaction() as session:
        planned = plan_anew(session, schedule(session), company.now)
        assert publish_anew(session, schedule(session), company.now, confirm=True) == planned
    days = [(move.start.day, move.loses, move.gains) for move in planned]
    assert days == [(9, "bob", "alice"), (10, "carol", "bob")]  # the 8th is Dave's turn now, and stays Carol's
    company.publish()
    assert company.told(8) == "abccabcd"


@on_sqlite
def test_a_file_that_edits_a_rotation_leaves_what_a_swap_has_agreed_on(company: Company) -> None:
    company.publish()
    swap_the_8th(company)
    company.apply(TWO_DAYS)
    company.publish()
    assert company.told(6) == "aabcc" + "c"  # Bob's two days are the 7th and the 8th now


def test_an_edit_of_the_rotations_times_is_published_as_edited(company: Company) -> None:
    company.publish()
    company.apply(
        "schedules: [{name: dev, rotations: [{name: developers, members: {tagged: developer},"
        " start: 2026-01-05T10:00, shift: 2 days}]}]"
    )
    company.publish()
    assert company.told(8) == "aabbccaa"

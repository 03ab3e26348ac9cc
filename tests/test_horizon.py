"""Published turns in the database: what people have been told stays, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from oncall.absences import add_absence
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.coverage import final_shifts, on_call
from oncall.db import Database
from oncall.horizon import plan_anew, publish_anew, publish_turns
from oncall.models import PublishedShift, PublishedTurn, Schedule, SwapPiece, User
from oncall.plans import find_schedule
from oncall.publishing import publish
from oncall.swaps.hand_over import hand_over
from tests.conftest import Contents

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
COMPANY = """
users:
  - {handle: alice, name: Alice Archer, tags: [developer]}
  - {handle: bob, name: Bob Baker, tags: [developer]}
  - {handle: carol, name: Carol Cole, tags: [developer]}
  - {handle: dave, name: Dave Dunn}
schedules:
  - name: dev
    timezone: UTC
    levels: [L1]
    horizon: 6 days
    rotations:
      - {name: developers, members: {tagged: developer}, start: 2026-01-05T10:00, shift: 1 day}
"""
DAVE_JOINS = "users: [{handle: dave, name: Dave Dunn, tags: [developer]}]"
CAROL_LEAVES = "users: [{handle: carol, name: Carol Cole, tags: []}]"


class Company:
    """The schedule dev with a turn a day, and a day to look at it from."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOW

    def apply(self, text: str) -> None:
        with self.database.transaction() as session:
            apply(session, load(text), self.now, confirm=True)

    def publish(self) -> None:
        publish(self.database, self.now, only_if_changed=False)

    def told(self, days: int = 10) -> str:
        """Initials of whoever is on each day from the first on."""
        with self.database.read() as session:
            shifts = final_shifts(session, schedule(session), NOW, NOW + days * DAY)
            on = [next(s.handle for s in shifts if s.start <= NOW + day * DAY < s.end) for day in range(days)]
        return "".join(handle[0] for handle in on)


def schedule(session: Session) -> Schedule:
    return find_schedule(session, "dev")


on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
"""What is decided by Python from the same tables as in a test beside it, which is for both databases."""


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


def swap_the_8th(company: Company) -> None:
    """Of Alice, who gives it to Carol."""
    with company.database.transaction() as session:
        people = {user.handle: user.id or 0 for user in session.exec(select(User))}
        day = datetime(2026, 1, 8, 10, tzinfo=UTC)
        place = {"schedule_id": schedule(session).id or 0, "level": "L1", "starts_at": day, "ends_at": day + DAY}
        piece = SwapPiece(swap_id=0, giver_id=people["alice"], **place)
        hand_over(session, piece, people["carol"], people["carol"], company.now)


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


TWO_DAYS = (
    "schedules: [{name: dev, rotations: [{name: developers, members: {tagged: developer},"
    " start: 2026-01-05T10:00, shift: 2 days}]}]"
)


def test_the_past_stays_as_it_was_when_a_rotation_is_edited(company: Company) -> None:
    company.publish()
    company.now += 3 * DAY
    company.apply(TWO_DAYS)
    company.publish()
    assert company.told(8) == "abc" + "bccaa"
    with company.database.read() as session:
        cut = [
            (s.start, s.end, s.handle) for s in final_shifts(session, schedule(session), company.now - DAY, company.now)
        ]
    assert cut[-1] == (company.now - 2 * HOUR, company.now, "alice")


@on_sqlite
def test_an_edit_within_the_hour_is_a_correction_of_the_one_before(company: Company) -> None:
    company.publish()
    company.now += 3 * DAY
    company.apply(TWO_DAYS)
    company.now += HOUR
    company.apply(TWO_DAYS.replace("2 days", "4 days"))
    company.publish()
    assert company.told(8) == "abc" + "abbbb"


@on_sqlite
def test_the_past_stays_as_it_was_when_a_rotation_goes_or_comes(company: Company) -> None:
    company.publish()
    company.now += 3 * DAY
    company.apply("schedules: [{name: dev, rotations: []}]")
    company.publish()
    assert company.told(3) == "abc"
    with company.database.read() as session:
        assert final_shifts(session, schedule(session), company.now, company.now + DAY) == []
        assert export(session).schedules[0].rotations == []

    company.now += 2 * DAY
    company.apply(
        "schedules: [{name: dev, rotations: [{name: d, members: [dave], start: 2026-01-01T10:00, shift: 1 day}]}]"
    )
    with company.database.read() as session:
        on = [
            (shift.handle, shift.start, shift.end)
            for shift in final_shifts(session, schedule(session), NOW, company.now + DAY)
        ]
    assert on[3] == ("alice", NOW + 3 * DAY - 2 * HOUR, NOW + 3 * DAY)
    assert on[4] == ("dave", company.now, company.now + DAY - 2 * HOUR)


ALICE, BOB = (f"{{name: {who}, members: [{who}], start: 2026-01-01T10:00, shift: 1 day}}" for who in ("alice", "bob"))
BY_NIGHT = "{name: nights, members: [dave], start: 2026-01-01T10:00, shift: 1 day, hours: '02:00-03:00'}"


def rotations(*of: str) -> str:
    return f"schedules: [{{name: dev, rotations: [{', '.join(of)}]}}]"


def test_the_past_stays_as_it_was_when_rotations_change_places(company: Company) -> None:
    company.apply(rotations(ALICE, BOB))
    company.publish()
    company.now += 3 * DAY
    company.apply(rotations(BOB, ALICE))
    company.publish()
    assert company.told(6) == "bbb" + "aaa"
    company.apply(rotations(BOB, ALICE))
    assert company.told(6) == "bbb" + "aaa"


@on_sqlite
def test_the_past_stays_as_it_was_when_others_come_below_what_is_over(company: Company) -> None:
    company.apply(rotations(ALICE, BOB))
    company.now += 3 * DAY
    company.apply(rotations(ALICE))
    company.now += DAY
    company.apply(rotations(BY_NIGHT, BY_NIGHT.replace("nights", "mornings"), ALICE))
    assert company.told(6) == "bbb" + "aaa"


@on_sqlite
def test_what_is_published_stays_when_rotations_change_places(company: Company) -> None:
    developers = "{name: developers, members: {tagged: developer}, start: 2026-01-05T10:00, shift: 1 day}"
    company.apply(rotations(BY_NIGHT, developers))
    company.publish()
    company.now += 2 * DAY
    company.apply(DAVE_JOINS)
    before = company.told()
    assert before == "abcabca" + "bcd"
    for order in ((developers, BY_NIGHT), (BY_NIGHT, developers)):
        company.now += 2 * HOUR
        company.apply(rotations(*order))
        company.publish()
        assert company.told() == before


@on_sqlite
@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ("", ", until: 2026-01-06T10:00", "bbb" + "aaa"),
        (", until: 2026-01-06T10:00", ", until: 2027-01-01T10:00", "baa" + "bbb"),
    ],
    ids=["set", "put off"],
)
def test_the_past_stays_as_it_was_when_an_end_that_is_over_is_edited(
    company: Company, first: str, then: str, told: str
) -> None:
    company.apply(rotations(ALICE, BOB.replace("}", first + "}")))
    company.publish()
    company.now += 3 * DAY
    company.apply(rotations(ALICE, BOB.replace("}", then + "}")))
    company.publish()
    assert company.told(6) == told


@on_sqlite
def test_the_past_stays_as_it_was_when_a_level_gets_another_name_and_what_was_planned_on_it_is_not_done(
    company: Company,
) -> None:
    company.publish()
    swap_the_8th(company)
    company.now += 3 * DAY
    company.apply("schedules: [{name: dev, levels: [first]}]")
    company.publish()

    assert company.told(6) == "abc" + "abc"
    with company.database.read() as session:
        shifts = final_shifts(session, schedule(session), NOW, company.now + 3 * DAY)
        former = [(shift.handle, shift.end) for shift in shifts if shift.level == "L1"]
        on = [on_call(session, schedule(session), at) for at in (company.now - HOUR, company.now)]
    assert former[-2:] == [("carol", company.now - 2 * HOUR), ("carol", company.now)]
    assert [{level: people[0].handle for level, people in each.items() if people} for each in on] == [
        {"L1": "carol"},
        {"first": "alice"},
    ]


@on_sqlite
def test_what_an_override_was_stays_when_the_file_forgets_it(company: Company) -> None:
    made = "{level: L1, user: dave, start: 2026-01-06T10:00, end: 2026-01-09T10:00}"
    company.apply(f"schedules: [{{name: dev, overrides: [{made}]}}]")
    company.publish()
    assert company.told(5) == "adddb"
    company.now += 2 * DAY
    company.apply("schedules: [{name: dev, overrides: []}]")
    assert company.told(5) == "adcab"
    with company.database.read() as session:
        assert export(session).schedules[0].overrides == []


@on_sqlite
def test_the_past_stays_as_it_was_when_members_change(company: Company) -> None:
    company.publish()
    company.now += 3 * DAY
    company.apply(CAROL_LEAVES)
    company.publish()
    assert company.told(4) == "abca"


ALL_LEAVE = (
    "users: [{handle: alice, name: Alice Archer, tags: []}, {handle: bob, name: Bob Baker, tags: []},"
    " {handle: carol, name: Carol Cole, tags: []}]"
)


@pytest.mark.parametrize("days", [2, 20], ids=["with turns that were left", "when these are over"])
def test_whoever_joins_a_rotation_that_all_had_left_has_no_part_in_the_time_without_anybody(
    company: Company, days: int
) -> None:
    company.publish()
    company.now += DAY
    company.apply(ALL_LEAVE)
    company.publish()
    company.now += days * DAY
    company.publish()
    company.apply(DAVE_JOINS)
    company.publish()

    with company.database.read() as session:
        shifts = final_shifts(session, schedule(session), NOW, company.now + DAY)
    assert [(shift.handle, shift.start) for shift in shifts] == [
        ("alice", NOW),
        ("bob", NOW + DAY - 2 * HOUR),
        ("dave", company.now),
        ("dave", company.now + DAY - 2 * HOUR),
    ]

"""What an edit does to the past: who was on call stays as it was, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from oncall.config.export import export
from oncall.db.database import Database
from oncall.models import Role, User
from oncall.rota.coverage import final_shifts, on_call
from oncall.rota.temporary_schedules import PlannedShift, Window, add_temporary_schedule
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


OVERRIDES = ", ".join(
    f"{{level: L1, user: dave, start: 2026-01-0{day}T10:00, end: 2026-01-{day + 1:02d}T10:00}}" for day in (5, 7, 9)
)


@on_sqlite
def test_overrides_on_a_level_that_gets_another_name_stay_for_what_has_been_and_fall_away_for_what_is_to_come(
    company: Company,
) -> None:
    company.apply(f"schedules: [{{name: dev, overrides: [{OVERRIDES}]}}]")
    plan_by_hand(company, datetime(2026, 1, 8, 10, tzinfo=UTC))
    company.now += 2 * DAY + HOUR
    kept = f"schedules: [{{name: dev, levels: [first], overrides: [{OVERRIDES.replace('L1', 'first')}]}}]"
    by_hand = ("temporary schedule", "Thu 8 Jan 10:00 to Fri 9 Jan 10:00 UTC")
    silent = [
        ("override", "Wed 7 Jan 10:00 to Thu 8 Jan 10:00 UTC"),
        by_hand,
        ("override", "Fri 9 Jan 10:00 to Sat 10 Jan 10:00 UTC"),
    ]
    for file, lost in (("schedules: [{name: dev, levels: [first]}]", silent), (kept, [by_hand])):
        assert company.told_before(file) == [
            f"The {made} by which Dave Dunn is on dev L1, {when}, would fall away: the file leaves that level out, "
            "or gives it another name."
            for made, when in lost
        ]
    company.apply("schedules: [{name: dev, levels: [first]}]")

    with company.database.read() as session:
        shifts = final_shifts(session, schedule(session), NOW, company.now + 3 * DAY)
        on = [(shift.level, shift.handle, shift.source, shift.end) for shift in shifts]
        assert export(session).schedules[0].overrides == []
    assert on == [
        ("L1", "dave", "override", NOW + DAY - 2 * HOUR),
        ("L1", "bob", "rotation", NOW + 2 * DAY - 2 * HOUR),
        ("L1", "dave", "override", company.now),
        ("first", "carol", "rotation", NOW + 3 * DAY - 2 * HOUR),
        ("first", "alice", "rotation", NOW + 4 * DAY - 2 * HOUR),
        ("first", "bob", "rotation", NOW + 5 * DAY - 2 * HOUR),
        ("first", "carol", "rotation", NOW + 6 * DAY - 2 * HOUR),
    ]


def plan_by_hand(company: Company, start: datetime) -> None:
    """Dave has the day, by a temporary schedule."""
    with company.database.transaction() as session:
        dave = session.exec(select(User).where(User.handle == "dave")).one()
        dave.role = Role.ADMIN
        shift = PlannedShift("L1", dave, start, start + DAY)
        window = Window(start, start + DAY)
        add_temporary_schedule(session, dave, schedule(session), window, [shift], company.now, confirm=True)


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

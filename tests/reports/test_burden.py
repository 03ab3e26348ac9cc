"""Hours and pages of people, from the tables."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, update

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.errors import BadInput, NotFound
from oncall.models import Page
from oncall.people.people import find_user
from oncall.reports.burden import PersonBurden, Scales, burdens, window_of
from oncall.reports.csv_text import to_csv
from oncall.running.runtime import Runtime, build_runtime
from oncall.settings import Settings
from tests.conftest import Contents
from tests.web.api.conftest import Clock
from tests.web.pages.browser import fire

START = datetime(2026, 1, 5, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Alice, then Bob, a day each, and the 6th is a holiday where Bob lives; meanwhile Carol has payments, then with Bob.
COMPANY = """
users:
  - handle: alice
    name: Alice Archer
    timezone: America/New_York
    country: US
    contact_methods: [{name: mobile, kind: sms, address: "+12025550101", verified: true}]
  - handle: bob
    name: Bob Baker
    timezone: Europe/Berlin
    country: DE-BY
    contact_methods: [{name: mobile, kind: sms, address: "+12025550102", verified: true}]
  - handle: carol
    name: Carol Cohen
    contact_methods: [{name: mobile, kind: sms, address: "+12025550103", verified: true}]
  - {handle: dave, name: Dave Dunn}
schedules:
  - name: dev
    timezone: UTC
    levels: [L1]
    rotations: [{name: all, members: [alice, bob, dave], start: 2026-01-05T10:00, shift: 1 day}]
  - name: payments
    timezone: UTC
    levels: [L1, L2]
    rotations:
      - {name: first, levels: [L1], members: [carol], start: 2026-01-06T10:00, shift: 1 day}
      - {name: second, levels: [L2], members: [bob], start: 2026-01-06T22:00, shift: 1 day}
escalation_policies:
  - {name: dev, steps: [{page: ["schedule:dev/L1", "user:carol"], wait: 5m}]}
services: [{name: web, escalation_policy: dev}]
"""


@pytest.fixture
def contents() -> Contents:
    return Contents(START - 30 * DAY, (COMPANY,))


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def runtime(settings: Settings, clock: Clock) -> Iterator[Runtime]:
    built = build_runtime(settings, clock, with_engine=False)
    yield built
    built.database.close()


def found(
    runtime: Runtime, schedule: str | None = None, start: datetime = START, end: datetime = START + 2 * DAY
) -> dict[str, PersonBurden]:
    """By handle, in the order in which they are listed."""
    with runtime.database.read() as session:
        return {each.handle: each for each in burdens(session, start, end, schedule)}


def hours(each: PersonBurden) -> tuple[float | None, ...]:
    return each.total_hours, each.night_hours, each.weekend_hours, each.holiday_hours


def test_hours_are_those_of_each_persons_own_clock_and_holidays(runtime: Runtime) -> None:
    people = found(runtime, "dev")

    assert hours(people["alice"]) == (24, 8, 0, 0)
    assert hours(people["bob"]) == (24, 8, 0, 13)  # from 11:00 in Berlin to midnight


def test_only_the_window_counts(runtime: Runtime) -> None:
    people = found(runtime, "dev", START + 23 * HOUR, START + 25.5 * HOUR)

    assert (people["alice"].total_hours, people["bob"].total_hours) == (1, 1.5)
    assert (people["alice"].shifts, people["bob"].shifts) == (1, 1)


def test_two_schedules_at_once_count_once_and_are_two_shifts(runtime: Runtime) -> None:
    bob = found(runtime)["bob"]

    assert (bob.total_hours, bob.shifts) == (24, 2)
    assert found(runtime, "payments")["bob"].total_hours == 12


def test_what_was_before_the_schedule_was_made_counts_only_where_an_override_says_so(runtime: Runtime) -> None:
    """Turns by the pattern go back to its start, and nobody was told of those."""
    made, day = START - 30 * DAY, "2025-12-{0:02}T10:00"
    override = f"{{level: L1, user: dave, start: {day.format(2)}, end: {day.format(3)}}}"
    late = (
        "{name: late, timezone: UTC, levels: [L1], rotations: [{name: all, members: [carol], start: %s, shift: 1 day}]}"
    )
    text = f"schedules: [{{name: dev, overrides: [{override}]}}, {late % day.format(1)}]"
    with runtime.database.transaction() as session:
        apply(session, load(text, load(COMPANY)), made, confirm=True)

    people = found(runtime, start=made - 10 * DAY, end=made + DAY / 2)

    assert {handle: each.total_hours for handle, each in people.items()} == {
        "dave": 24,
        "carol": 12,
        "alice": 0,
        "bob": 0,
    }


def test_the_most_hours_come_first_then_handles_and_members_without_any_last(runtime: Runtime) -> None:
    assert list(found(runtime)) == ["alice", "bob", "carol", "dave"]
    assert list(found(runtime, "payments")) == ["carol", "bob"]
    assert hours(found(runtime)["dave"]) == (0, 0, 0, None)


def test_who_had_turns_only_before_a_rotation_was_changed_is_no_member(runtime: Runtime) -> None:
    changed = "{name: all, members: [alice, bob], start: 2026-01-05T10:00, shift: 2 days}"
    with runtime.database.transaction() as session:
        text = f"schedules: [{{name: dev, rotations: [{changed}]}}]"
        apply(session, load(text, load(COMPANY)), START + HOUR, confirm=True)

    assert list(found(runtime, "dev")) == ["alice", "bob"]


def test_what_people_have_is_weighed_by_their_own_clocks_and_holidays(runtime: Runtime) -> None:
    """Of the 6th, which is a holiday in Bavaria, from 04:00 to 07:00 UTC: 05:00 in Berlin, 23:00 in New York."""
    spans = [(START + 18 * HOUR, START + 20 * HOUR), (START + 19 * HOUR, START + 21 * HOUR)]
    with runtime.database.read() as session:
        weigh = Scales(session).weigh
        assert [weigh(handle, spans) / HOUR for handle in ("alice", "bob", "carol")] == [3 + 3, 3 + 1 + 3, 3 + 2]


def test_who_has_no_country_has_no_known_holidays(runtime: Runtime) -> None:
    carol = found(runtime)["carol"]

    assert (carol.country, carol.total_hours, carol.holiday_hours) == (None, 24, None)


def test_somebody_who_has_retired_keeps_what_they_carried(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        apply(session, load("schedules: [{name: dev, rotations: []}]", load(COMPANY)), START, confirm=True)
        find_user(session, "dave").retired_at = START
    fire(runtime)

    assert "dave" not in found(runtime)
    with runtime.database.transaction() as session:
        find_user(session, "carol").retired_at = START + DAY
    assert found(runtime)["carol"].pages == 1


def test_pages_are_counted_and_those_at_night_where_the_person_lives(runtime: Runtime, clock: Clock) -> None:
    fire(runtime, "at noon")
    clock.advance(hours=18)  # 04:00 UTC: 23:00 for Alice, and night for Carol
    fire(runtime, "at night")
    clock.advance(hours=8)
    fire(runtime, "the day after")

    people = found(runtime)

    assert {handle: (each.pages, each.night_pages) for handle, each in people.items()} == {
        "alice": (2, 2),  # 05:00 and 23:00
        "bob": (1, 0),
        "carol": (3, 1),
        "dave": (0, 0),
    }


def test_before_anybody_had_a_turn_nobody_was_paged_in_it(runtime: Runtime) -> None:
    people = found(runtime, "payments", START - 60 * DAY, START - 40 * DAY)
    assert {handle: (each.shifts, each.pages) for handle, each in people.items()} == {"bob": (0, 0), "carol": (0, 0)}


def test_a_shadows_copy_of_a_page_is_no_page_taken(runtime: Runtime) -> None:
    fire(runtime)
    with runtime.database.transaction() as session:
        session.exec(update(Page).where(col(Page.user_id) == find_user(session, "carol").id).values(is_shadow=True))

    assert [found(runtime)[handle].pages for handle in ("alice", "carol")] == [1, 0]


def test_pages_outside_the_window_do_not_count(runtime: Runtime) -> None:
    fire(runtime)

    assert found(runtime, start=START - DAY, end=START)["alice"].pages == 0
    assert found(runtime, start=START, end=START + HOUR)["alice"].pages == 1
    assert found(runtime, start=START + HOUR, end=START + 2 * HOUR)["alice"].pages == 0


def test_pages_of_a_schedule_are_those_that_came_while_on_call_for_it(runtime: Runtime, clock: Clock) -> None:
    fire(runtime, "Carol is not on call yet")
    clock.advance(hours=25)
    fire(runtime, "Carol is on call")

    assert found(runtime)["carol"].pages == 2
    assert found(runtime, "payments")["carol"].pages == 1
    assert "carol" not in found(runtime, "dev")


def test_a_window_is_the_last_90_days_unless_told_otherwise() -> None:
    assert window_of(None, None, START) == (START - 90 * DAY, START)
    assert window_of(None, START - DAY, START) == (START - 91 * DAY, START - DAY)
    assert window_of(START - DAY, None, START) == (START - DAY, START)
    with pytest.raises(BadInput, match="ends before it begins"):
        window_of(START + DAY, None, START)
    with pytest.raises(BadInput, match="longer than 400 days"):
        window_of(START - 401 * DAY, None, START)


def test_an_unknown_schedule_is_told_the_known_ones(runtime: Runtime) -> None:
    with pytest.raises(NotFound, match="Known are: dev, payments"):
        found(runtime, "ops")


def test_csv_has_a_header_and_no_formulas() -> None:
    row = PersonBurden("eve", '=HYPERLINK("x")', None, "UTC", 1.5, 0.0, 0.0, None, 1, 2, 0)

    assert to_csv(PersonBurden, [row]).split("\r\n") == [
        "handle,name,country,timezone,total_hours,night_hours,weekend_hours,holiday_hours,shifts,pages,night_pages",
        'eve,"\'=HYPERLINK(""x"")",,UTC,1.50,0.00,0.00,,1,2,0',
        "",
    ]

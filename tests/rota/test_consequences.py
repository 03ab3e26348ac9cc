"""What a change makes worse is told before it is kept, and first set-up is no nuisance: on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from oncall.config.apply import apply, try_out
from oncall.config.export import export
from oncall.config.load import load
from oncall.db.database import Database
from oncall.errors import NeedsConfirmation
from oncall.models import Rotation
from oncall.rota.horizon import plan_anew, publish_anew, publish_turns
from oncall.rota.plans import find_schedule
from tests.conftest import Contents

NOW = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
"""A Tuesday."""
PEOPLE = """
users:
  - handle: alice
    name: Alice Archer
    contact_methods: [{name: mobile, kind: sms, address: "+12025550101", verified: true}]
  - handle: bob
    name: Bob Baker
    contact_methods: [{name: mobile, kind: sms, address: "+12025550102", verified: true}]
  - {handle: carol, name: Carol Cohen}
"""
COMPANY = f"""{PEOPLE}
schedules:
  - name: dev
    timezone: UTC
    levels: [L1]
    rotations: [{{name: all, members: [alice, bob], start: 2026-01-05T10:00, shift: 1 week}}]
  - name: ops
    timezone: UTC
    levels: [L1]
    rotations: [{{name: all, members: [bob, alice], start: 2026-01-05T10:00, shift: 1 week}}]
"""


@pytest.fixture(scope="module")
def begins_with() -> Contents:
    """Alice and Bob take turns on dev and ops, so that they are never on both at once."""
    return Contents(NOW, (COMPANY,))


@pytest.fixture(scope="module")
def published(lasting: Database) -> Database:
    publish_turns(lasting, NOW)
    return lasting


@pytest.fixture
def company(published: Database) -> Iterator[Session]:
    with published.trial() as session:
        yield session


def told(session: Session, text: str) -> list[str]:
    """What applying it would ask to confirm."""
    return try_out(session, load(text, export(session)), NOW)[1]


def dev(fields: str) -> str:
    return f"schedules: [{{name: dev, {fields}}}]"


def rotation(fields: str) -> str:
    return dev(f"rotations: [{{name: all, {fields}}}]")


@pytest.mark.parametrize("phones", ["", "users: [{handle: carol, name: Carol Cohen}]"])
def test_a_fresh_installation_is_set_up_without_a_question(database: Database, phones: str) -> None:
    gaps = "rotations: [{name: all, members: [carol], start: 2026-03-01T10:00, shift: 1 day, hours: Mon 09:00-10:00}]"
    with database.transaction() as session:
        apply(session, load(PEOPLE), NOW)
        first = f"{phones}\nschedules: [{{name: dev, timezone: UTC, levels: [L1, L2], {gaps}}}]"
        apply(session, load(first, export(session)), NOW)


def test_what_changes_nothing_for_those_on_call_asks_nothing(company: Session) -> None:
    assert told(company, COMPANY) == []
    assert told(company, "users: [{handle: alice, name: Alice Adams}]") == []
    assert told(company, dev("rest: 12h")) == []  # the same shifts by a new rule


def test_whose_published_shifts_go_to_whom_is_told_of_a_file_that_drops_somebody(company: Session) -> None:
    changes, _ = try_out(company, load(rotation("members: [alice, carol]"), export(company)), NOW)

    (dev,) = changes
    published = [str(detail) for detail in dev.details if detail.field == "published shifts"]
    assert published == ["published shifts bob 4 -> alice 1, carol 3"]  # the first is too soon for her to add a phone


def test_a_file_that_drops_nobody_moves_no_published_shift(company: Session) -> None:
    changes, _ = try_out(company, load(rotation("members: [alice, bob, carol]"), export(company)), NOW)

    assert "published shifts" not in "\n".join(map(str, changes))


def test_who_is_put_back_comes_on_after_what_is_published_or_when_it_is_published_anew(company: Session) -> None:
    """Bob's turns were given to Carol meanwhile, who can't be paged on the first, and stay hers."""
    apply(company, load(rotation("members: [alice, carol]"), export(company)), NOW, confirm=True)

    back, _ = try_out(company, load(rotation("members: [alice, bob, carol]"), export(company)), NOW)

    (change,) = back
    assert str(change).splitlines()[-1] == (
        "~ schedule dev: takes turns added: bob, from Mon 2026-03-09 10:00 UTC on, when what is published is over; "
        "“oncall publish dev --plan” shows who would move if it were sooner"
    )
    moved = plan_anew(company, find_schedule(company, "dev"), NOW)
    assert [(move.start.day, move.loses, move.gains) for move in moved][:2] == [
        (12, "alice", "bob"),
        (19, "alice", "carol"),
    ]
    assert publish_anew(company, find_schedule(company, "dev"), NOW, confirm=True) == moved


def test_who_takes_a_leavers_turns_at_once_is_not_said_to_wait(company: Session) -> None:
    changes, _ = try_out(company, load(rotation("members: [alice, carol]"), export(company)), NOW)

    assert "takes turns" not in "\n".join(map(str, changes))


def test_a_gap_that_a_file_makes_is_told_and_nothing_is_kept(company: Session) -> None:
    ends = load(rotation("until: 2026-02-02T10:00"), export(company))

    with pytest.raises(NeedsConfirmation) as question:
        apply(company, ends, NOW)

    assert question.value.problems == ["Nobody would be on dev L1 from Mon 2 Feb 10:00 UTC on."]
    assert question.value.status == 409


def test_gaps_of_every_night_are_told_once_unless_they_are_meant(company: Session) -> None:
    office = "hours: Mon-Fri 09:00-17:00"
    (every_night,) = told(company, rotation(office))

    assert (
        every_night == "Nobody would be on dev L1 from Tue 6 Jan 17:00 UTC to Wed 7 Jan 09:00 UTC, and 63 times more."
    )


def test_nights_that_are_not_meant_to_be_covered_are_no_loss(company: Session) -> None:
    office = "Mon-Fri 09:00-17:00"

    assert told(company, dev(f"covers: '{office}', rotations: [{{name: all, hours: '{office}'}}]")) == []


def test_somebody_booked_twice_by_a_file_is_told(company: Session) -> None:
    (twice,) = told(company, rotation("members: [alice]"))

    assert twice.startswith(
        "Alice Archer would be on dev L1 and ops L1 at once from Mon 12 Jan 10:00 UTC to Mon 19 Jan"
    )


def test_too_short_a_rest_that_a_file_makes_is_told(company: Session) -> None:
    apply(company, load(dev("rest: 24h"), export(company)), NOW)
    cover = "{{level: L1, user: carol, start: 2026-01-{0}T10:00, end: 2026-01-{0}T20:00}}"
    both = f"overrides: [{cover.format(20)}, {cover.format(21)}]"

    assert "Carol Cohen would have less than 24 h of rest before Wed 21 Jan 10:00 UTC." in told(company, dev(both))


def test_taking_a_phone_away_is_told(company: Session) -> None:
    (lost, same_on_ops) = told(company, "users: [{handle: alice, contact_methods: []}]")

    assert lost.startswith(
        "Alice Archer has no verified contact method and could not be paged on dev L1 from Tue 6 Jan"
    )
    assert "on ops L1" in same_on_ops


def test_a_newcomer_without_a_phone_yet_has_until_the_horizon_to_add_one(company: Session) -> None:
    joined = told(company, rotation("members: [alice, bob, carol]"))
    assert [each for each in joined if "Carol" in each] == []
    cover = "{level: L1, user: carol, start: 2026-01-20T10:00, end: 2026-01-21T10:00}"
    (question,) = told(company, dev(f"overrides: [{cover}]"))

    assert question.startswith(
        "Carol Cohen has no verified contact method and could not be paged on dev L1 from Tue 20"
    )


def test_what_is_stored_and_can_t_be_read_is_mended_by_a_file(company: Session) -> None:
    from_file = load(rotation("hours: Mon-Sun 00:00-24:00"), export(company))
    for row in company.exec(select(Rotation)):
        row.hours = "whenever"
    company.flush()

    assert [str(change) for change in apply(company, from_file, NOW)] == [
        "~ schedule dev: rotations[all].hours whenever -> Mon-Sun 00:00-24:00"
    ]

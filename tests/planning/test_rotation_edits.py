"""Editing a rotation: what it would give, what stays of it, and two who save at once; on both databases."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlmodel import Session

from oncall.absences.absences import add_absence, away
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.config.schema import RotationForm
from oncall.db.database import Database
from oncall.errors import Conflict, Forbidden
from oncall.models import Schedule
from oncall.people.people import find_user
from oncall.planning import rotation_edits
from oncall.planning.rotation_changes import Replaced, as_text
from oncall.rota.coverage import planned_shifts
from oncall.rota.plans import find_schedule
from schedules.resolve import final_shifts

NOW = datetime(2026, 1, 8, 12, tzinfo=UTC)
DAY = timedelta(days=1)
COMPANY = """
users:
  - {handle: alice, name: Alice Archer, role: admin}
  - {handle: bob, name: Bob Baker}
schedules:
  - name: dev
    timezone: UTC
    levels: [L1]
    rotations: [{name: developers, members: [alice, bob], start: 2026-01-05T10:00, shift: 1 day}]
"""


@pytest.fixture
def company(database: Database) -> Database:
    with database.transaction() as session:
        apply(session, load(COMPANY), NOW - 3 * DAY)
    return database


def dev(session: Session) -> tuple[Schedule, RotationForm]:
    schedule = find_schedule(session, "dev")
    (old,) = rotation_edits.current_rotations(session, schedule)
    return schedule, old


def save(database: Database, seen: str, shift: str, by: str = "alice") -> None:
    with database.transaction() as session:
        schedule, old = dev(session)
        new = old.model_copy(update={"shift": [shift]})
        rotation_edits.save(session, find_user(session, by), schedule, Replaced(new), seen, "yes", NOW)


def test_what_is_looked_at_is_what_saving_gives_and_looking_stores_nothing(company: Database) -> None:
    with company.trial() as session:
        schedule, old = dev(session)
        edit = rotation_edits.edit_of(session, schedule, Replaced(old.model_copy(update={"shift": ["2 days"]})))
        outcome = rotation_edits.outcome(session, find_user(session, "alice"), schedule, edit, NOW)
    with company.read() as session:
        schedule, old = dev(session)
        assert planned_shifts(session, schedule, NOW, NOW + 9 * DAY) == final_shifts(outcome.before, NOW, NOW + 9 * DAY)
    assert outcome.moves(NOW)

    save(company, as_text([old]), "2 days")

    with company.read() as session:
        given = planned_shifts(session, dev(session)[0], NOW, NOW + 9 * DAY)
    assert given == final_shifts(outcome.after, NOW, NOW + 9 * DAY)


def test_of_two_who_save_at_once_one_is_told_that_it_has_changed(company: Database) -> None:
    with company.read() as session:
        seen = as_text([dev(session)[1]])
    start, refused = Barrier(2), []

    def work(shift: str) -> None:
        start.wait()
        try:
            save(company, seen, shift)
        except Conflict as conflict:
            refused.append(conflict.detail)

    threads = [Thread(target=work, args=(shift,)) for shift in ("2 days", "3 days")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["Somebody else has changed dev a moment ago: look at it again, then save."]


def test_nobody_saves_what_they_do_not_run(company: Database) -> None:
    with company.read() as session:
        seen = as_text([dev(session)[1]])

    with pytest.raises(Forbidden, match="Only a manager of the team or an admin"):
        save(company, seen, "2 days", by="bob")


def test_absences_that_meet_are_one_and_only_of_those_who_are_asked_for(company: Database) -> None:
    with company.transaction() as session:
        alice, bob = find_user(session, "alice"), find_user(session, "bob")
        for user, first, last in ((alice, 1, 3), (alice, 2, 5), (bob, 1, 2)):
            add_absence(session, alice, user, NOW + first * DAY, NOW + last * DAY, "", NOW)

        assert away(session, NOW, NOW + 2 * DAY, ["alice"]) == {"alice": [(NOW + DAY, NOW + 3 * DAY)]}
        assert away(session, NOW, NOW + 9 * DAY, ["alice"]) == {"alice": [(NOW + DAY, NOW + 5 * DAY)]}
        assert away(session, NOW, NOW + 9 * DAY, []) == {}

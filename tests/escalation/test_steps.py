"""What is due is stepped in batches: what has waited longest first, and no service is held up by others' storms."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import col, func, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.escalation.steps import DUE_BATCH, IN_TURN, NEWEST, STORM_BATCH, step_due_alerts
from oncall.models import Alert, Page, Severity
from oncall.settings import Settings
from oncall.setup.integration_keys import find_service
from tests.schedules.cast import utc

AT = utc("2026-11-23 14:00")
STORMING = [f"storm-{number}" for number in range(2 * IN_TURN)]
SERVICES = ["early", *STORMING, "quiet"]
COMPANY = f"""
users:
  - handle: alice
    name: Alice Archer
    email: alice@example.com
    contact_methods: [{{name: mobile, kind: sms, address: "+12025550101", verified: true}}]
    notification_rules: [{{urgency: high, after: 0m, contact_method: mobile}}]
escalation_policies: [{{name: dev, repeat: 2, steps: [{{page: ["user:alice"], wait: 10m}}]}}]
services: [{", ".join(f"{{name: {name}, escalation_policy: dev}}" for name in SERVICES)}]
"""


@pytest.fixture
def company(database: Database) -> Database:
    with database.transaction() as session:
        apply(session, load(COMPANY), AT)
    return database


def fire(database: Database, service: str, seconds: int, count: int = 1) -> None:
    events = [
        Event(EventAction.TRIGGER, f"{service}-{seconds}-{number}", "Disk full", Severity.CRITICAL)
        for number in range(count)
    ]
    with database.transaction() as session:
        source = source_of(session, find_service(session, service).id or 0, "test")
        take_in(session, [(source, event) for event in events], AT + timedelta(seconds=seconds))


def step(database: Database, most: int, turn: int = 0) -> tuple[list[str], int]:
    """The dedup keys of those whose step ran, in the order in which their pages are stored, and whose turn is next."""
    with database.transaction() as session:
        before = len(session.exec(select(Page)).all())
        stepped = step_due_alerts(session, AT + timedelta(minutes=1), most=most, turn=turn)
        paged = select(Alert.dedup_key).join(Page).order_by(col(Page.id))
        return list(session.exec(paged))[before:], stepped.turn


def storm(database: Database) -> None:
    for second, service in enumerate(STORMING):
        fire(database, service, second, count=2 * STORM_BATCH)


def test_a_quiet_service_waits_for_none_of_many_that_storm(company: Database) -> None:
    storm(company)
    fire(company, "quiet", 30)

    first, _ = step(company, STORM_BATCH)

    assert [key.rpartition("-")[0] for key in first[:STORM_BATCH]] == ["storm-0-0"] * STORM_BATCH
    last = len(STORMING) - 1
    newest = ["quiet-30-0", *(f"storm-{n}-{n}-0" for n in range(last, last - NEWEST + 1, -1))]
    assert first[STORM_BATCH : STORM_BATCH + NEWEST] == newest
    assert first[STORM_BATCH + NEWEST :] == [f"storm-{n}-{n}-0" for n in range(1, IN_TURN + 1)]


def test_what_is_neither_the_oldest_nor_the_newest_has_its_turn(company: Database) -> None:
    """However much waits: a round of all services is two passes here."""
    storm(company)
    fire(company, "early", 2)

    first, turn = step(company, STORM_BATCH, turn=2)
    second, _ = step(company, STORM_BATCH, turn)

    assert "early-2-0" not in first
    assert "early-2-0" in second


def test_a_batch_that_is_not_full_is_all_there_is(company: Database) -> None:
    fire(company, "quiet", 0, count=DUE_BATCH - 1)
    assert len(step(company, DUE_BATCH)[0]) == DUE_BATCH - 1
    assert step(company, DUE_BATCH) == ([], 0)


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_what_another_engine_steps_meanwhile_is_not_stepped_again(company: Database, settings: Settings) -> None:
    """A second step would page whoever is next before the first one had a chance."""
    storm(company)
    other = Database(settings)

    def lock_when_fetched(asked: ORMExecuteState) -> None:
        if asked.is_select:
            asked.update_execution_options(stream_results=True)

    def step_meanwhile(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SKIP LOCKED" in statement:
            step(other, STORM_BATCH)

    event.listen(company.engine, "after_cursor_execute", step_meanwhile)
    with company.transaction() as session:
        event.listen(session, "do_orm_execute", lock_when_fetched)
        step_due_alerts(session, AT + timedelta(minutes=1), most=STORM_BATCH)

    with company.read() as session:
        times = session.exec(select(func.count()).select_from(Page).group_by(col(Page.alert_id))).all()
    assert len(times) > 3 * STORM_BATCH
    assert set(times) == {1}
    other.close()

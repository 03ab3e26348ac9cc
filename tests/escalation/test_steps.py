"""What is due is stepped in batches: what has waited longest first, and no service is held up by others' storms."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db import Database
from oncall.escalation.steps import DUE_BATCH, OTHERS, STORM_BATCH, step_due_alerts
from oncall.integration_keys import find_service
from oncall.models import Alert, Page, Severity
from tests.schedules.cast import utc

AT = utc("2026-11-23 14:00")
STORMING = [f"storm-{number}" for number in range(OTHERS + 5)]
SERVICES = [*STORMING, "quiet"]
COMPANY = f"""
users:
  - handle: alice
    name: Alice Archer
    email: alice@example.com
    contact_methods: [{{name: mobile, kind: sms, address: "+12025550101", verified: true}}]
    notification_rules: [{{urgency: high, after: 0m, contact_method: mobile}}]
escalation_policies: [{{name: dev, steps: [{{page: ["user:alice"], wait: 10m}}]}}]
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


def step(database: Database, most: int) -> list[str]:
    """The dedup keys of those whose step ran, in the order in which their pages are stored."""
    with database.transaction() as session:
        before = len(session.exec(select(Page)).all())
        step_due_alerts(session, AT + timedelta(minutes=1), most=most)
        paged = select(Alert.dedup_key).join(Page).order_by(col(Page.id))
        return list(session.exec(paged))[before:]


def test_a_quiet_service_waits_for_none_of_many_that_storm(company: Database) -> None:
    for second, service in enumerate(STORMING):
        fire(company, service, second, count=2 * STORM_BATCH)
    fire(company, "quiet", 30)

    first = step(company, STORM_BATCH)

    assert len(first) == STORM_BATCH + OTHERS
    assert [key.rpartition("-")[0] for key in first[:STORM_BATCH]] == ["storm-0-0"] * STORM_BATCH
    assert first[STORM_BATCH:] == ["quiet-30-0", *(f"storm-{n}-{n}-0" for n in range(OTHERS + 4, 5, -1))]


def test_a_batch_that_is_not_full_is_all_there_is(company: Database) -> None:
    fire(company, "quiet", 0, count=DUE_BATCH - 1)
    assert len(step(company, DUE_BATCH)) == DUE_BATCH - 1
    assert step(company, DUE_BATCH) == []

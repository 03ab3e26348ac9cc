"""What is said to happen to an open alert is what happens: foretold step by step, and then done by the engine."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from oncall.alerts import actions
from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.db.database import Database
from oncall.escalation.ahead import MOST_TOLD, StepAhead, course
from oncall.escalation.steps import step_due_alerts
from oncall.models import Alert, Delivery, Page, Severity, User
from oncall.settings import Settings
from oncall.setup.integration_keys import find_service
from tests.escalation.test_preview import AT, CASES, next_due, set_up

AFTER_ANOTHER = """
  - {name: reboot, service: web, start: 2026-11-27T03:30, end: 2026-11-27T05:00, timezone: UTC}"""
OURS = CASES | {
    "two windows": CASES["maintenance"] + AFTER_ANOTHER,
    "a handoff": """
schedules:
  - name: dev
    rotations: [{name: developers, members: [alice, bob], start: 2026-11-22T10:10, shift: 1 hour}]""",
    "in turn": CASES["in turn"].replace("[{name: dev,", "[{name: dev, repeat: 3,"),
}
Foretold = list[tuple[Any, ...]]


def fire(database: Database, severity: Severity, **fields: Any) -> None:
    with database.transaction() as session:
        source = source_of(session, find_service(session, "web").id or 0, "test")
        take_in(session, [(source, Event(EventAction.TRIGGER, "disk", "Disk full", severity, **fields))], AT)


def ahead(database: Database, now: datetime) -> list[StepAhead]:
    with database.read() as session:
        return course(session, session.get_one(Alert, 1), now)


def said(steps: list[StepAhead]) -> Foretold:
    return [
        (step.at, told.recipient.name, [(way.due_at, way.method.kind) for way in told.ways])
        for step in steps
        for told in step.people
    ]


def happens(database: Database, until: datetime) -> Foretold:
    while (due := next_due(database)) is not None and due <= until:
        with database.transaction() as session:
            step_due_alerts(session, due)
    with database.read() as session:
        pages = session.exec(select(Page, User.name).join(User).order_by(col(Page.id))).all()
        return [(page.created_at, name, _ways(session, page)) for page, name in pages]


def _ways(session: Session, page: Page) -> list[Any]:
    ways = select(Delivery.due_at, Delivery.kind).where(Delivery.page_id == page.id)
    return [tuple(way) for way in session.exec(ways.order_by(col(Delivery.due_at), col(Delivery.id)))]


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.WARNING])
@pytest.mark.parametrize("case", OURS)
def test_who_is_paged_is_who_will_be(sqlite_settings: Settings, case: str, severity: Severity) -> None:
    database = Database(sqlite_settings)
    set_up(database, OURS[case])
    fire(database, severity)
    with database.transaction() as session:
        step_due_alerts(session, AT)
    told_at_once = happens(database, AT)

    foretold = ahead(database, AT)

    assert said(foretold)
    assert [*told_at_once, *said(foretold)] == happens(database, foretold[-1].at)
    if foretold[-1].next_at is None:
        assert next_due(database) is None
    database.close()


def test_before_the_first_step_and_in_a_snooze_it_begins_with_the_first(settings: Settings) -> None:
    database = Database(settings)
    set_up(database, "{}")
    fire(database, Severity.CRITICAL)

    new = said(ahead(database, AT))
    with database.transaction() as session:
        step_due_alerts(session, AT)
        alice = actions.Actor(session.exec(select(User).where(User.handle == "alice")).one(), "on the web")
        actions.snooze(session, 1, alice, timedelta(hours=1), AT)
    snoozed = said(ahead(database, AT))

    hour = timedelta(hours=1)
    assert snoozed == [(at + hour, name, [(due_at + hour, kind) for due_at, kind in ways]) for at, name, ways in new]
    assert [*new[:1], *snoozed] == happens(database, snoozed[-1][0])
    database.close()


def test_what_is_resolved_by_itself_pages_nobody_after_that(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    set_up(database, "{services: [{name: web, auto_resolve: 6m}]}")
    fire(database, Severity.CRITICAL)

    assert [step.at for step in ahead(database, AT)] == [AT, AT + timedelta(minutes=5)]
    database.close()


def test_a_large_team_that_is_paged_again_and_again_is_shown_once(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    everybody = [
        {
            "handle": f"p{number}",
            "name": f"Person {number}",
            "contact_methods": [{"name": "mobile", "kind": "sms", "address": f"+1202555{number:04}", "verified": True}],
        }
        for number in range(1000, 1000 + MOST_TOLD + 1)
    ]
    teams = [{"name": "all", "members": [each["handle"] for each in everybody]}]
    policy = {"name": "dev", "repeat": 9, "steps": [{"page": "team:all", "wait": "5m"}]}
    set_up(database, json.dumps({"users": everybody, "teams": teams, "escalation_policies": [policy]}))
    fire(database, Severity.CRITICAL)

    (step,) = ahead(database, AT)

    assert len(step.people) == MOST_TOLD + 1
    assert step.next_at == AT + timedelta(minutes=5)
    database.close()


def test_what_has_ended_has_nothing_ahead(sqlite_settings: Settings) -> None:
    database = Database(sqlite_settings)
    set_up(database, "{}")
    fire(database, Severity.CRITICAL)
    with database.transaction() as session:
        alice = actions.Actor(session.exec(select(User).where(User.handle == "alice")).one(), "on the web")
        actions.resolve(session, 1, alice, AT)

    assert ahead(database, AT) == []
    database.close()

"""A team's key: the first of its rules that matches chooses the service, the urgency, or that nobody is paged."""

from collections.abc import Iterator

import pytest
from sqlmodel import col, select

from oncall.models import Alert, RuleCount, Service, Severity, SuppressedEvent, Urgency
from oncall.settings import Settings
from tests.conftest import Contents
from tests.scenarios.world import ALICE, BEGINS, BOB, COMPANY, World

RULES = """
users: [{handle: bob}]
escalation_policies:
  - {name: databases, steps: [{page: "user:bob", wait: 30m}]}
services:
  - {name: db, escalation_policy: databases}
teams:
  - name: dev
    integration_keys:
      - name: everything
        tool: generic
        key: the-key-of-the-team
        service: web
        rules:
          - {name: staging, when: [{field: labels.env, equals: [staging, test]}], suppress: true}
          - {name: databases, when: [{field: labels.team, matches: "^db"}], service: db, urgency: high}
          - {name: nights, hours: "09:00-09:30", timezone: America/New_York, severity: warning,
             when: [{field: details.check.kind, contains: batch}]}
"""  # it is 09:00 there


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY, RULES))


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        yield world


def send(world: World, key: str = "disk", action: str = "trigger", **fields: object) -> None:
    body = {"summary": f"Trouble with {key}", "dedup_key": key, "action": action, "severity": "critical", **fields}
    answer = world.client.post("/ingest/generic/the-key-of-the-team", json=body)
    assert answer.status_code == 202, answer.text
    world.settle()


def service_of(world: World, number: int = 1) -> str:
    name: str = world.ask(lambda session: session.get(Service, world.alert(number).service_id)).name
    return name


def counts(world: World) -> dict[str, int]:
    rows = world.ask(lambda session: session.exec(select(RuleCount).order_by(col(RuleCount.rule))).all())
    return {row.rule: row.count for row in rows}


def test_what_no_rule_matches_goes_to_the_keys_own_service(world: World) -> None:
    send(world)
    assert service_of(world) == "web"
    assert world.numbers_texted() == [ALICE]
    assert counts(world) == {}
    world.reply(ALICE, "ack")


def test_a_rule_chooses_the_service_and_the_urgency_and_says_so(world: World) -> None:
    send(world, severity="info", labels={"team": "dba"})
    assert (service_of(world), world.alert().urgency) == ("db", Urgency.HIGH)
    assert world.numbers_texted() == [BOB]
    assert world.story()[0] == "+0 Triggered by everything (generic) by rule “databases”: Trouble with disk"
    assert counts(world) == {"databases": 1}
    world.reply(BOB, "ack")


def test_the_first_rule_that_matches_wins(world: World) -> None:
    send(world, labels={"team": "dba", "env": "staging"})
    assert world.ask(lambda session: session.exec(select(Alert)).all()) == []
    assert counts(world) == {"staging": 1}


def test_what_is_suppressed_is_kept_and_counted(world: World) -> None:
    for number in range(210):
        send(world, f"disk-{number}", labels={"env": "test"})

    assert counts(world) == {"staging": 210}
    kept = world.ask(lambda session: session.exec(select(SuppressedEvent)).all())
    assert {row.dedup_key for row in kept} == {f"disk-{number}" for number in range(10, 210)}


def test_a_resolve_finds_its_alert_wherever_the_rule_has_put_it(world: World) -> None:
    send(world, labels={"team": "dba"})
    assert world.numbers_texted() == [BOB]
    send(world, action="resolve")
    assert world.alert().status == "resolved"


def test_one_problem_stays_one_alert_though_the_rules_would_choose_anew(world: World) -> None:
    send(world, labels={"team": "dba"})
    assert world.numbers_texted() == [BOB]
    send(world)
    assert world.alert().event_count == 2
    world.reply(BOB, "resolve")


def test_a_rule_has_its_hours(world: World) -> None:
    send(world, details={"check": {"kind": "nightly batch"}})
    assert (world.alert().severity, world.alert().urgency) == (Severity.WARNING, Urgency.LOW)
    assert world.numbers_texted() == [ALICE]
    world.advance(minutes=29)
    send(world, "late", details={"check": {"kind": "nightly batch"}})
    world.advance(minutes=1)
    send(world, "later", details={"check": {"kind": "nightly batch"}})
    assert [world.alert(number).severity for number in (2, 3)] == [Severity.WARNING, Severity.CRITICAL]
    with world.database.transaction() as session:
        for alert in session.exec(select(Alert)):
            session.delete(alert)
    world.twilio.take_messages()
    world.twilio.take_calls()


def test_rules_can_be_changed_at_once(world: World) -> None:
    send(world, labels={"env": "staging"})
    world.apply(RULES.replace("suppress: true", "service: db"))
    send(world, labels={"env": "staging"})
    assert service_of(world) == "db"
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")


def test_a_key_that_is_gone_from_the_team_is_refused(world: World) -> None:
    world.apply("teams: [{name: dev, integration_keys: []}]")
    assert world.client.post("/ingest/generic/the-key-of-the-team", json={"summary": "x"}).status_code == 404

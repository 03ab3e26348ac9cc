"""Applying a file: all of it or nothing, only what differs, and nothing the second time."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from oncall.config.apply import apply, try_out
from oncall.config.export import export, to_yaml
from oncall.config.load import load
from oncall.config.schema import Config
from oncall.db.database import Database
from oncall.errors import BadInput, NeedsConfirmation
from oncall.installation import installation
from oncall.models import (
    EscalationPolicy,
    Heartbeat,
    IntegrationKey,
    ReceivedRequest,
    Rotation,
    Service,
    Team,
)
from oncall.people.people import find_user
from oncall.settings import Settings
from tests.config.company import BEFORE, EXAMPLE, NOW, alice, applied, apply_text, methods
from tests.conftest import make_settings


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    """Its statements are those of every page that runs on both databases."""
    return sqlite_settings


def test_the_example_is_applied_and_given_back(database: Database) -> None:
    with database.transaction() as session:
        assert applied(session, BEFORE) == ["+ user bob", "+ schedule ops", "+ schedule payments", "+ schedule support"]
        assert applied(session, EXAMPLE) == [
            "+ user alice",
            "+ team dev",
            "+ schedule dev",
            "+ escalation policy dev",
            "+ service web",
            "+ heartbeat nightly-backup",
            "+ maintenance window db-upgrade",
            "+ maintenance window move",
        ]
    with database.transaction() as session:
        text = to_yaml(export(session))
        given_back = load(text, export(session))
        assert given_back == export(session)
        for section, mentioned in load(EXAMPLE):
            assert all(form in getattr(given_back, section) for form in mentioned)
        assert applied(session, EXAMPLE) == []
        assert applied(session, text) == []


def test_what_was_exported_sets_up_another_database_the_same(
    company: Session, sqlite_template: Path, tmp_path: Path
) -> None:
    other = Database(make_settings(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'other.db')}"))

    with other.transaction() as session:
        applied(session, to_yaml(export(company)))
        assert export(session) == export(company)
    other.close()


def test_the_second_time_nothing_is_written(company: Session) -> None:
    before = installation(company).revision
    apply_text(company, EXAMPLE, NOW + timedelta(days=1))
    assert not company.dirty
    company.expire_all()
    assert installation(company).revision == before


def test_a_change_of_members_renews_the_revision(company: Session) -> None:
    before = installation(company).revision
    apply_text(company, "schedules: [{name: dev, rotations: [{name: developers, members: [bob]}]}]")
    assert installation(company).revision != before


def test_what_is_tried_out_is_thrown_away(lasting: Database) -> None:
    with lasting.trial() as session:
        changes, harm = try_out(session, load("users: [{handle: bob, name: Bobby}]"), NOW)
    assert ([str(change) for change in changes], harm) == (["~ user bob: name Bob Baker -> Bobby"], [])
    with lasting.read() as session:
        assert next(user for user in export(session).users if user.handle == "bob").name == "Bob Baker"


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("{name: more, tool: generic}", id="left out"),
        pytest.param("{name: prometheus, tool: grafana}, {name: events, tool: pagerduty}", id="of another tool"),
    ],
)
def test_a_key_that_is_lost_while_something_sends_to_it_is_asked_about(company: Session, keys: str) -> None:
    def sent(name: str, **fields: Any) -> None:
        key = company.exec(select(IntegrationKey).where(IntegrationKey.name == name)).one()
        company.add(ReceivedRequest(key_id=key.id, method="POST", path="/", status=202, **fields))

    sent("prometheus", at=NOW - timedelta(minutes=5))
    sent("events", at=NOW - timedelta(minutes=5), is_test=True)

    with pytest.raises(NeedsConfirmation) as question:
        apply(company, load(f"services: [{{name: web, integration_keys: [{keys}]}}]"), NOW)

    assert question.value.problems == [
        "The integration key prometheus of web, which would be revoked or have another value or tool, was sent to "
        "5 min ago: what still sends to it would be refused."
    ]


def test_of_a_bad_config_nothing_is_applied(company: Session) -> None:
    before = export(company)
    bad = load("users: [{handle: carol, name: Carol}]\nteams: [{name: dev, members: [zoe]}]")
    with pytest.raises(BadInput) as refusal:
        apply(company, bad, NOW)
    assert refusal.value.problems == ["teams[0].members[0] (dev): there is no user zoe"]
    assert export(company) == before


def test_what_a_part_does_not_name_stays(company: Session) -> None:
    before = export(company)

    assert applied(company, "users: [{handle: alice, timezone: Europe/Berlin}]") == [
        "~ user alice: timezone America/New_York -> Europe/Berlin"
    ]
    after = export(company)
    assert after.services == before.services
    assert alice(company) == before.users[1].model_copy(update={"timezone": "Europe/Berlin"})


ODD = "home/work"


def test_odd_things_that_are_stored_already_do_not_stop_an_export(company: Session) -> None:
    methods(company)["mobile"].name = ODD
    methods(company)["call"].address = "12"
    row = company.exec(select(Rotation)).one()
    row.until, row.hours, row.shift = "9999-12-31T23:59", "whenever", ["a while"]
    company.exec(select(Heartbeat)).one().key = ODD
    for table in (Team, EscalationPolicy, Service, IntegrationKey):
        company.exec(select(table)).first().name = ODD  # type: ignore[union-attr]
    find_user(company, "bob").handle = "me"
    find_user(company, "alice").email = ODD
    company.flush()

    text = to_yaml(export(company))

    for shown in (
        "{name: home/work, kind: sms",
        "email: home/work",
        "handle: me",
        "9999-12-31T23:59",
        "key: home/work",
    ):
        assert shown in text
    assert applied(company, "heartbeats: [{name: nightly-backup, grace: 1h}]") == [
        "~ heartbeat nightly-backup: grace 30m -> 1h"
    ]


def test_an_empty_database_gives_an_empty_config(database: Database) -> None:
    with database.read() as session:
        assert export(session) == Config()
        assert to_yaml(export(session)) == "{}\n"

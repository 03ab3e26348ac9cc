"""Who changed what is on record, whatever way it was changed; and no secret is in it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Role
from oncall.people.people import find_user, set_password
from oncall.rota.feeds import open_feed
from oncall.setup.audit import Acting, act, list_audit
from oncall.setup.integration_keys import create_key, find_service
from tests.conftest import Contents
from tests.web.api.conftest import COMPANY

NOW = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def begins_with() -> Contents:
    return Contents(NOW, (COMPANY,))


@pytest.fixture
def session(lasting: Database) -> Iterator[Session]:
    """Of bob, on the web, after the company was set up by nobody."""
    with lasting.trial() as session:
        act(session, Acting(find_user(session, "bob").id, "on the web", NOW))
        yield session


def said(session: Session, text: str = "") -> list[str]:
    session.flush()
    return [row.entry.what for row in reversed(list_audit(session, 100, text=text))]


def test_what_is_set_up_by_nobody_is_not_on_record(session: Session) -> None:
    assert said(session) == []


def test_a_change_says_what_was_and_what_is(session: Session) -> None:
    user = find_user(session, "victor")
    user.role, user.timezone = Role.USER, "Europe/Rome"

    assert said(session) == ["person victor: time zone UTC → Europe/Rome, role viewer → user"]
    (row,) = list_audit(session, 1)
    assert (row.by, row.entry.via, row.entry.at) == ("Bob Baker", "on the web", NOW)


def test_a_config_that_is_applied_leaves_a_line_for_each_thing(session: Session) -> None:
    apply(session, load("{teams: [{name: ops, members: [carol]}], services: [{name: web, description: Shop}]}"), NOW)

    assert said(session) == [
        "team ops: made",
        "member carol of team ops: made",
        "service web: description nothing → Shop",
    ]


def test_an_edited_policy_says_what_was_and_its_services_do_not_change(session: Session) -> None:
    apply(session, load("{escalation_policies: [{name: dev, repeat: 3}]}"), NOW)

    assert said(session) == ["escalation policy dev: how often it begins again 1 → 3"]


def test_another_policy_and_another_team_are_named(session: Session) -> None:
    apply(session, load("{escalation_policies: [{name: night, steps: [{page: 'team:dev', wait: 5m}]}]}"), NOW)
    apply(session, load("{services: [{name: web, team: null, escalation_policy: night}]}"), NOW)

    assert said(session)[1:] == ["service web: team dev → nothing, escalation policy dev → night"]


def test_what_is_made_says_what_an_auditor_asks_of_it(session: Session) -> None:
    change = """
users: [{handle: dora, name: Dora Dean, role: admin}]
teams: [{name: ops, managers: [carol]}]
schedules: [{name: dev, overrides: [{level: L1, user: carol, start: 2026-01-09T10:00, end: 2026-01-09T12:00}]}]
"""
    apply(session, load(change), NOW, confirm=True)

    assert said(session) == [
        "person dora: made, role admin",
        "team ops: made",
        "member carol of team ops: made, manages it",
        "override L1 of dev: made, kind takes over, user carol, from 9 Jan 2026 10:00 UTC, until 9 Jan 2026 12:00 UTC",
    ]


def test_what_is_removed_is_told_from_others_of_its_name(session: Session) -> None:
    override = "{level: L1, user: carol, start: 2026-01-09T10:00, end: 2026-01-09T12:00}"
    apply(session, load(f"schedules: [{{name: dev, overrides: [{override}]}}]"), NOW, confirm=True)
    apply(session, load("schedules: [{name: dev, overrides: []}]"), NOW, confirm=True)

    (_, removed) = said(session)
    assert removed == (
        "override L1 of dev: removed, kind takes over, user carol, "
        "from 9 Jan 2026 10:00 UTC, until 9 Jan 2026 12:00 UTC"
    )


def test_a_calendar_link_is_somebodys(session: Session) -> None:
    open_feed(session, find_user(session, "carol"), NOW)

    assert said(session) == ["calendar link of carol: made"]


def test_what_ends_is_said_by_its_verb(session: Session) -> None:
    user = find_user(session, "victor")
    user.retired_at = NOW
    session.flush()
    user.retired_at = None

    assert said(session) == ["person victor: retired", "person victor: no longer retired"]


def test_a_secret_is_named_and_not_told(session: Session) -> None:
    set_password(session, find_user(session, "carol"), "the hash of a password")
    key = create_key(session, find_service(session, "web"), "more", "generic", NOW)

    assert said(session) == ["person carol: password changed", "integration key more of web: made, tool generic"]
    assert key.key not in "".join(said(session))


def test_a_text_finds_what_was_done_and_by_whom(session: Session) -> None:
    find_user(session, "victor").role = Role.USER

    assert said(session, "victor") == said(session, "baker") == ["person victor: role viewer → user"]
    assert said(session, "carol") == []

"""Applying a file: all of it or nothing, only what differs, and nothing the second time."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from oncall.config.apply import apply, try_out
from oncall.config.export import export, to_yaml
from oncall.config.load import load
from oncall.config.schema import Config, MemberForm, UserForm
from oncall.config.service_forms import ServiceForm
from oncall.db import Database
from oncall.errors import BadInput
from oncall.installation import installation
from oncall.models import (
    ContactMethod,
    EscalationPolicy,
    Heartbeat,
    IntegrationKey,
    NotificationRule,
    Override,
    OverrideSource,
    Role,
    Rotation,
    Schedule,
    Service,
    ServiceDependency,
    Team,
    User,
)
from oncall.people import find_user, restore
from oncall.settings import Settings
from tests.config.company import BEFORE, EXAMPLE, NOW, applied, apply_text
from tests.conftest import make_settings


def alice(company: Session) -> UserForm:
    return next(user for user in export(company).users if user.handle == "alice")


def web(company: Session) -> ServiceForm:
    return export(company).services[0]


def methods(company: Session) -> dict[str, ContactMethod]:
    return {row.name: row for row in company.exec(select(ContactMethod))}


def retire(company: Session, handle: str) -> None:
    user = company.exec(select(User).where(User.handle == handle)).one()
    user.retired_at, user.password_hash = NOW, "an old hash"
    company.add(user)
    company.flush()


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


def test_what_is_tried_out_is_thrown_away(example: Database) -> None:
    with example.trial() as session:
        changes, harm = try_out(session, load("users: [{handle: bob, name: Bobby}]"), NOW)
    assert ([str(change) for change in changes], harm) == (["~ user bob: name Bob Baker -> Bobby"], [])
    with example.read() as session:
        assert next(user for user in export(session).users if user.handle == "bob").name == "Bob Baker"


def test_of_a_bad_config_nothing_is_applied(company: Session) -> None:
    before = export(company)
    bad = load("users: [{handle: carol, name: Carol}]\nteams: [{name: dev, members: [zoe]}]")
    with pytest.raises(BadInput) as refusal:
        apply(company, bad, NOW)
    assert refusal.value.problems == ["teams[0].members[0] (dev): there is no user zoe"]
    assert export(company) == before


def test_the_only_admin_stays_one_until_somebody_else_is(company: Session) -> None:
    with pytest.raises(BadInput) as refused:
        applied(company, "users: [{handle: alice, role: user}]")
    assert refused.value.problems == [
        "users[0].role (alice): would leave nobody who is an admin: make somebody else one as well"
    ]
    applied(company, "users: [{handle: alice, role: user}, {handle: bob, role: admin}]")
    assert [user.handle for user in export(company).users if user.role is Role.ADMIN] == ["bob"]


def test_what_a_part_does_not_name_stays(company: Session) -> None:
    before = export(company)

    assert applied(company, "users: [{handle: alice, timezone: Europe/Berlin}]") == [
        "~ user alice: timezone America/New_York -> Europe/Berlin"
    ]
    after = export(company)
    assert after.services == before.services
    assert alice(company) == before.users[1].model_copy(update={"timezone": "Europe/Berlin"})


def test_a_country_is_kept_in_capitals_and_exported_and_taken_back(company: Session) -> None:
    assert applied(company, "users: [{handle: bob, country: no}]") == ["~ user bob: country nothing -> NO"]
    assert "country: 'NO'" in to_yaml(export(company))  # to other readers of YAML a bare NO is false
    assert applied(company, to_yaml(export(company))) == []

    assert applied(company, "users: [{handle: bob, country: null}]") == ["~ user bob: country NO -> nothing"]
    assert find_user(company, "bob").country is None


def test_what_somebody_wants_to_be_told_is_set_in_part_and_exported_and_taken_back(company: Session) -> None:
    assert applied(company, "users: [{handle: bob, notices: {ahead: 48h, weekly: true}}]") == [
        "~ user bob: notices.ahead 24h -> 48h",
        "~ user bob: notices.weekly false -> true",
    ]
    assert applied(company, "users: [{handle: bob, notices: {start: false}}]") == [
        "~ user bob: notices.start true -> false"
    ]
    bob = find_user(company, "bob")
    assert (bob.notice_ahead_hours, bob.notice_start, bob.notice_end, bob.notice_weekly) == (48, False, False, True)
    written = {user["handle"]: user for user in export(company).model_dump(mode="json")["users"]}
    assert written["bob"]["notices"] == {"ahead": "48h", "start": False, "weekly": True}
    assert "notices" not in written["alice"]
    assert applied(company, to_yaml(export(company))) == []


def test_a_retired_person_is_left_out_and_no_file_brings_them_back(company: Session) -> None:
    retire(company, "bob")

    assert "bob" not in to_yaml(export(company))
    assert applied(company, "users: [{handle: alice, name: Alice}]") == ["~ user alice: name Alice Archer -> Alice"]

    with pytest.raises(BadInput) as refusal:
        applied(company, "users: [{handle: carol, name: Carol}, {handle: bob, name: Bob Again}]")
    assert refusal.value.problems == [
        "users[1].handle (bob): bob has retired: leave them out, "
        "or bring them back first with “oncall user restore bob”"
    ]
    assert company.exec(select(User).where(User.handle == "bob")).one().retired_at == NOW


def test_who_was_brought_back_is_in_files_again_as_a_newcomer(company: Session) -> None:
    retire(company, "bob")
    later = NOW + timedelta(days=30)
    restore(company, find_user(company, "bob"), later)

    applied(company, "users: [{handle: bob, name: Bob Again}]", later)

    bob = find_user(company, "bob")
    assert (bob.name, bob.retired_at, bob.password_hash, bob.created_at) == ("Bob Again", None, None, later)


def test_the_rest_of_a_schedule_is_kept_and_given_back(company: Session) -> None:
    assert applied(company, "schedules: [{name: dev, rest: 1d}]") == ["~ schedule dev: rest 0m -> 24h"]

    assert company.exec(select(Schedule.rest_hours).where(Schedule.name == "dev")).one() == 24
    assert "rest: 24h" in to_yaml(export(company))
    assert applied(company, to_yaml(export(company))) == []


def test_when_a_schedule_is_meant_to_be_covered_is_kept_and_given_back(company: Session) -> None:
    line = "~ schedule dev: covers nothing -> Mon-Fri 09:00-17:00"
    assert applied(company, "schedules: [{name: dev, covers: 'Mon-Fri 09:00-17:00'}]") == [line]

    assert "covers: Mon-Fri 09:00-17:00" in to_yaml(export(company))
    assert applied(company, to_yaml(export(company))) == []


def test_an_override_from_now_on_stays_what_it_is_when_its_file_is_applied(company: Session) -> None:
    """A file says the second; a page that says “now” means the microsecond."""
    (row,) = company.exec(select(Override))
    row.starts_at, row.ends_at = NOW + timedelta(microseconds=7), NOW + timedelta(days=1, microseconds=9)
    company.flush()

    later = NOW + timedelta(hours=2)
    assert applied(company, to_yaml(export(company)), later) == []
    applied(company, "schedules: [{name: dev, covers: 'Mon-Fri 09:00-17:00'}]", later)
    (still,) = company.exec(select(Override))
    assert (still.starts_at.microsecond, still.is_history) == (7, False)


def test_an_override_that_was_ended_in_its_first_second_is_in_no_file(company: Session) -> None:
    (row,) = company.exec(select(Override))
    row.starts_at, row.ends_at = NOW, NOW + timedelta(microseconds=9)
    company.flush()

    assert "overrides" not in to_yaml(export(company, ["schedules"]))


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


class TestContactMethods:
    def test_another_address_has_to_be_verified_again(self, company: Session) -> None:
        applied(
            company,
            "users: [{handle: alice, contact_methods: [{name: mobile, address: '+12125550100'}, {name: call}]}]",
        )

        mobile, call = alice(company).contact_methods
        assert (mobile.address, mobile.verified) == ("+12125550100", False)
        assert (call.address, call.verified) == ("+12025550101", True)

    def test_another_address_that_the_file_calls_verified_is(self, company: Session) -> None:
        later = NOW + timedelta(days=1)
        mobile = "{name: mobile, address: +12125550100, verified: true}"
        applied(company, f"users: [{{handle: alice, contact_methods: [{mobile}, {{name: call}}]}}]", later)
        assert methods(company)["mobile"].verified_at == later
        assert methods(company)["call"].verified_at == NOW

    def test_a_number_disabled_by_its_carrier_stays_so_until_it_is_another(self, company: Session) -> None:
        methods(company)["mobile"].disabled_at = NOW
        applied(company, EXAMPLE)
        assert methods(company)["mobile"].disabled_at == NOW
        applied(company, "users: [{handle: alice, contact_methods: [{name: mobile, address: +12125550100}]}]")
        assert methods(company)["mobile"].disabled_at is None

    def test_one_that_disappears_takes_its_rules_along(self, company: Session) -> None:
        applied(company, "users: [{handle: alice, contact_methods: [{name: mobile}]}]")

        assert [method.name for method in alice(company).contact_methods] == ["mobile"]
        assert [rule.contact_method for rule in alice(company).notification_rules] == ["mobile", "mobile"]
        assert len(company.exec(select(NotificationRule)).all()) == 2

    def test_rules_keep_the_order_of_the_file(self, company: Session) -> None:
        rules = "[{urgency: low, contact_method: call}, {urgency: high, after: 90s, contact_method: mobile}]"
        text = f"users: [{{handle: alice, notification_rules: {rules}}}]"

        applied(company, text)

        found = [(str(rule.urgency), rule.contact_method) for rule in alice(company).notification_rules]
        assert found == [("low", "call"), ("high", "mobile")]
        assert applied(company, text) == []


class TestSchedules:
    def test_a_rotation_that_is_not_in_the_list_is_gone(self, company: Session) -> None:
        nights = "{name: nights, members: [bob, alice], start: 2026-01-05T22:00, shift: 1 week}"
        applied(company, f"schedules: [{{name: dev, rotations: [{nights}]}}]")

        (rotation,) = export(company).schedules[-1].rotations
        assert (rotation.name, rotation.members) == ("nights", [MemberForm(user="bob"), MemberForm(user="alice")])

    def test_the_last_rotation_wins_where_several_apply(self, company: Session) -> None:
        nights = "{name: nights, members: [bob, alice], start: 2026-01-05T22:00, shift: [4 days, 3 days]}"
        applied(company, f"schedules: [{{name: dev, rotations: [{nights}, {{name: developers}}]}}]")
        rows = company.exec(select(Rotation).order_by(col(Rotation.position))).all()
        assert [(row.name, row.shift) for row in rows] == [
            ("nights", ["4 days", "3 days"]),
            ("developers", ["3 days"]),
        ]

    def test_members_can_go_and_change_places(self, company: Session) -> None:
        for members in (["alice", "bob"], ["bob", "alice"], ["bob"], ["alice", "bob"]):
            text = f"schedules: [{{name: dev, rotations: [{{name: developers, members: {members}}}]}}]"
            applied(company, text)
            listed = export(company).schedules[-1].rotations[0].members
            assert listed == [MemberForm(user=handle) for handle in members]
            assert applied(company, text) == []

    def test_members_may_be_together_nobody_or_there_for_a_while(self, company: Session) -> None:
        members = "[alice, [bob, alice], [], {user: bob, joins: 2026-03-01T00:00, leaves: 2026-06-01T00:00}]"
        more = "timezone: Europe/Berlin, skip: [Sat, sunday]"
        text = f"schedules: [{{name: dev, rotations: [{{name: developers, members: {members}, {more}}}]}}]"
        text = text.replace("[bob, alice]", "[bob]")
        applied(company, text)

        assert applied(company, text) == []
        rotation = export(company).schedules[-1].rotations[0].model_dump(mode="json")
        assert rotation["members"] == [
            "alice",
            "bob",
            [],
            {"user": "bob", "joins": "2026-03-01T00:00", "leaves": "2026-06-01T00:00"},
        ]
        assert (rotation["timezone"], rotation["skip"]) == ("Europe/Berlin", ["Sat", "Sun"])

    def test_overrides_may_add_and_remove(self, company: Session) -> None:
        times = "start: 2026-02-01T10:00, end: 2026-02-02T10:00"
        made = [
            f"{{level: L1, user: bob, replaces: alice, {times}}}",
            f"{{level: L1, kind: add, user: bob, {times}}}",
            f"{{level: L1, kind: remove, replaces: bob, {times}}}",
            f"{{level: L2, kind: remove, {times}}}",
        ]
        text = f"schedules: [{{name: dev, overrides: [{', '.join(made)}]}}]"
        applied(company, text)

        assert applied(company, text) == []
        rows = company.exec(select(Override).order_by(col(Override.id))).all()
        assert [(row.kind.value, bool(row.user_id), bool(row.replaces_id)) for row in rows] == [
            ("replace", True, True),
            ("add", True, False),
            ("remove", False, True),
            ("remove", False, False),
        ]

    def test_swaps_and_temporary_schedules_are_not_the_files(self, company: Session) -> None:
        row = company.exec(select(Override)).one()
        row.source = OverrideSource.SWAP
        company.add(row)
        company.flush()

        applied(company, "schedules: [{name: dev, overrides: []}]")

        assert company.exec(select(Override)).one().source is OverrideSource.SWAP
        assert export(company).schedules[-1].overrides == []

    def test_a_rule_is_kept_as_the_names_it_is_made_of(self, company: Session) -> None:
        row = company.exec(select(Rotation)).one()
        assert row.member_rule == {"tagged": ["developer"], "not_in": ["ops", "payments", "support"], "team": []}
        assert (row.start, row.until, row.shift) == ("2026-01-05T10:00", "2027-01-05T10:00", ["3 days"])

    def test_overrides_are_wall_clock_in_the_schedules_zone(self, company: Session) -> None:
        row = company.exec(select(Override)).one()
        assert row.starts_at == datetime(2026, 2, 1, 15, 0, tzinfo=UTC)

    def test_an_override_in_the_hour_that_occurs_twice_comes_back_exactly(self, company: Session) -> None:
        times = "start: 2026-11-01T01:30-05:00, end: 2026-11-01T08:00Z"
        text = f"schedules: [{{name: dev, overrides: [{{level: L1, user: bob, {times}}}]}}]"

        applied(company, text)

        assert "{level: L1, user: bob, start: '2026-11-01T01:30-05:00', end: '2026-11-01T03:00'}" in to_yaml(
            export(company)
        )
        assert applied(company, to_yaml(export(company))) == []
        assert applied(company, text) == []

    def test_another_zone_moves_handoffs_and_not_overrides(self, company: Session) -> None:
        assert applied(company, "schedules: [{name: dev, timezone: UTC}]") == [
            "~ schedule dev: timezone America/New_York -> UTC"
        ]
        assert company.exec(select(Override)).one().starts_at == datetime(2026, 2, 1, 15, 0, tzinfo=UTC)

    def test_an_override_that_stays_is_not_made_anew(self, company: Session) -> None:
        first = "{level: L1, user: bob, start: 2026-02-01T10:00, end: 2026-02-02T10:00}"
        second = "{level: L2, user: alice, start: 2026-02-01T10:00, end: 2026-02-02T10:00}"
        later = NOW + timedelta(days=1)

        applied(company, f"schedules: [{{name: dev, overrides: [{first}, {second}]}}]", later)

        rows = company.exec(select(Override).order_by(col(Override.id))).all()
        assert [(row.level, row.created_at) for row in rows] == [("L1", NOW), ("L2", later)]


class TestKeys:
    def test_a_key_that_is_not_given_is_generated_once(self, company: Session) -> None:
        text = "services: [{name: web, integration_keys: [{name: prometheus}, {name: new, tool: generic}]}]"
        applied(company, text)

        prometheus, new = web(company).integration_keys
        assert prometheus.key == "chosen-or-generated"
        assert len(new.key) == 32
        assert int(new.key, 16)
        assert applied(company, text) == []
        assert web(company).integration_keys[1] == new

    def test_a_key_that_is_not_in_the_list_is_revoked_and_back_on_it_works_again(self, company: Session) -> None:
        applied(company, "services: [{name: web, integration_keys: [{name: prometheus}]}]")
        events = company.exec(select(IntegrationKey).where(IntegrationKey.name == "events")).one()
        assert events.revoked_at == NOW
        assert [key.name for key in web(company).integration_keys] == ["prometheus"]

        applied(
            company, "services: [{name: web, integration_keys: [{name: prometheus}, {name: events, tool: pagerduty}]}]"
        )
        assert web(company).integration_keys[1].key == "0123456789abcdef0123456789abcdef"

    def test_keys_can_change_places(self, company: Session) -> None:
        text = """
services:
  - name: web
    integration_keys:
      - {name: prometheus, key: 0123456789abcdef0123456789abcdef}
      - {name: events, key: chosen-or-generated}
"""
        applied(company, text)

        assert [key.key for key in web(company).integration_keys] == [
            "0123456789abcdef0123456789abcdef",
            "chosen-or-generated",
        ]

    def test_a_key_can_move_to_another_service(self, company: Session) -> None:
        text = """
services:
  - {name: api, escalation_policy: dev, integration_keys: [{name: am, tool: alertmanager, key: chosen-or-generated}]}
  - {name: web, integration_keys: []}
"""
        applied(company, text)

        assert applied(company, text) == []
        assert {service.name: len(service.integration_keys) for service in export(company).services} == {
            "web": 0,
            "api": 1,
        }

    def test_options_are_kept_as_text(self, company: Session) -> None:
        applied(company, "services: [{name: web, integration_keys: [{name: prometheus, options: {group: true}}]}]")

        assert web(company).integration_keys[0].options == {"group": "true"}

    def test_a_secret_is_never_shown_again_and_stays_until_it_is_named(self, company: Session) -> None:
        key = "services: [{name: web, integration_keys: [{name: runs, tool: github, options: {%s}}]}]"
        changes = applied(company, key % "secret: a-long-secret-indeed, branches: main")
        assert "branches: main" in " ".join(changes)
        assert "a-long-secret" not in " ".join(changes)
        assert "a-long-secret" not in to_yaml(export(company))

        assert applied(company, to_yaml(export(company))) == []
        assert applied(company, key % "branches: '*'") != []
        assert web(company).integration_keys[0].options == {"secret": "a-long-secret-indeed", "branches": "*"}
        assert applied(company, key % "secret: ''") != []
        assert web(company).integration_keys[0].options == {}
        assert applied(company, key % "secret: ''") == []

    def test_an_expression_that_can_t_work_is_refused_with_its_place(self, company: Session) -> None:
        key = "services: [{name: web, integration_keys: [{name: any, tool: generic, options: {summary: 'a['}}]}]"
        with pytest.raises(BadInput) as refused:
            applied(company, key)
        assert ".options (web, any): the option summary is no JMESPath" in refused.value.problems[0]

    def test_a_heartbeat_in_its_wait_waits_by_the_new_terms(self, company: Session) -> None:
        row = company.exec(select(Heartbeat)).one()
        row.last_ping_at, row.due_at = NOW, NOW + timedelta(hours=24, minutes=30)
        applied(company, "heartbeats: [{name: nightly-backup, every: 1h}]")
        row = company.exec(select(Heartbeat)).one()
        assert (row.due_at, row.key) == (NOW + timedelta(hours=1, minutes=30), "chosen-or-generated")


def test_an_empty_database_gives_an_empty_config(database: Database) -> None:
    with database.read() as session:
        assert export(session) == Config()
        assert to_yaml(export(session)) == "{}\n"


def test_what_a_service_depends_on_is_kept_and_given_back(company: Session) -> None:
    apply_text(company, "services: [{name: db, escalation_policy: dev}, {name: web, depends_on: db}]")
    web = next(form for form in export(company).services if form.name == "web")
    assert web.depends_on == ["db"]
    assert apply_text(company, "services: [{name: web, depends_on: [db]}]") == []
    apply_text(company, "services: [{name: web, depends_on: []}]")
    assert company.exec(select(ServiceDependency)).all() == []


def test_the_slack_groups_of_a_schedule_are_kept_and_given_back(company: Session) -> None:
    assert applied(company, "schedules: [{name: dev, slack_usergroups: {L1: S0123ABCD}}]") == [
        "~ schedule dev: slack_usergroups nothing -> L1: S0123ABCD"
    ]
    assert "slack_usergroups: {L1: S0123ABCD}" in to_yaml(export(company))
    assert applied(company, to_yaml(export(company))) == []
    assert applied(company, "schedules: [{name: dev, slack_usergroups: {}}]") == [
        "~ schedule dev: slack_usergroups L1: S0123ABCD -> nothing"
    ]


@pytest.mark.parametrize(
    ("groups", "said"),
    [("{L1: '@oncall-dev'}", "is no Slack user group"), ("{L9: S0123ABCD}", "L9"), ("S0123ABCD", "slack_usergroups")],
)
def test_what_is_no_slack_group_is_refused(company: Session, groups: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        applied(company, f"schedules: [{{name: dev, slack_usergroups: {groups}}}]")

    assert said in str(refused.value.problems)


def test_quiet_hours_are_set_and_exported_and_taken_back(company: Session) -> None:
    nights = 'users: [{handle: bob, quiet_hours: {hours: "22:00-07:00"}}]'
    assert applied(company, nights) == ["~ user bob: quiet_hours nothing -> {hours: '22:00-07:00'}"]
    assert find_user(company, "bob").quiet_timezone is None  # his own
    assert applied(company, to_yaml(export(company))) == []
    assert applied(company, nights) == []
    assert applied(company, "users: [{handle: bob, quiet_hours: null}]") == [
        "~ user bob: quiet_hours {hours: '22:00-07:00'} -> nothing"
    ]
    assert find_user(company, "bob").quiet_hours is None

"""Services in a file: their keys, what they depend on, and heartbeats."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from oncall.config.export import export, to_yaml
from oncall.config.service_forms import ServiceForm
from oncall.errors import BadInput
from oncall.models import (
    Heartbeat,
    IntegrationKey,
    ServiceDependency,
)
from tests.config.company import NOW, applied, apply_text


def web(company: Session) -> ServiceForm:
    return export(company).services[0]


def test_a_key_that_is_not_given_is_generated_once(company: Session) -> None:
    text = "services: [{name: web, integration_keys: [{name: prometheus}, {name: new, tool: generic}]}]"
    applied(company, text)

    prometheus, new = web(company).integration_keys
    assert prometheus.key == "chosen-or-generated"
    assert len(new.key) == 32
    assert int(new.key, 16)
    assert applied(company, text) == []
    assert web(company).integration_keys[1] == new


def test_a_key_that_is_not_in_the_list_is_revoked_and_back_on_it_works_again(company: Session) -> None:
    applied(company, "services: [{name: web, integration_keys: [{name: prometheus}]}]")
    events = company.exec(select(IntegrationKey).where(IntegrationKey.name == "events")).one()
    assert events.revoked_at == NOW
    assert [key.name for key in web(company).integration_keys] == ["prometheus"]

    applied(company, "services: [{name: web, integration_keys: [{name: prometheus}, {name: events, tool: pagerduty}]}]")
    assert web(company).integration_keys[1].key == "0123456789abcdef0123456789abcdef"


def test_keys_can_change_places(company: Session) -> None:
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


def test_a_key_can_move_to_another_service(company: Session) -> None:
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


def test_options_are_kept_as_text(company: Session) -> None:
    applied(company, "services: [{name: web, integration_keys: [{name: prometheus, options: {group: true}}]}]")

    assert web(company).integration_keys[0].options == {"group": "true"}


def test_a_secret_is_never_shown_again_and_stays_until_it_is_named(company: Session) -> None:
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


def test_an_expression_that_can_t_work_is_refused_with_its_place(company: Session) -> None:
    key = "services: [{name: web, integration_keys: [{name: any, tool: generic, options: {summary: 'a['}}]}]"
    with pytest.raises(BadInput) as refused:
        applied(company, key)
    assert ".options (web, any): the option summary is no JMESPath" in refused.value.problems[0]


def test_a_heartbeat_in_its_wait_waits_by_the_new_terms(company: Session) -> None:
    row = company.exec(select(Heartbeat)).one()
    row.last_ping_at, row.due_at = NOW, NOW + timedelta(hours=24, minutes=30)
    applied(company, "heartbeats: [{name: nightly-backup, every: 1h}]")
    row = company.exec(select(Heartbeat)).one()
    assert (row.due_at, row.key) == (NOW + timedelta(hours=1, minutes=30), "chosen-or-generated")


TEAM_KEY = "teams: [{name: dev, integration_keys: [{name: all, tool: generic, service: %s, key: team-key-of-dev}]}]"


def test_a_team_s_key_can_go_to_a_service_that_had_a_key_of_this_name(company: Session) -> None:
    applied(company, TEAM_KEY % "web")
    applied(company, "services: [{name: db, escalation_policy: dev, integration_keys: [{name: all, tool: generic}]}]")

    applied(company, "services: [{name: db, integration_keys: []}]\n" + TEAM_KEY % "db")

    dev = next(team for team in export(company).teams if team.name == "dev")
    assert [(key.service, key.key) for key in dev.integration_keys] == [("db", "team-key-of-dev")]


def test_keys_of_one_name_of_two_teams_can_change_services(company: Session) -> None:
    text = """
services: [{{name: db, escalation_policy: dev}}]
teams:
  - {{name: dev, integration_keys: [{{name: all, tool: generic, service: {}, key: key-of-dev}}]}}
  - {{name: ops, integration_keys: [{{name: all, tool: generic, service: {}, key: key-of-ops}}]}}
"""
    applied(company, text.format("web", "db"))
    ids = {row.key: row.id for row in company.exec(select(IntegrationKey))}

    applied(company, text.format("db", "web"))

    keys = {team.name: team.integration_keys for team in export(company).teams}
    assert [(key.service, key.key) for key in keys["dev"]] == [("db", "key-of-dev")]
    assert [(key.service, key.key) for key in keys["ops"]] == [("web", "key-of-ops")]
    assert {row.key: row.id for row in company.exec(select(IntegrationKey))} == ids


def test_a_team_s_key_keeps_its_secret_to_itself_too(company: Session) -> None:
    key = "teams: [{name: dev, integration_keys: [{name: runs, tool: github, service: web, options: {%s}}]}]"
    applied(company, key % "secret: a-long-secret-indeed, branches: main")

    text = to_yaml(export(company))

    assert "a-long-secret" not in text
    assert "branches: main" in text
    assert applied(company, text) == []


def test_the_order_of_what_a_service_depends_on_says_nothing(company: Session) -> None:
    applied(company, "services: [{name: db, escalation_policy: dev}, {name: api, escalation_policy: dev}]")
    text = "services: [{name: web, depends_on: [api, db]}]"
    assert applied(company, text) == ["~ service web: depends_on added: api, db"]
    assert applied(company, text) == []


def test_what_a_service_depends_on_is_kept_and_given_back(company: Session) -> None:
    apply_text(company, "services: [{name: db, escalation_policy: dev}, {name: web, depends_on: db}]")
    web = next(form for form in export(company).services if form.name == "web")
    assert web.depends_on == ["db"]
    assert apply_text(company, "services: [{name: web, depends_on: [db]}]") == []
    apply_text(company, "services: [{name: web, depends_on: []}]")
    assert company.exec(select(ServiceDependency)).all() == []

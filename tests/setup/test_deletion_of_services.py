"""A service that nobody needs is nowhere to choose, its past stays, and its name brings it back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from oncall.alerts.actions import Actor, resolve
from oncall.alerts.by_hand import page_schedule
from oncall.alerts.event import Event, EventAction
from oncall.alerts.intake import source_of, take_in
from oncall.alerts.listing import AlertFilter, list_alerts
from oncall.auth.setup_rights import led_services, may_edit_policy
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.schema import Config
from oncall.db.database import Database
from oncall.errors import BadInput, Conflict, Forbidden, NeedsConfirmation, NotFound
from oncall.heartbeats import Signal, ping
from oncall.ingest.store import UnknownKey, find_key
from oncall.maintenance.windows import WindowState, list_windows
from oncall.models import (
    EscalationPolicy,
    Heartbeat,
    IntegrationKey,
    ReceivedRequest,
    Service,
    ServiceDependency,
    Severity,
)
from oncall.people.people import find_user
from oncall.reports.scope import scope_of
from oncall.settings import Settings
from oncall.setup.audit import Acting, act, list_audit
from oncall.setup.deletion import delete_team
from oncall.setup.deletion_of_services import delete_service
from oncall.setup.first_run import make_service
from oncall.setup.integration_keys import find_service, keys_of
from oncall.setup.routing_trial import rules_of, try_out
from oncall.setup.team_keys import find_team_key
from tests.conftest import Contents, make_settings
from tests.web.api.conftest import COMPANY

NOW = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
SETTINGS = make_settings("sqlite:///nowhere.db")
WITH_CANARIES = make_settings(
    "sqlite:///nowhere.db", canary_every=300, canary_to="sms:+12025550199", canary_service="typo"
)
TYPO = """
users: [{handle: gina, name: Gina Green}]
teams: [{name: dev, managers: [alice, gina]}, {name: ops, managers: [carol]}]
services:
  - name: typo
    description: Meant to be web
    team: dev
    escalation_policy: dev
    depends_on: [web]
    integration_keys: [{name: metrics, tool: generic, key: the-key-of-typo}]
"""
WITH_MORE = """
services:
  - {name: shop, team: ops, escalation_policy: dev, depends_on: [typo]}
  - {name: api, team: ops, escalation_policy: dev, depends_on: [typo, web]}
heartbeats: [{name: hourly, service: typo, every: 1h, key: the-key-of-hourly}]
maintenance:
  - {name: now, service: typo, start: 2026-01-06T10:00, end: 2026-01-06T16:00, timezone: UTC}
  - {name: nightly, service: typo, start: 2026-01-06T11:00, end: 2026-01-06T13:00, timezone: UTC, repeats: daily}
  - {name: soon, service: typo, start: 2026-01-08T10:00, end: 2026-01-08T16:00, timezone: UTC}
  - {name: all of dev, team: dev, start: 2026-01-06T10:00, end: 2026-01-06T16:00, timezone: UTC}
"""


OTHER = """
escalation_policies: [{name: other, steps: [{page: user:bob, wait: 5m}]}]
"""


@pytest.fixture(scope="module")
def begins_with() -> Contents:
    return Contents(NOW, (COMPANY, TYPO))


@pytest.fixture
def session(lasting: Database) -> Iterator[Session]:
    with lasting.trial() as session:
        act(session, Acting(find_user(session, "alice").id, "on the web", NOW))
        yield session


def change(session: Session, text: str) -> list[str]:
    return [str(each) for each in apply(session, load(text, export(session)), NOW, confirm=True)]


def delete(
    session: Session, *, by: str = "alice", settings: Settings = SETTINGS, confirm: bool = True, name: str = "typo"
) -> None:
    delete_service(session, settings, find_user(session, by), name, NOW, confirm=confirm)


def fire(session: Session, name: str = "typo") -> int:
    source = source_of(session, find_service(session, name).id or 0, "a test")
    (alert,) = take_in(session, [(source, Event(EventAction.TRIGGER, "disk", "Disk full", Severity.ERROR))], NOW)
    return alert.id or 0


def end(session: Session, number: int) -> None:
    resolve(session, number, Actor(find_user(session, "bob"), "on the web"), NOW)


def test_it_is_gone_from_all_that_is_set_up_and_its_alerts_stay(session: Session) -> None:
    before = export(session)
    end(session, fire(session))
    delete(session)
    wanted = [form for form in before.services if form.name != "typo"]
    assert export(session) == before.model_copy(update={"services": wanted})
    assert "typo" not in led_services(session, find_user(session, "alice"))
    assert [row.alert.summary for row in list_alerts(session, AlertFilter(service="typo"), 10)] == ["Disk full"]
    assert "typo" in scope_of(session, "dev").services.values()
    with pytest.raises(NotFound) as gone:
        find_service(session, "typo")
    assert gone.value.detail == "The service typo was deleted on 2026-01-06. Its alerts stay."
    assert gone.value.see == "/alerts?service=typo&status=all"
    with pytest.raises(NotFound, match="was deleted"):
        delete(session)
    with pytest.raises(NotFound, match="There is no service lost"):
        delete(session, name="lost")


def test_its_keys_are_refused_and_the_audit_says_what_was_done(session: Session) -> None:
    delete(session)
    with pytest.raises(UnknownKey):
        find_key(session, "the-key-of-typo", "generic")
    said = [row.entry.what for row in list_audit(session, 100)]
    assert sorted(said) == ["integration key metrics of typo: revoked", "service typo: deleted"]


def test_only_who_may_edit_it_may_delete_it(session: Session) -> None:
    for other in ("bob", "carol", "victor"):
        with pytest.raises(Forbidden, match="Ask one of them"):
            delete(session, by=other)
    delete(session, by="gina")


def test_all_that_still_needs_it_is_told_at_once(session: Session) -> None:
    change(
        session,
        """
teams:
  - name: ops
    integration_keys:
      - {name: all, tool: generic, service: typo}
      - name: some
        tool: generic
        service: web
        rules: [{name: a, when: [{field: summary, exists: true}], service: typo}]
""",
    )
    number = fire(session)
    with pytest.raises(Conflict) as needed:
        delete(session, settings=WITH_CANARIES)
    assert needed.value.detail == (
        "typo is still needed: it has 1 open alert, the integration key all of team ops leads to it, the integration "
        "key some of team ops leads to it and canaries that fail raise their alert on it (ONCALL_CANARY_SERVICE). "
        "End that first; then it can be deleted."
    )
    end(session, number)
    change(session, "teams: [{name: ops, integration_keys: []}]")
    delete(session)


def test_what_goes_with_it_is_told_first_and_then_goes(session: Session) -> None:
    change(session, WITH_MORE)
    ping(session, "the-key-of-hourly", Signal.SUCCESS, "", NOW)
    key = session.exec(select(IntegrationKey).where(IntegrationKey.key == "the-key-of-typo")).one()
    sent = {"method": "POST", "path": "/", "status": 202}
    session.add(ReceivedRequest(key_id=key.id, at=NOW - timedelta(minutes=3), **sent))
    session.flush()
    with pytest.raises(NeedsConfirmation) as asked:
        delete(session, confirm=False)
    assert asked.value.problems == [
        "The integration key metrics of typo, which would be revoked or have another value or tool, was sent to "
        "3 min ago: what still sends to it would be refused.",
        "Nothing waits any more for its heartbeats, which would be deleted: hourly.",
        "Its maintenance would be over, or called off: nightly, now, soon.",
        "What depends on it would no longer, and page whatever is down: api, shop.",
    ]
    assert find_service(session, "typo").deleted_at is None

    delete(session)
    assert session.exec(select(Heartbeat.name)).all() == ["nightly-backup"]
    ids = {each.name: each.id for each in session.exec(select(Service))}
    needs = [(each.service_id, each.depends_on_id) for each in session.exec(select(ServiceDependency))]
    assert needs == [(ids["api"], ids["web"])]
    windows = {row.window.name: row.state for row in list_windows(session, NOW)}
    assert windows == {"all of dev": WindowState.ON, "now": WindowState.OVER}  # what is over stands beside its alerts
    assert [form.name for form in export(session).maintenance] == ["all of dev"]


def test_its_team_can_be_deleted_and_it_is_nobodys_then(session: Session) -> None:
    change(session, "services: [{name: typo, team: ops}]")
    delete(session)
    delete_team(session, "ops", NOW)
    session.expire_all()
    assert session.exec(select(Service.team_id).where(Service.name == "typo")).one() is None


def test_what_could_be_paged_by_it_is_not_any_more(session: Session) -> None:
    change(session, "services: [{name: web, escalation_policy: other}]" + OTHER)
    asks = Actor(find_user(session, "bob"), "on the web")
    assert page_schedule(session, "dev", "Help", "first", asks, NOW)[1] == "typo"
    end(session, list_alerts(session, AlertFilter(), 1)[0].alert.id or 0)
    delete(session)
    with pytest.raises(NotFound, match="No service pages dev first"):
        page_schedule(session, "dev", "Help", "second", asks, NOW)


def test_who_follows_a_policy_is_asked_without_it(session: Session) -> None:
    change(session, "services: [{name: typo, escalation_policy: other}]" + OTHER)
    change(session, "services: [{name: shop, team: ops, escalation_policy: other}]")
    carol = find_user(session, "carol")
    assert not may_edit_policy(session, carol, "other")
    delete(session)
    assert may_edit_policy(session, carol, "other")


def test_nothing_can_refer_to_it(session: Session) -> None:
    delete(session)
    for refers in (
        "heartbeats: [{name: hourly, service: typo, every: 1h}]",
        "services: [{name: web, depends_on: [typo]}]",
        "teams: [{name: ops, integration_keys: [{name: all, tool: generic, service: typo}]}]",
    ):
        with pytest.raises(BadInput) as refused:
            change(session, refers)
        assert "there is no service typo" in str(refused.value.problems)


def test_rules_that_would_lead_to_it_can_not_be_tried(session: Session) -> None:
    change(session, "teams: [{name: ops, integration_keys: [{name: all, tool: generic, service: web}]}]")
    delete(session)
    key = find_team_key(session, "ops", "all")
    rules = rules_of(key, [{"name": "a", "when": [{"field": "summary", "exists": True}], "service": "typo"}])
    with pytest.raises(BadInput) as refused:
        try_out(session, key, rules, [], NOW)
    assert "there is no service typo" in str(refused.value.problems)


def test_a_file_that_names_it_brings_it_back_as_a_new_one_without_its_keys(session: Session) -> None:
    change(session, WITH_MORE)
    number = find_service(session, "typo").id
    delete(session)
    assert change(session, "services: [{name: typo, escalation_policy: dev}]") == ["+ service typo"]
    back = find_service(session, "typo")
    assert (back.id, back.deleted_at, back.description, back.team_id) == (number, None, "", None)
    assert keys_of(session, back) == []
    (form,) = (form for form in export(session).services if form.name == "typo")
    assert form == Config.model_validate({"services": [{"name": "typo", "escalation_policy": "dev"}]}).services[0]
    assert list_audit(session, 1, text="no longer deleted")

    change(
        session, "services: [{name: typo, integration_keys: [{name: metrics, tool: generic, key: the-key-of-typo}]}]"
    )
    assert find_key(session, "the-key-of-typo", "generic").service_id == number


def test_what_was_exported_before_makes_all_of_it_anew(session: Session) -> None:
    change(session, WITH_MORE)
    before = export(session)
    delete(session)
    apply(session, before, NOW, confirm=True)
    assert {form.name: form for form in export(session).services} == {form.name: form for form in before.services}
    assert export(session).heartbeats == before.heartbeats


def test_the_first_steps_bring_it_back_with_another_key(session: Session) -> None:
    policy = find_service(session, "typo").escalation_policy_id
    change(session, "services: [{name: typo, integration_keys: [{name: generic, tool: generic, key: the-old-key-1}]}]")
    delete(session)
    key = make_service(session, "typo", "generic", session.get_one(EscalationPolicy, policy), NOW)
    assert [each.key for each in keys_of(session, find_service(session, "typo"))] == [key.key]
    assert key.key != "the-old-key-1"

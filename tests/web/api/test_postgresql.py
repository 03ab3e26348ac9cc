"""What the two databases do differently, once more on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.errors import Conflict
from oncall.models import ContactMethod, NotificationRule, Override, Role
from oncall.people.contacts import verify
from oncall.people.people import add_user, find_user, set_role
from oncall.settings import Settings
from oncall.setup.integration_keys import find_key, find_service, set_options
from oncall.setup.team_keys import set_team_key
from tests.application import database_of
from tests.client import TestClient
from tests.postgres import wait_for_a_lock
from tests.web.api.conftest import COMPANY, NOON, Caller, Clock, sentence


@pytest.fixture
def settings(postgres_settings: Settings) -> Settings:
    return postgres_settings


def test_alerts_are_sent_found_acted_on_and_told(alice: Caller, bob: Caller) -> None:
    body = {"service": "web", "summary": "Disk full", "dedup_key": "disk", "details": {"used": "98 %"}}
    body |= {"labels": {"cluster": "east"}}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bob.post("/alerts", body), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]

    (alert,) = bob.items("/alerts", q="DISK", service="web", status="triggered", label="cluster=east")
    path = f"/alerts/{alert['id']}"
    bob.post(f"{path}/escalate")
    bob.post(f"{path}/snooze", {"seconds": 60})

    assert bob.items("/alerts", mine=True, limit=1)[0]["snoozed_until"] == "2026-01-06T12:01:00Z"
    assert [entry["kind"] for entry in bob.items(f"{path}/timeline")] == ["triggered", "escalated", "paged", "snoozed"]
    assert [delivery["state"] for delivery in alice.items(f"{path}/deliveries")] == ["cancelled"]


def test_changes_are_kept_and_found_by_the_alert_that_follows(bob: Caller, client: TestClient, clock: Clock) -> None:
    hostile = f'{{"summary": "deploy \\u0000", "n": [1e308, {10**400}], "deep": {"[" * 150}{"]" * 150}}}'
    assert client.post("/ingest/change/the-key-of-scripts", content=hostile).status_code == 202
    clock.advance(days=91)
    assert client.post("/ingest/change/the-key-of-scripts", json={"summary": "deploy web #4711"}).status_code == 202
    clock.advance(minutes=4)
    alert = bob.send_alert()
    assert [item["summary"] for item in bob.items(f"/alerts/{alert['id']}/changes")] == ["deploy web #4711"]
    assert [item["summary"] for item in bob.items("/changes")] == ["deploy web #4711"]


def test_who_is_on_call_follows_overrides(bob: Caller) -> None:
    window = {"start": "2026-01-07T12:00:00+02:00", "end": "2026-01-07T18:00:00+02:00"}
    made = bob.post("/overrides", {"schedule": "dev", "level": "L1", "user": "bob"} | window).json()

    assert made["start"] == "2026-01-07T10:00:00Z"
    assert bob.items("/on-call", at="2026-01-07T15:59:59Z")[0]["user"]["handle"] == "bob"
    assert bob.items("/on-call", at="2026-01-07T16:00:00Z")[0]["user"]["handle"] == "carol"
    assert bob.delete(f"/overrides/{made['id']}").status_code == 204
    assert bob.items("/on-call", at="2026-01-07T12:00:00Z")[0]["user"]["handle"] == "carol"


def test_people_and_what_they_set_up_are_kept(alice: Caller) -> None:
    assert alice.post("/users", {"handle": "dave", "name": "Dave"}).status_code == 201
    assert alice.delete("/users/dave").status_code == 204
    alice.post("/users/me/contact-methods", {"name": "mobile", "kind": "sms", "address": "+12025550101"})
    rules = {"items": [{"urgency": "low", "after_seconds": 0, "contact_method": "mobile"}]}

    assert alice.put("/users/me/notification-rules", rules).json()["items"] == rules["items"]
    assert alice.post("/calendar-feeds", {}).status_code == 201
    assert alice.post("/services/web/integration-keys", {"name": "more", "tool": "generic"}).status_code == 201
    assert alice.post("/config/apply", COMPANY.replace("repeat: 1", "repeat: 2")).status_code == 200


def test_whoever_comes_second_with_the_same_is_told_to_reload(alice: Caller, client: TestClient) -> None:
    """The first is still under way when the second looks whether the handle is free, so only the index tells."""
    database = database_of(client)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            add_user(session, "dave", "Dave Dunn", Role.USER, NOON)
            second = pool.submit(alice.post, "/users", {"handle": "dave", "name": "Dave Duval"})
            wait_for_a_lock(database)
        refused = second.result()

    assert "reload" in sentence(refused, 409)
    assert "Duval" not in refused.text


@pytest.mark.parametrize("path", ["/schedules/a%00b", "/alerts?q=a%00b", "/alerts/99999999999999999999"])
def test_what_postgresql_can_t_be_asked_is_our_sentence(bob: Caller, path: str) -> None:
    assert bob.get(path).status_code in (400, 422)
    assert sentence(bob.get(path), bob.get(path).status_code)


TWICE = """
users:
  - handle: bob
    notification_rules: [{urgency: high, after: 0m, contact_method: mobile}]
schedules:
  - name: dev
    overrides: [{level: L1, user: alice, start: 2026-01-07T10:00, end: 2026-01-07T18:00}]
"""


def test_a_file_that_is_applied_twice_at_once_is_there_once(alice: Caller, client: TestClient) -> None:
    """A rule that is there twice pages twice."""
    database = database_of(client)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            apply(session, load(TWICE), NOON, confirm=True)
            second = pool.submit(alice.post, "/config/apply?confirm=true", TWICE)
            wait_for_a_lock(database)
        answer = second.result()

    assert (answer.status_code, answer.json()["changes"]) == (200, [])
    with database.read() as session:
        assert len(session.exec(select(NotificationRule)).all()) == 1
        assert len(session.exec(select(Override)).all()) == 1


def test_two_admins_can_t_leave_it_to_each_other_at_once(alice: Caller, client: TestClient) -> None:
    database = database_of(client)
    alice.post("/users", {"handle": "erin", "name": "Erin Evans", "role": "admin"})

    def step_down() -> None:
        with database.transaction() as session:
            set_role(session, find_user(session, "alice"), Role.USER)

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            set_role(session, find_user(session, "erin"), Role.USER)
            second = pool.submit(step_down)
            wait_for_a_lock(database)
        with pytest.raises(Conflict, match="the only admin"):
            second.result()


def test_keys_that_are_made_at_once_for_a_team_are_both_there(alice: Caller, client: TestClient) -> None:
    database = database_of(client)
    fields = {"tool": "generic", "service": "web"}
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            set_team_key(session, "dev", "one", fields, NOON)
            second = pool.submit(alice.put, "/teams/dev/integration-keys/other", fields)
            wait_for_a_lock(database)
        assert second.result().status_code == 200

    assert [key["name"] for key in alice.items("/teams/dev/integration-keys")] == ["one", "other"]


def test_options_of_a_key_that_are_set_at_once_are_all_kept(alice: Caller, client: TestClient) -> None:
    """Or a secret by which requests are checked could be lost, and nobody would know."""
    database = database_of(client)
    path = "/services/web/integration-keys/scripts"
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            key = find_key(session, find_service(session, "web"), "scripts")
            set_options(session, key, {"summary": "title"})
            second = pool.submit(alice.patch, path, {"options": {"source": "host"}})
            wait_for_a_lock(database)
        assert second.result().json()["options"] == {"summary": "title", "source": "host"}


def test_codes_that_are_tried_at_once_all_count(alice: Caller, client: TestClient) -> None:
    database = database_of(client)
    made = alice.post("/users/me/contact-methods", {"name": "mobile", "kind": "sms", "address": "+12025550101"}).json()
    alice.post(f"/users/me/contact-methods/{made['id']}/send-code")
    path = f"/users/me/contact-methods/{made['id']}/verify"
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            assert not verify(session, session.get_one(ContactMethod, made["id"]), "wrong", NOON)
            second = pool.submit(alice.post, path, {"code": "wrong"})
            wait_for_a_lock(database)
        second.result()

    with database.read() as session:
        assert session.get_one(ContactMethod, made["id"]).code_tries == 2


EDITED = "escalation_policies: [{name: dev, steps: [{page: [user:alice], wait: 5m}]}]"


@pytest.mark.parametrize("path", ["/services", "/services/web", "/config"])
def test_what_is_told_fits_together_though_a_policy_is_edited_meanwhile(
    client: TestClient, alice: Caller, path: str
) -> None:
    """An edited policy is another row."""
    database = client.app.state.runtime.database  # type: ignore[attr-defined]
    to_apply = [load(EDITED)]

    @sa.event.listens_for(database.engine, "after_cursor_execute")
    def _edit_once(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        is_half_told = "FROM services" in statement or "FROM escalation_policies" in statement
        if is_half_told and to_apply:
            edit = to_apply.pop()
            with database.transaction() as session:
                apply(session, edit, NOON)

    assert alice.get(path).status_code == 200
    assert to_apply == []

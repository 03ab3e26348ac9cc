"""Teams, services, policies, heartbeats and the config file."""

import pytest

from tests.client import TestClient
from tests.web.api.conftest import COMPANY, Caller, Clock, sentence


def test_a_team_has_members_and_managers(victor: Caller) -> None:
    (team,) = victor.items("/teams")

    assert team == victor.get("/teams/dev").json()
    assert [person["handle"] for person in team["members"]] == ["bob", "carol"]
    assert [person["handle"] for person in team["managers"]] == ["alice"]


def test_a_policy_says_who_is_paged_and_who_next(victor: Caller) -> None:
    (policy,) = victor.items("/escalation-policies")

    assert policy == victor.get("/escalation-policies/dev").json()
    assert policy == {
        "name": "dev",
        "repeat": 1,
        "fallback": None,
        "acknowledge_timeout_seconds": None,
        "steps": [
            {"page": ["schedule:dev/L1"], "wait_seconds": 300, "round_robin": False, "acknowledgements": 1},
            {"page": ["schedule:dev/L2"], "wait_seconds": 600, "round_robin": False, "acknowledgements": 1},
        ],
    }


@pytest.mark.parametrize("path", ["/teams/x", "/services/x", "/escalation-policies/x", "/heartbeats/x"])
def test_what_does_not_exist_is_not_found(victor: Caller, path: str) -> None:
    assert "There is no" in sentence(victor.get(path), 404)


def test_integration_keys_are_for_admins(alice: Caller, bob: Caller) -> None:
    (service,) = alice.items("/services")

    assert service == alice.get("/services/web").json()
    assert (service["team"], service["escalation_policy"]) == ("dev", "dev")
    assert service["integration_keys"] == [
        {
            "name": "scripts",
            "tool": "generic",
            "key": "the-key-of-scripts",
            "url": "http://testserver/ingest/generic/the-key-of-scripts",
            "options": {},
            "secrets": [],
            "created_at": "2026-01-01T00:00:00Z",
        }
    ]
    assert bob.get("/services/web").json()["integration_keys"] is None
    assert "the-key-of-scripts" not in bob.get("/services").text


def test_a_new_key_takes_events_until_it_is_revoked(alice: Caller, client: TestClient) -> None:
    key = alice.post("/services/web/integration-keys", {"name": "more", "tool": "generic"}).json()

    assert client.post(key["url"], json={"summary": "Disk full"}).status_code == 202
    assert alice.delete("/services/web/integration-keys/more").status_code == 204
    assert client.post(key["url"], json={"summary": "Disk full"}).status_code == 404
    assert [each["name"] for each in alice.get("/services/web").json()["integration_keys"]] == ["scripts"]
    sentence(alice.delete("/services/web/integration-keys/more"), 404)


def test_a_pagerduty_key_is_a_routing_key_of_32_characters(alice: Caller, client: TestClient) -> None:
    key = alice.post("/services/web/integration-keys", {"name": "events", "tool": "pagerduty"}).json()
    event = {
        "routing_key": key["key"],
        "event_action": "trigger",
        "payload": {"summary": "Disk full", "source": "web-1", "severity": "error"},
    }

    assert len(key["key"]) == 32
    assert key["url"] == "http://testserver/v2/enqueue"
    assert client.post(key["url"], json=event).status_code == 202


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"name": "scripts"}, 409, "choose another name"),
        ({"tool": "fax"}, 400, "no tool we know"),
        ({"name": "a/b"}, 400, "can't be a name"),
    ],
)
def test_a_key_that_can_t_be_made_gets_a_sentence(
    alice: Caller, fields: dict[str, str], status: int, said: str
) -> None:
    body = {"name": "more", "tool": "generic"} | fields
    assert said in sentence(alice.post("/services/web/integration-keys", body), status)


def test_a_heartbeat_says_whether_it_is_late(alice: Caller, bob: Caller, client: TestClient, clock: Clock) -> None:
    (heartbeat,) = alice.items("/heartbeats")
    assert (heartbeat["status"], heartbeat["every_seconds"], heartbeat["due_at"]) == ("new", 86400, None)
    assert bob.get("/heartbeats/nightly-backup").json()["url"] is None

    client.get(heartbeat["url"])
    assert alice.get("/heartbeats/nightly-backup").json()["status"] == "alive"

    clock.advance(hours=25)
    assert alice.get("/heartbeats/nightly-backup").json()["status"] == "late"


def test_managers_of_its_services_team_see_where_to_ping(alice: Caller, bob: Caller) -> None:
    assert alice.post("/config/apply", "teams: [{name: dev, managers: [bob]}]").status_code == 200

    assert "/ping/" in bob.get("/heartbeats/nightly-backup").json()["url"]


def test_the_exported_config_applies_again_and_changes_nothing(alice: Caller) -> None:
    exported = alice.get("/config")

    assert exported.headers["content-type"].startswith("application/yaml")
    assert "handle: bob" in exported.text
    assert alice.post("/config/apply", exported.text).json() == {"changes": [], "warnings": []}
    assert alice.post("/config/apply", COMPANY).json() == {"changes": [], "warnings": []}


def test_a_plan_says_what_would_change_and_changes_nothing(alice: Caller) -> None:
    part = "users: [{handle: bob, name: Robert Baker}]"
    change = {
        "action": "update",
        "kind": "user",
        "name": "bob",
        "details": [{"field": "name", "before": "Bob Baker", "after": "Robert Baker"}],
    }

    assert alice.post("/config/plan", part).json() == {"changes": [change], "warnings": [], "problems": []}
    assert alice.get("/users/bob").json()["name"] == "Bob Baker"
    assert alice.post("/config/apply", part).json() == {"changes": [change], "warnings": []}
    assert alice.get("/users/bob").json()["name"] == "Robert Baker"


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_more_rest_than_shifts_leave_is_warned_of_with_the_person_and_the_shifts(alice: Caller, verb: str) -> None:
    answer = alice.post(f"/config/{verb}", "schedules: [{name: dev, rest: 20h}]")

    assert answer.status_code == 200
    rests = [said for said in answer.json()["warnings"] if "rest between" in said]
    assert len(rests) == 3  # a line for each person, with the first of their shifts
    assert rests[0].startswith(
        "Schedule dev: Carol Cohen has no rest between L2 and L1 before Wed 7 Jan 10:00 UTC, where 20 h are set, "
    )


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_every_problem_of_a_config_is_named_at_once(alice: Caller, verb: str) -> None:
    answer = alice.post(
        f"/config/{verb}", "teams: [{name: new, members: [zoe]}]\nservices: [{name: new, escalation_policy: none}]"
    )

    sentence(answer, 400)
    assert len(answer.json()["errors"]) == 2


def test_a_config_that_is_no_text_is_refused(alice: Caller) -> None:
    assert "UTF-8" in sentence(alice.post("/config/plan", b"\xff\xfe"), 400)


def test_a_config_that_is_too_large_is_refused(alice: Caller) -> None:
    assert alice.post("/config/plan", f"users: []\n{'#' * 1_500_000}").status_code == 200
    assert alice.post("/config/plan", b"#" * 9_000_000).status_code == 413

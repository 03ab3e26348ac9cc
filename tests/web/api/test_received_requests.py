"""A look inside a key, and a test event through it: for admins and managers of the service's team."""

import json
from typing import Any

import pytest

from tests.client import TestClient
from tests.web.api.conftest import Caller, sentence

KEYS = "/services/web/integration-keys"
ADDRESS = "/ingest/generic/the-key-of-scripts"


def last(alice: Caller, key: str = "scripts") -> dict[str, Any]:
    return alice.items(f"{KEYS}/{key}/requests")[0]


def test_a_request_is_shown_as_it_came_with_what_was_made_of_it(alice: Caller, client: TestClient) -> None:
    body = {"summary": "Disk full", "dedup_key": "db1-disk", "password": "hunter2"}
    client.post(f"{ADDRESS}?from=cron", json=body, headers={"Authorization": "Basic YTpi", "X-Host": "db1"})

    shown = last(alice)
    assert (shown["method"], shown["path"]) == ("POST", "/ingest/generic/•••?from=cron")
    assert json.loads(shown["body"]) == body | {"password": "•••"}
    headers = dict(shown["headers"])
    assert (headers["authorization"], headers["x-host"]) == ("Basic •••", "db1")
    assert (shown["status"], shown["refusal"], shown["is_test"]) == (202, "", False)
    assert shown["events"] == [{"action": "trigger", "dedup_key": "db1-disk", "alert_id": 1}]


def test_an_event_that_changes_nothing_says_so(alice: Caller, client: TestClient) -> None:
    client.post(ADDRESS, json={"action": "resolve", "dedup_key": "never seen"})

    assert last(alice)["events"] == [{"action": "resolve", "dedup_key": "never seen", "alert_id": None}]


def test_what_is_asked_for_an_alert_opsgenies_way_is_shown_with_what_became_of_it(
    alice: Caller, client: TestClient
) -> None:
    key = alice.post(KEYS, {"name": "genie", "tool": "opsgenie"}).json()["key"]
    genie = {"Authorization": f"GenieKey {key}"}
    client.post("/v2/alerts", json={"message": "Disk full", "alias": "db1"}, headers=genie)
    client.post("/v2/alerts", json={"message": ""}, headers=genie)
    client.post("/v2/alerts/db1/close?identifierType=alias", headers=genie)
    client.post("/v2/alerts/db2/notes?identifierType=alias", json={"note": "?"}, headers=genie)
    client.post("/v2/alerts/db1/snooze?identifierType=alias", json={"endTime": "soon"}, headers=genie)
    client.get("/v2/alerts", headers=genie)

    shown = alice.items(f"{KEYS}/genie/requests")
    assert [each["status"] for each in shown] == [422, 202, 202, 422, 202]
    assert shown[0]["refusal"].startswith("'endTime' must be a time")
    assert [each["events"] for each in shown[1:3]] == [
        [{"action": "AddNote", "dedup_key": "db2", "alert_id": None}],
        [{"action": "Close", "dedup_key": "db1", "alert_id": 1}],
    ]


@pytest.mark.parametrize(
    ("path", "content", "status", "why"),
    [
        (ADDRESS, b"{", 400, "the body must be JSON"),
        (ADDRESS, b"{}", 400, "'summary' is missing"),
        ("/ingest/alertmanager/the-key-of-scripts", b"{}", 404, "This key is for generic, not for alertmanager"),
        ("/ingest/pigeon/the-key-of-scripts", b"{}", 404, "no tool we know"),
        (ADDRESS, b"x" * 600_000, 413, "larger than 524288 bytes"),
    ],
)
def test_a_refused_request_is_shown_with_the_reason(
    alice: Caller, client: TestClient, path: str, content: bytes, status: int, why: str
) -> None:
    assert client.post(path, content=content).status_code == status

    shown = last(alice)
    assert (shown["status"], shown["events"]) == (status, [])
    assert why in shown["refusal"]


def test_a_pagerduty_message_that_can_t_be_used_is_shown_to_whose_key_is_in_it(
    alice: Caller, client: TestClient
) -> None:
    key = alice.post(KEYS, {"name": "events", "tool": "pagerduty"}).json()["key"]
    client.post("/v2/enqueue", json={"routing_key": key, "event_action": "trigger"})

    shown = last(alice, "events")
    assert (shown["status"], shown["path"]) == (400, "/v2/enqueue")
    assert "'payload' is missing" in shown["refusal"]
    assert key not in shown["body"]


def test_a_test_event_opens_an_alert_and_resolves_it_so_that_nobody_is_paged(alice: Caller) -> None:
    tested = alice.post(f"{KEYS}/scripts/test").json()

    assert [(each["action"], each["alert_id"]) for each in tested["events"]] == [("trigger", 1), ("resolve", 1)]
    alert = alice.get("/alerts/1").json()
    assert (alert["status"], alert["summary"]) == ("resolved", "TEST: Disk full on db1")
    assert [each["is_test"] for each in alice.items(f"{KEYS}/scripts/requests")] == [True, True]


def test_a_test_event_that_pages_leaves_its_alert_open(alice: Caller) -> None:
    tested = alice.post(f"{KEYS}/scripts/test?pages=true").json()

    assert "whoever is on call is paged" in tested["said"]
    assert alice.get("/alerts/1").json()["status"] == "triggered"


def test_every_test_has_an_alert_of_its_own(alice: Caller, client: TestClient) -> None:
    client.post(ADDRESS, json={"summary": "Disk full", "dedup_key": "db1-disk"})  # as the sample has it

    alice.post(f"{KEYS}/scripts/test")

    assert alice.get("/alerts/1").json()["status"] == "triggered"


def test_keys_are_for_admins_and_managers_of_the_team(alice: Caller, bob: Caller, client: TestClient) -> None:
    assert "managers of its team" in sentence(bob.get(f"{KEYS}/scripts/requests"), 403)
    assert bob.post(f"{KEYS}/scripts/test").status_code == 403
    assert bob.post(KEYS, {"name": "more", "tool": "generic"}).status_code == 403
    assert bob.delete(f"{KEYS}/scripts").status_code == 403

    alice.post("/config/apply", "teams: [{name: dev, members: [bob, carol], managers: [bob]}]")

    assert bob.get(f"{KEYS}/scripts/requests").status_code == 200
    assert bob.post(KEYS, {"name": "more", "tool": "generic"}).status_code == 201
    assert [each["name"] for each in bob.get("/services/web").json()["integration_keys"]] == ["scripts", "more"]


def test_a_key_that_is_not_there_is_not_found(alice: Caller) -> None:
    assert "no key “lost”" in sentence(alice.get(f"{KEYS}/lost/requests"), 404)
    assert "no service" in sentence(alice.get("/services/lost/integration-keys/x/requests"), 404)


def test_a_change_is_shown_as_what_it_is(alice: Caller, client: TestClient) -> None:
    client.post("/ingest/change/the-key-of-scripts", json={"summary": "deploy web #4711"})

    assert last(alice)["events"] == [{"action": "change", "change_id": 1, "summary": "deploy web #4711"}]

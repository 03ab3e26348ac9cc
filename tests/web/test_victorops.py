"""VictorOps over HTTP: its answers and errors, and what each type of message does to the alert."""

from typing import Any

import pytest

from oncall.models import Alert, IntegrationKey
from tests.client import TestClient
from tests.scenarios.world import KEY, World

ENDPOINT = "/integrations/generic/20131114/alert"
VICTOROPS_KEY = "victorops-key-of-web"
DISK = {"entity_id": "disk/db1", "entity_display_name": "Disk full on db1"}


def with_victorops(world: World, service_id: int = 1) -> World:
    about = {"service_id": service_id, "created_at": world.clock()}
    with world.database.transaction() as session:
        session.add(IntegrationKey(name="vo", tool="victorops", key=VICTOROPS_KEY, **about))
    return world


@pytest.fixture
def world(world: World) -> World:
    return with_victorops(world)


def send(client: TestClient, kind: str, key: str = f"{VICTOROPS_KEY}/database", **fields: Any) -> Any:
    return client.post(f"{ENDPOINT}/{key}", json={"message_type": kind, **DISK, **fields})


def test_an_alert_lives_through_every_type_of_message(world: World, client: TestClient) -> None:
    messages = [
        ("INFO", {"state_message": "Too early: nothing is open"}),
        ("CRITICAL", {}),
        ("INFO", {"state_message": "Deleting logs"}),
        ("ACKNOWLEDGEMENT", {"ack_author": "bob", "ack_msg": "on it"}),
        ("ACKNOWLEDGEMENT", {"ack_author": "alice", "ack_msg": "me too"}),
        ("RECOVERY", {}),
        ("RECOVERY", {}),
    ]
    for kind, fields in messages:
        answer = send(client, kind, **fields)
        assert (answer.status_code, answer.json()) == (200, {"result": "success", "entity_id": "disk/db1"})
    assert world.story() == [
        "+0 Triggered by vo (victorops): Disk full on db1",
        "+0 From vo (victorops): Deleting logs",
        "+0 Acknowledged by vo (victorops): bob: on it",
        "+0 From vo (victorops): alice: me too",
        "+0 Resolved by vo (victorops)",
    ]
    assert world.alert().details == {"routing_key": "database"}


@pytest.mark.parametrize("key", [VICTOROPS_KEY, f"{VICTOROPS_KEY}/", f"{VICTOROPS_KEY}/database/"])
def test_the_routing_key_may_be_left_out(world: World, client: TestClient, key: str) -> None:
    assert send(client, "CRITICAL", key).status_code == 200
    assert world.alert().status == "triggered"


def test_an_entity_without_an_id_is_given_one_which_resolves_it(world: World, client: TestClient) -> None:
    made = send(client, "CRITICAL", entity_id=None).json()["entity_id"]
    assert send(client, "RECOVERY", entity_id=made).status_code == 200
    assert world.alert().status == "resolved"


@pytest.mark.parametrize("key", ["nobodys", KEY])
def test_an_unknown_key_and_one_of_another_tool_are_404_in_its_own_form(client: TestClient, key: str) -> None:
    answer = send(client, "CRITICAL", key)
    assert (answer.status_code, answer.json()["result"]) == (404, "failure")
    assert answer.json()["message"]


HOSTILE = [b"", b"{", b"[]", b"null", b"\xff", b"[" * 9999, b'{"message_type": "x"}', b'{"message_type": "\\ud800"}']


@pytest.mark.parametrize("body", HOSTILE)
def test_a_bad_body_is_a_400_that_names_the_fault_and_stores_nothing(
    world: World, client: TestClient, body: bytes
) -> None:
    answer = client.post(f"{ENDPOINT}/{VICTOROPS_KEY}/database", content=body)
    assert (answer.status_code, answer.json()["result"]) == (400, "failure")
    assert answer.json()["errors"] != []
    assert world.ask(lambda session: session.get(Alert, 1)) is None


def test_too_large_a_body_is_a_413_in_its_own_form(client: TestClient) -> None:
    answer = send(client, "CRITICAL", state_message="x" * 600_000)
    assert (answer.status_code, answer.json()["result"]) == (413, "failure")


def test_unusual_characters_numbers_and_lengths_are_stored(world: World, client: TestClient) -> None:
    answer = send(
        client, "CRITICAL", entity_id="e" * 5000, state_start_time=10**40, state_message="\0", extra={"a": [1e308]}
    )
    assert answer.status_code == 200
    assert send(client, "RECOVERY", entity_id="e" * 5000).status_code == 200
    assert world.alert().status == "resolved"


def test_looking_at_the_address_is_answered_with_a_405(client: TestClient) -> None:
    answer = client.get(f"{ENDPOINT}/{VICTOROPS_KEY}/database", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")

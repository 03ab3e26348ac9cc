"""Opsgenie's Heartbeat API over our heartbeats."""

from typing import Any

import pytest

from oncall.config.export import export, to_yaml
from oncall.config.load import load
from oncall.heartbeats import raise_late_heartbeats
from oncall.lifecycle.alert import AlertStatus
from oncall.models import Severity
from oncall.opsgenie import heartbeats
from tests.application import database_of
from tests.client import TestClient
from tests.web.opsgenie.conftest import KEY, Clock, Sender, alert

NEW = {"name": "Nightly Backup!", "interval": 10, "intervalUnit": "minutes", "enabled": True}


def add(sender: Sender, **fields: Any) -> Any:
    answer = sender.send("POST", "/heartbeats", NEW | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


def pass_of_the_engine(client: TestClient, clock: Clock) -> int:
    with database_of(client).transaction() as session:
        return raise_late_heartbeats(session, clock())


def test_one_is_added_shown_and_listed(sender: Sender) -> None:
    added = add(sender, description="of db1", alertMessage="No backup", alertTags=["a/b"], alertPriority="P2")
    assert added == {
        "name": "Nightly Backup!",
        "enabled": True,
        "expired": False,
        "description": "of db1",
        "interval": 10,
        "intervalUnit": "minutes",
        "ownerTeam": {"id": "1", "name": "dev"},
        "alertMessage": "No backup",
        "alertTags": ["a/b"],
        "alertPriority": "P2",
    }
    assert sender.get("/heartbeats/Nightly%20Backup!")["data"] == added
    listed = sender.get("/heartbeats/")["data"]["heartbeats"]
    assert [each["name"] for each in listed] == ["Nightly Backup!", "nightly-backup"]


def test_silence_raises_the_alert_that_was_set_and_a_ping_resolves_it(
    sender: Sender, client: TestClient, clock: Clock
) -> None:
    add(sender, alertMessage="No backup", alertTags=["backup"], alertPriority="P3")
    clock.advance(hours=1)
    assert pass_of_the_engine(client, clock) == 0  # it has never been pinged
    for method in ("GET", "POST", "PUT", "PATCH"):
        answer = sender.send(method, "/heartbeats/Nightly%20Backup!/ping/")
        assert (answer.status_code, answer.json()["result"]) == (202, "PONG - Heartbeat received")
    clock.advance(minutes=9)
    assert pass_of_the_engine(client, clock) == 0
    clock.advance(minutes=1)
    assert pass_of_the_engine(client, clock) == 1
    assert (alert(client).summary, alert(client).severity) == ("No backup", Severity.ERROR)
    assert alert(client).details["tags"] == ["backup"]
    assert sender.get("/heartbeats/Nightly%20Backup!")["data"]["expired"]

    sender.send("GET", "/heartbeats/Nightly%20Backup!/ping")
    assert alert(client).status is AlertStatus.RESOLVED
    shown = sender.get("/heartbeats/Nightly%20Backup!")["data"]
    assert (shown["expired"], shown["lastPingTime"]) == (False, "2026-01-06T13:10:00.000Z")


@pytest.mark.parametrize(("user", "password"), [("", KEY), ("alertmanager", KEY), (KEY, "")])
def test_the_key_may_be_a_password_as_alertmanager_sends_it(client: TestClient, user: str, password: str) -> None:
    pinged = client.post("/v2/heartbeats/nightly-backup/ping", json={"version": "4"}, auth=(user, password))
    assert (pinged.status_code, pinged.json()["result"]) == (202, "PONG - Heartbeat received")


@pytest.mark.parametrize("credentials", ["", "Og==", "a", "/w==", "é"])
def test_no_password_is_no_key(client: TestClient, credentials: str) -> None:
    headers = {"Authorization": f"Basic {credentials}".encode()}
    assert client.get("/v2/heartbeats/nightly-backup/ping", headers=headers).status_code == 401  # type: ignore[arg-type]


def test_only_what_is_given_changes(sender: Sender) -> None:
    add(sender, interval=90, description="of db1", alertPriority="P4")
    changed = sender.send("PATCH", "/heartbeats/Nightly%20Backup!", {"interval": 2, "intervalUnit": "hours"})
    assert changed.status_code == 200
    shown = sender.get("/heartbeats/Nightly%20Backup!")["data"]
    assert (shown["interval"], shown["intervalUnit"]) == (2, "hours")
    assert (shown["description"], shown["alertPriority"], shown["enabled"]) == ("of db1", "P4", True)
    sender.send("PATCH", "/heartbeats/Nightly%20Backup!", {"description": "of db2", "enabled": False})
    shown = sender.get("/heartbeats/Nightly%20Backup!")["data"]
    assert (shown["interval"], shown["description"], shown["enabled"]) == (2, "of db2", False)


def test_one_can_be_disabled_and_enabled(sender: Sender, client: TestClient, clock: Clock) -> None:
    add(sender)
    sender.send("POST", "/heartbeats/Nightly%20Backup!/ping")
    answer = sender.send("POST", "/heartbeats/Nightly%20Backup!/disable")
    assert answer.json()["data"] == {"name": "Nightly Backup!", "enabled": False, "expired": False}
    clock.advance(days=1)
    assert pass_of_the_engine(client, clock) == 0
    assert sender.send("POST", "/heartbeats/Nightly%20Backup!/enable").json()["data"]["enabled"]
    clock.advance(minutes=10)
    assert pass_of_the_engine(client, clock) == 1


def test_one_that_is_late_is_deleted_with_its_alert(sender: Sender, client: TestClient, clock: Clock) -> None:
    add(sender)
    sender.send("POST", "/heartbeats/Nightly%20Backup!/ping")
    clock.advance(minutes=10)
    assert pass_of_the_engine(client, clock) == 1
    assert sender.send("DELETE", "/heartbeats/Nightly%20Backup!").json()["result"] == "Deleted"
    assert alert(client).status is AlertStatus.RESOLVED
    sender.get("/heartbeats/Nightly%20Backup!", 404)


def test_a_ping_to_nothing_is_refused(sender: Sender, sender_of_db: Sender) -> None:
    add(sender)
    assert "does not exist" in sender.refused("POST", "/heartbeats/other/ping", status=404)["message"]
    sender_of_db.refused("POST", "/heartbeats/Nightly%20Backup!/ping", status=404)
    assert sender_of_db.get("/heartbeats")["data"]["heartbeats"] == []


def test_a_name_that_is_taken_is_a_conflict(sender: Sender, sender_of_db: Sender) -> None:
    add(sender)
    sender_of_db.refused("POST", "/heartbeats", NEW, status=409)


def test_a_key_makes_no_heartbeats_without_end(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "MOST_HEARTBEATS", 2)
    add(sender)
    refused = sender.refused("POST", "/heartbeats", NEW | {"name": "another"}, status=403)
    assert refused["message"].endswith("heartbeats already: delete some first.")
    sender.send("DELETE", "/heartbeats/Nightly%20Backup!")
    add(sender)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"interval": 0}, "interval"),
        ({"interval": "ten"}, "interval"),
        ({"interval": None}, "interval"),
        ({"interval": 400, "intervalUnit": "days"}, "interval"),
        ({"intervalUnit": "weeks"}, "intervalUnit"),
        ({"enabled": "perhaps"}, "enabled"),
        ({"enabled": None}, "enabled"),
        ({"alertPriority": "P0"}, "alertPriority"),
        ({"alertMessage": "m" * 131}, "alertMessage"),
        ({"alertTags": "a"}, "alertTags"),
    ],
)
def test_fields_that_are_wrong_are_named(fields: dict[str, Any], wrong: str, sender: Sender) -> None:
    assert sender.refused("POST", "/heartbeats", NEW | fields, status=422)["errors"].keys() == {wrong}
    assert len(sender.get("/heartbeats")["data"]["heartbeats"]) == 1


def test_the_config_file_can_hold_what_was_added(sender: Sender, client: TestClient) -> None:
    add(sender, description="1: of “db1”\n#2", alertMessage="No: backup", alertTags=["a/b", "yes"], alertPriority="P5")
    with database_of(client).read() as session:
        exported = export(session)
    assert load(to_yaml(exported), exported) == exported

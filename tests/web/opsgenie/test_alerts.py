"""Opsgenie's Alert API: each thing that it can do is done to our alert, and told in its words."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from oncall.lifecycle.alert import AlertStatus
from oncall.models import Severity, Urgency
from oncall.running.runtime import build_runtime
from oncall.settings import Settings
from tests.client import TestClient
from tests.web.opsgenie.conftest import KEY, KEY_OF_TEAM, Clock, Sender, alert, story
from web.app import create_app

CAPTURED = Path(__file__).parent.parent.parent / "payloads" / "opsgenie"
BY = "monitoring (opsgenie)"


def test_a_new_alert_is_told_by_its_request(sender: Sender, client: TestClient) -> None:
    told = sender.did(sender.send("POST", "/alerts/", {"message": "Disk full", "alias": "db1-disk"}))
    assert told == {
        "success": True,
        "action": "Create",
        "processedAt": "2026-01-06T12:00:00.000Z",
        "integrationId": told["integrationId"],
        "isSuccess": True,
        "status": "Created alert",
        "alertId": "00000000-0000-4000-8000-000000000001",
        "alias": "db1-disk",
    }
    assert story(client) == [f"Triggered by {BY}: Disk full"]


@pytest.mark.parametrize("end", ["", "/", "/details"])
def test_a_link_that_is_made_of_the_id_leads_to_our_page(sender: Sender, client: TestClient, end: str) -> None:
    told = sender.did(sender.send("POST", "/alerts", {"message": "Disk full"}))
    led = client.get(f"/alert/detail/{told['alertId']}{end}", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, "/alerts/1")
    assert client.get("/alert/detail/8418d193-2dab-4490-b331-8c02cdd196b7").status_code == 404


def test_an_alert_is_shown_with_all_that_was_sent(sender: Sender) -> None:
    number = sender.create(
        alias="db1-disk",
        description="95 % used",
        entity="db1",
        source="nagios",
        priority="P2",
        tags=["disk", "db"],
        details={"mount": "/var", "free": 5},
        responders=[{"name": "ops", "type": "team"}],
        visibleTo=[{"id": "7", "type": "team"}],
        actions=["restart"],
        runbook="https://wiki.example.com",
    )
    shown = sender.get(f"/alerts/{number}")["data"]
    assert shown.pop("integration")["name"] == "monitoring"
    assert shown == {
        "id": number,
        "tinyId": "1",
        "alias": "db1-disk",
        "message": "Disk full",
        "status": "open",
        "acknowledged": False,
        "isSeen": False,
        "tags": ["disk", "db"],
        "snoozed": False,
        "count": 1,
        "lastOccurredAt": "2026-01-06T12:00:00.000Z",
        "createdAt": "2026-01-06T12:00:00.000Z",
        "updatedAt": "2026-01-06T12:00:00.000Z",
        "source": "nagios",
        "owner": "",
        "priority": "P2",
        "responders": [{"type": "team", "name": "ops"}],
        "report": {},
        "actions": ["restart"],
        "entity": "db1",
        "description": "95 % used",
        "visibleTo": [{"type": "team", "id": "7"}],
        "details": {"runbook": "https://wiki.example.com", "mount": "/var", "free": "5"},
    }


@pytest.mark.parametrize("way", ["id", "tiny", "alias"])
def test_an_alert_is_meant_by_its_id_its_tiny_id_or_its_alias(way: str, sender: Sender, client: TestClient) -> None:
    names = {"id": sender.create(alias="disk/of db1?"), "tiny": "1", "alias": "disk%2Fof%20db1%3F"}
    assert sender.get(f"/alerts/{names[way]}", identifierType=way)["data"]["tinyId"] == "1"
    told = sender.do("POST", f"{names[way]}/acknowledge", {}, identifierType=way)
    assert (told["action"], told["isSuccess"], told["alias"]) == ("Acknowledge", True, "disk/of db1?")
    assert alert(client).status is AlertStatus.ACKNOWLEDGED


def test_a_slash_too_many_in_a_senders_settings_is_no_part_of_the_alias(sender: Sender) -> None:
    sender.create(alias="db1")
    sender.create(alias="/db1")
    assert sender.do("POST", "/db1/close", identifierType="alias")["alias"] == "/db1"
    assert sender.do("POST", "/db1/close", identifierType="alias")["alias"] == "db1"


def test_a_teams_key_reaches_what_its_rules_sent_to_another_service(client: TestClient, sender_of_db: Sender) -> None:
    team = Sender(client, KEY_OF_TEAM)
    by_rule = team.create("The database is down", alias="db1")
    assert sender_of_db.get(f"/alerts/{by_rule}")["data"]["alias"] == "db1"
    assert team.get("/alerts/count")["data"]["count"] == 1

    told = team.do("POST", "db1/close", identifierType="alias")
    assert (told["isSuccess"], told["alertId"], told["alias"]) == (True, by_rule, "db1")


def test_rules_of_a_teams_key_ask_who_should_respond(client: TestClient, sender_of_db: Sender) -> None:
    responders = [{"type": "schedule", "name": "web"}, {"type": "team", "name": "dba"}]
    created = Sender(client, KEY_OF_TEAM).create(responders=responders)
    assert sender_of_db.get(f"/alerts/{created}")["data"]["responders"] == responders


def test_an_alias_may_have_line_breaks(sender: Sender) -> None:
    sender.create(alias="db1\ndisk")
    told = sender.do("POST", "db1%0Adisk/close", identifierType="alias")
    assert (told["action"], told["isSuccess"]) == ("Close", True)


def test_an_alias_may_end_with_a_slash(sender: Sender) -> None:
    sender.create(alias="db1: disk /")
    assert sender.do("POST", "db1:%20disk%20%2F/notes", {"note": "On it"}, identifierType="alias")["isSuccess"]
    assert sender.do("POST", "db1:%20disk%20%2F/close", identifierType="alias")["isSuccess"]
    assert sender.send("POST", "/alerts/db1/acknowledge/").status_code == 202
    assert sender.send("POST", "/alerts/db1/acknowledge/close/x").status_code == 404


@pytest.mark.parametrize("alias", ["mail/close", "mail/tags", "requests/1", "count"])
def test_an_alias_may_be_what_can_be_asked(alias: str, sender: Sender) -> None:
    sender.create(alias=alias)
    for deed in ("acknowledge", "close"):
        assert sender.do("POST", f"{quote(alias, safe='')}/{deed}", identifierType="alias")["isSuccess"]


def test_the_same_alias_counts_up_until_the_alert_is_closed(sender: Sender) -> None:
    first = sender.create(alias="a")
    assert sender.create(alias="a") == first
    assert sender.get("/alerts/a", identifierType="alias")["data"]["count"] == 2
    assert sender.do("POST", "a/close", identifierType="alias")["isSuccess"]
    sender.get("/alerts/a", 404, identifierType="alias")
    assert sender.create(alias="a") != first
    assert sender.get(f"/alerts/{first}")["data"]["status"] == "closed"


def test_somebody_we_know_acts_under_their_own_name(sender: Sender, client: TestClient) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/acknowledge", {"user": "ALICE@example.com", "note": "on it"})
    assert story(client)[1:] == [
        f"Acknowledged by Alice Archer through {BY}",
        "Alice Archer: on it",
    ]
    shown = sender.get(f"/alerts/{number}")["data"]
    assert (shown["owner"], shown["acknowledged"]) == ("alice@example.com", True)
    assert shown["report"] == {"ackTime": 0, "acknowledgedBy": "alice@example.com"}


def test_others_act_through_their_key(sender: Sender, client: TestClient) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/acknowledge", {"user": "Monitoring Satellite"})
    sender.do("POST", f"{number}/close")
    assert story(client)[1:] == [f"Acknowledged by Monitoring Satellite through {BY}", f"Resolved by {BY}"]


def test_an_alert_that_is_unacknowledged_pages_again(sender: Sender, client: TestClient) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/acknowledge")
    sender.do("POST", f"{number}/unacknowledge", {"user": "bob"})
    assert alert(client).status is AlertStatus.TRIGGERED
    assert story(client)[2:] == [
        f"Unacknowledged by Bob Baker through {BY}: paging again from the first step",
        "Paged Alice Archer: unacknowledged by Bob Baker",
    ]
    sender.do("POST", f"{number}/unacknowledge")
    assert len(story(client)) == 4


def test_a_snooze_lasts_until_its_end(sender: Sender, client: TestClient, clock: Clock) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/snooze", {"endTime": "2026-01-06T14:30:00+01:00"})
    assert story(client)[1] == f"Snoozed for 1 h 30 min by {BY}"
    shown = sender.get(f"/alerts/{number}")["data"]
    assert (shown["snoozed"], shown["snoozedUntil"]) == (True, "2026-01-06T13:30:00.000Z")


@pytest.mark.parametrize("end", ["2026-01-06T11:00:00Z", "2026-03-01T00:00:00Z", "tomorrow", None, 7, "9999-12-31"])
def test_a_snooze_must_end_within_days(end: Any, sender: Sender, client: TestClient) -> None:
    number = sender.create()
    said = sender.refused("POST", f"/alerts/{number}/snooze", {"endTime": end}, status=422)
    assert said["errors"].keys() == {"endTime"}
    assert alert(client).status is AlertStatus.TRIGGERED


def test_notes_are_lines_of_the_timeline(sender: Sender, client: TestClient) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/notes", {"user": "alice", "note": "looking: now"})
    sender.do("POST", f"{number}/notes", {"note": "still looking"})
    assert [(each["owner"], each["note"]) for each in sender.get(f"/alerts/{number}/notes", order="asc")["data"]] == [
        ("Alice Archer", "looking: now"),
        (BY, "still looking"),
    ]
    newest = sender.get(f"/alerts/{number}/notes", limit=1)
    assert newest["data"][0]["note"] == "still looking"
    older = newest["paging"]["next"].partition("/v2")[2]
    assert sender.get(older)["data"][0]["note"] == "looking: now"
    assert story(client)[1] == "Alice Archer: looking: now"


def test_the_timeline_and_who_was_paged_are_shown(sender: Sender) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/escalate")
    logs = [(each["type"], each["log"]) for each in sender.get(f"/alerts/{number}/logs", order="asc")["data"]]
    assert logs[:2] == [("system", f"Triggered by {BY}: Disk full"), ("system", f"Escalated by {BY}")]
    (recipient,) = sender.get(f"/alerts/{number}/recipients")["data"]
    assert recipient["user"] == {"id": "alice", "username": "alice@example.com"}


def test_an_alert_is_assigned_to_somebody_who_is_paged(sender: Sender, client: TestClient) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/assign", {"owner": {"username": "bob@example.com"}})
    assert story(client)[1:] == [f"Reassigned to Bob Baker by {BY}", f"Paged Bob Baker: reassigned by {BY}"]
    said = sender.refused("POST", f"/alerts/{number}/assign", {"owner": {"id": "nobody"}}, status=422)
    assert said["errors"].keys() == {"owner"}
    said = sender.refused("POST", f"/alerts/{number}/assign", {"owner": {"username": "carol"}}, status=422)
    assert "can be paged" in said["errors"]["to"]
    assert len(story(client)) == 3


def test_an_escalation_that_we_have_takes_over(sender: Sender, client: TestClient) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/escalate", {"escalation": {"name": "ops"}})
    assert story(client)[1] == f"Reassigned to policy ops by {BY}"
    assert "Paged Bob Baker" in story(client)[2]
    sender.do("POST", f"{number}/escalate", {"escalation": {"name": "Nothing Of Ours"}})
    assert f"Escalated by {BY}" in story(client)


def test_responders_whom_we_know_are_paged_and_all_are_kept(sender: Sender, client: TestClient) -> None:
    number = sender.create(responders=[{"type": "team", "name": "payments"}])
    sender.do("POST", f"{number}/responders", {"responder": {"type": "user", "username": "bob@example.com"}})
    sender.do("POST", f"{number}/responders", {"responder": {"type": "schedule", "name": "Their Schedule"}})
    sender.do("POST", f"{number}/teams", {"team": {"name": "search"}})
    assert story(client)[1:] == [
        f"Bob Baker brought in by {BY}",
        f"Paged Bob Baker: brought in by {BY}",
        f"Responder user bob@example.com added by {BY}",
        f"Responder schedule Their Schedule, whom nobody here goes by, and so not paged, added by {BY}",
        f"Responder team search, whom nobody here goes by, and so not paged, added by {BY}",
    ]
    names = [each.get("name", each.get("username")) for each in sender.get(f"/alerts/{number}")["data"]["responders"]]
    assert names == ["payments", "bob@example.com", "Their Schedule", "search"]


def test_a_responder_who_can_not_be_paged_is_kept_and_said_to_be(sender: Sender, client: TestClient) -> None:
    number = sender.create()
    told = sender.do("POST", f"{number}/responders", {"responder": {"type": "user", "username": "carol"}})
    assert told["isSuccess"] is True
    (said,) = story(client)[1:]
    assert said.startswith("Responder user carol (Nobody can be paged: ")
    assert said.endswith(f") added by {BY}")
    assert [each["username"] for each in sender.get(f"/alerts/{number}")["data"]["responders"]] == ["carol"]


def test_what_is_added_stays_when_the_alert_is_sent_again(sender: Sender, client: TestClient) -> None:
    number = sender.create(alias="a", tags=["x", "y"], details={"host": "db1"})
    sender.do("POST", f"{number}/tags", {"tags": ["z", "x"], "note": "tagged"})
    sender.do("POST", f"{number}/details", {"details": {"ticket": "OPS-7", "host": "db2"}})
    sender.create(alias="a", tags=["x", "y"], details={"host": "db1"})
    shown = sender.get(f"/alerts/{number}")["data"]
    assert shown["tags"] == ["x", "y", "z"]
    assert shown["details"] == {"host": "db2", "ticket": "OPS-7"}

    sender.do("DELETE", f"{number}/tags", tags="x,z")
    sender.do("DELETE", f"{number}/details", keys="host")
    shown = sender.get(f"/alerts/{number}")["data"]
    assert (shown["tags"], shown["details"]) == (["y"], {"ticket": "OPS-7"})
    assert f"Tags removed by {BY}: x, z" in story(client)


def test_message_description_and_priority_are_put_right(sender: Sender, client: TestClient) -> None:
    number = sender.create(priority="P5")
    assert alert(client).urgency is Urgency.LOW
    sender.do("PUT", f"{number}/message", {"message": "Disk nearly full"})
    sender.do("PUT", f"{number}/description", {"description": "97 %"})
    sender.do("PUT", f"{number}/priority", {"priority": "P2"})
    shown = sender.get(f"/alerts/{number}")["data"]
    assert (shown["message"], shown["description"], shown["priority"]) == ("Disk nearly full", "97 %", "P2")
    assert (alert(client).severity, alert(client).urgency) == (Severity.ERROR, Urgency.HIGH)
    told = len(story(client))
    sender.do("PUT", f"{number}/message", {"message": "Disk nearly full"})
    assert len(story(client)) == told


def test_what_the_alertmanager_sends_is_taken_as_it_is(sender: Sender, client: TestClient) -> None:
    for file in sorted(CAPTURED.glob("*.json")):
        sent = json.loads(file.read_text())
        path, _, query = sent["path"].removeprefix("/v2").partition("?")
        answer = sender.send(sent["method"], path, sent["body"].encode(), **dict([query.split("=")] if query else []))
        assert sender.did(answer)["isSuccess"], file.name
    assert alert(client).status is AlertStatus.RESOLVED
    assert (alert(client).event_count, alert(client).summary) == (3, "[FIRING:1] DiskFull db (critical)")
    assert story(client)[-1] == f"Resolved by {BY}"


def test_a_custom_action_is_noted(sender: Sender, client: TestClient) -> None:
    number = sender.create(actions=["restart"])
    assert sender.do("POST", f"{number}/actions/restart")["action"] == "ExecuteCustomAction"
    assert story(client)[1] == f"Action restart asked for by {BY}: nothing here carries it out"


def test_a_deleted_alert_is_closed_and_kept_for_people(sender: Sender, client: TestClient) -> None:
    number = sender.create(alias="a")
    assert sender.do("DELETE", number)["status"] == "Deleted alert"
    assert alert(client).status is AlertStatus.RESOLVED
    sender.get(f"/alerts/{number}", 404)
    assert sender.get("/alerts")["data"] == []
    assert sender.get("/alerts/count")["data"] == {"count": 0}
    assert not sender.do("POST", f"{number}/notes", {"note": "gone?"})["isSuccess"]


def test_what_is_asked_of_no_alert_is_told_by_the_status(sender: Sender) -> None:
    told = sender.do("POST", "nothing/close", {}, identifierType="alias")
    assert (told["isSuccess"], told["action"], told["status"]) == (False, "Close", "Alert does not exist")
    assert (told["alertId"], told["alias"]) == ("", "")


def test_what_the_state_does_not_allow_is_told_by_the_status(sender: Sender, client: TestClient) -> None:
    number = sender.create()
    sender.do("POST", f"{number}/close")
    for deed, body in (
        ("acknowledge", {"note": "mine"}),
        ("escalate", {}),
        ("snooze", {"endTime": "2026-01-06T13:00Z"}),
    ):
        told = sender.do("POST", f"{number}/{deed}", body)
        assert (told["isSuccess"], told["status"]) == (
            False,
            "Alert is closed, or in a state in which this can't be done",
        )
    assert len(story(client)) == 2
    assert sender.do("POST", f"{number}/close")["isSuccess"]


def test_a_key_sees_the_alerts_of_its_own_service(sender: Sender, sender_of_db: Sender, client: TestClient) -> None:
    number = sender.create(alias="a")
    sender_of_db.get(f"/alerts/{number}", 404)
    sender_of_db.get("/alerts/1", 404, identifierType="tiny")
    assert not sender_of_db.do("POST", "a/close", identifierType="alias")["isSuccess"]
    assert sender_of_db.get("/alerts")["data"] == []
    assert alert(client).status is AlertStatus.TRIGGERED
    request = sender.send("POST", "/alerts", {"message": "x"}).json()["requestId"]
    sender_of_db.get(f"/alerts/requests/{request}", 404)


def test_lists_have_pages_and_an_order(sender: Sender, clock: Clock) -> None:
    for name in "abc":
        sender.create(name, alias=name)
        clock.advance(minutes=1)
    found = sender.get("/alerts", limit=2)
    assert [each["message"] for each in found["data"]] == ["c", "b"]
    assert "details" not in found["data"][0]
    rest = sender.get(found["paging"]["next"].partition("/v2")[2])
    assert [each["message"] for each in rest["data"]] == ["a"]
    assert "next" not in rest["paging"]
    assert "offset=2&" in found["paging"]["last"]
    assert [each["message"] for each in sender.get("/alerts", sort="alias", order="asc")["data"]] == ["a", "b", "c"]


def test_pages_are_at_the_address_by_which_the_outside_reaches_us(settings: Settings) -> None:
    behind_a_proxy = settings.model_copy(update={"public_url": "https://oncall.example.com"})
    with TestClient(create_app(build_runtime(behind_a_proxy, with_engine=False))) as client:
        sender = Sender(client, KEY)
        for alias in ("disk / of db?", "b"):
            sender.create(alias=alias)
        sender.do("POST", "disk%20%2F%20of%20db%3F/notes", {"note": "on it"}, identifierType="alias")
        found = sender.get("/alerts", query="status: open", limit=1)["paging"]
        ours = "https://oncall.example.com/v2/alerts"
        assert found["next"] == f"{ours}?query=status%3A+open&offset=1&limit=1"
        notes = sender.get("/alerts/disk%20%2F%20of%20db%3F/notes", identifierType="alias", limit=1)["paging"]
        assert notes["first"] == f"{ours}/disk%20/%20of%20db%3F/notes?identifierType=alias&limit=1"
        assert sender.get(notes["next"].partition("/v2")[2])["data"] == []

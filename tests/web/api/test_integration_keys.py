"""Options of integration keys, and messages tried out on them."""

import json
from typing import Any

import pytest

from tests.client import TestClient
from tests.web.api.conftest import Caller, sentence

KEYS = "/services/web/integration-keys"


def make(alice: Caller, **options: str) -> dict[str, Any]:
    answer = alice.post(KEYS, {"name": "runs", "tool": "github", "options": options})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_secrets_of_a_key_are_never_shown_again(alice: Caller) -> None:
    made = make(alice, secret="s3cret", branches="main")

    assert (made["options"], made["secrets"]) == ({"branches": "main"}, ["secret"])
    assert "s3cret" not in alice.get("/services/web").text
    assert "s3cret" not in alice.get("/config").text


def test_a_key_of_another_vendor_is_brought_along(alice: Caller, client: TestClient) -> None:
    old = {"name": "genie", "tool": "opsgenie", "key": "eb243592-faa2-4ba2-a551-1afdf565c889"}
    assert alice.post(KEYS, old).json()["key"] == old["key"]
    sent = client.post("/v2/alerts", json={"message": "m"}, headers={"Authorization": f"GenieKey {old['key']}"})
    assert sent.status_code == 202
    assert "Another integration key is like this one" in sentence(alice.post(KEYS, old | {"name": "more"}), 409)

    assert alice.delete(f"{KEYS}/genie").status_code == 204
    assert alice.post(KEYS, old | {"name": "more"}).json()["key"] == old["key"]


@pytest.mark.parametrize("key", ["a b", "a/b", "ключ", "x" * 101])
def test_a_key_that_fits_into_no_address_is_refused(key: str, alice: Caller) -> None:
    assert alice.post(KEYS, {"name": "more", "tool": "generic", "key": key}).json()["field"] == "key"


def test_options_that_are_not_named_stay_and_null_takes_one_away(alice: Caller) -> None:
    make(alice, secret="s3cret", branches="main")

    changed = alice.patch(f"{KEYS}/runs", {"options": {"branches": "*"}}).json()
    assert (changed["options"], changed["secrets"]) == ({"branches": "*"}, ["secret"])
    changed = alice.patch(f"{KEYS}/runs", {"options": {"secret": None}}).json()
    assert (changed["options"], changed["secrets"]) == ({"branches": "*"}, [])


def test_a_changed_option_counts_for_the_next_event(alice: Caller, client: TestClient) -> None:
    alert = {"title": "Disk full"}
    assert client.post("/ingest/generic/the-key-of-scripts", json={"alert": alert}).status_code == 400

    assert alice.patch(f"{KEYS}/scripts", {"options": {"summary": "alert.title"}}).status_code == 200
    assert client.post("/ingest/generic/the-key-of-scripts", json={"alert": alert}).status_code == 202


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"colour": "red"}, "Any JSON has no option “colour”"),
        ({"colour": None}, "Any JSON has no option “colour”"),
        ({"summary": "alert."}, "The option summary is no JMESPath"),
        ({"details": "nosuch(@)"}, "The option details calls nosuch()"),
        ({"details": "x" * 5_000}, "The option details must be text of at most"),
    ],
)
def test_a_bad_option_is_refused_and_named(alice: Caller, options: dict[str, str | None], said: str) -> None:
    assert said in sentence(alice.patch(f"{KEYS}/scripts", {"options": options}), 400)
    assert alice.get("/services/web").json()["integration_keys"][0]["options"] == {}


def test_a_key_is_not_made_with_a_bad_option(alice: Caller) -> None:
    body = {"name": "more", "tool": "generic", "options": {"summary": "a["}}
    assert "summary" in sentence(alice.post(KEYS, body), 400)
    assert len(alice.get("/services/web").json()["integration_keys"]) == 1


def test_a_message_is_tried_out_and_nothing_stored(alice: Caller) -> None:
    tried = {
        "tool": "generic",
        "options": {"each": "alerts", "summary": "title", "severity": "$.level"},
        "body": {"level": "warning", "alerts": [{"title": "Disk full", "id": 7}]},
    }
    answer = alice.post(f"{KEYS}/preview", tried).json()

    assert answer["problems"] == []
    (event,) = answer["events"]
    assert (event["action"], event["dedup_key"], event["summary"]) == ("trigger", "7", "Disk full")
    assert (event["severity"], event["details"]) == ("warning", {"title": "Disk full", "id": 7})
    assert alice.items("/alerts") == []


@pytest.mark.parametrize(
    ("tried", "said"),
    [
        ({"tool": "generic", "options": {"summary": "a["}, "body": {}}, "the option summary is no JMESPath"),
        ({"tool": "generic", "body": {}}, "'summary' is missing or blank"),
        ({"tool": "generic", "body": "no JSON"}, "the body must be JSON"),
        ({"tool": "pingdom", "body": json.dumps({"check_id": 1})}, "'current_state' must be UP, DOWN"),
    ],
)
def test_a_message_that_would_be_refused_says_why(alice: Caller, tried: dict[str, Any], said: str) -> None:
    answer = alice.post(f"{KEYS}/preview", tried).json()
    assert answer["events"] == []
    assert said in answer["problems"][0]


def test_a_signature_is_not_asked_for_when_a_message_is_tried_out(alice: Caller) -> None:
    ping = {"tool": "github", "options": {"secret": "s3cret"}, "body": {}, "headers": {"X-GitHub-Event": "ping"}}
    assert alice.post(f"{KEYS}/preview", ping).json() == {"events": [], "problems": []}


def test_only_those_who_may_set_up_keys_may_try_them_out(alice: Caller, bob: Caller) -> None:
    tried = {"tool": "generic", "body": {"summary": "x"}}
    sentence(bob.post(f"{KEYS}/preview", tried), 403)
    sentence(bob.patch(f"{KEYS}/scripts", {"options": {}}), 403)
    sentence(alice.post("/services/nobody/integration-keys/preview", tried), 404)
    assert "no tool we know" in sentence(alice.post(f"{KEYS}/preview", tried | {"tool": "fax"}), 400)

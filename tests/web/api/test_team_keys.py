"""Keys of teams by API: set up, tried out, counted, revoked."""

import pytest

from tests.client import TestClient
from tests.web.api.conftest import Caller, Clock, sentence

RULES = [
    {"name": "staging", "when": [{"field": "labels.env", "equals": ["staging"]}], "suppress": True},
    {"name": "info", "when": [{"field": "severity", "equals": ["info"]}], "urgency": "low"},
]
KEY = {"tool": "generic", "service": "web", "key": "the-key-of-the-team", "rules": RULES}
PATH = "/teams/dev/integration-keys/everything"


def test_a_key_is_made_changed_and_revoked(alice: Caller) -> None:
    made = alice.put(PATH, KEY).json()
    assert (made["service"], made["tool"], made["counts"]) == ("web", "generic", [])
    assert made["url"].endswith("/ingest/generic/the-key-of-the-team")

    assert alice.put(PATH, {"rules": RULES[:1]}).json() == made | {"rules": made["rules"][:1]}
    alice.put("/teams/dev/integration-keys/other", {"tool": "generic", "service": "web"})
    assert [key["name"] for key in alice.items("/teams/dev/integration-keys")] == ["everything", "other"]
    assert [key["name"] for key in alice.get("/services/web").json()["integration_keys"]] == ["scripts"]
    assert alice.delete(PATH).status_code == 204
    assert [key["name"] for key in alice.items("/teams/dev/integration-keys")] == ["other"]


def test_what_something_sends_to_is_changed_or_revoked_once_that_is_confirmed(
    alice: Caller, client: TestClient
) -> None:
    journal = client.app.state.runtime.journal  # of what has come
    alice.put(PATH, KEY)
    client.post("/ingest/generic/the-key-of-the-team", json={"summary": "Disk full"})
    journal.write()

    assert alice.put(PATH, {"key": "another-key"}).status_code == 409
    assert alice.put(f"{PATH}?confirm=true", {"key": "another-key"}).json()["key"] == "another-key"
    client.post("/ingest/generic/another-key", json={"summary": "Disk full"})
    journal.write()
    assert alice.delete(PATH).status_code == 409
    assert alice.delete(f"{PATH}?confirm=true").status_code == 204


def test_rules_are_tried_out_on_events_and_on_what_was_sent(alice: Caller) -> None:
    alice.put(PATH, KEY | {"rules": []})
    events = [{"summary": "one", "labels": {"env": "staging"}}, {"summary": "two", "severity": "info"}]
    body = {"rules": RULES, "events": events, "requests": ['{"summary": "three", "severity": "error"}']}

    tried = alice.post(f"{PATH}/routing/preview", body).json()["items"]

    assert [(each["summary"], each["rule"], each["service"], each["suppressed"]) for each in tried] == [
        ("one", "staging", None, True),
        ("two", "info", "web", False),
        ("three", None, "web", False),
    ]
    assert alice.items("/alerts", status="all") == []


def test_rules_are_tried_on_what_came_as_at_the_hour_it_came(alice: Caller, client: TestClient, clock: Clock) -> None:
    alice.put(PATH, KEY | {"rules": []})
    for event in ({"summary": "Disk full", "dedup_key": "disk"}, {"action": "resolve", "dedup_key": "disk"}, {"x": 1}):
        client.post("/ingest/generic/the-key-of-the-team", json=event)
    clock.advance(hours=12)
    by_day = {"name": "by day", "hours": "09:00-17:00", "timezone": "UTC", "urgency": "low"}

    tried = alice.post(f"{PATH}/routing/preview", {"rules": [by_day], "last": 20}).json()

    assert [(each["action"], each["rule"], each["service"], each["urgency"]) for each in tried["items"]] == [
        ("resolve", None, None, None),
        ("trigger", "by day", "web", "low"),
    ]
    (refused,) = tried["refused"]
    assert "'summary' is missing" in refused["problems"][0]


def test_a_rule_that_leads_nowhere_is_not_tried(alice: Caller) -> None:
    alice.put(PATH, KEY)
    answer = alice.post(f"{PATH}/routing/preview", {"rules": [{"name": "x", "service": "nothing"}], "last": 1})
    assert answer.json()["errors"] == ["rules[0].service: there is no service nothing"]


def test_what_was_suppressed_is_listed_and_counted(alice: Caller, bob: Caller, client: TestClient) -> None:
    alice.put(PATH, KEY)
    client.post("/ingest/generic/the-key-of-the-team", json={"summary": "Disk full", "labels": {"env": "staging"}})

    (event,) = bob.items(f"{PATH}/suppressed")
    assert (event["rule"], event["summary"], event["labels"]) == ("staging", "Disk full", {"env": "staging"})
    (key,) = alice.items("/teams/dev/integration-keys")
    assert [(each["rule"], each["count"]) for each in key["counts"]] == [("staging", 1)]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"name": "x", "when": [{"field": "labels.a", "matches": "("}], "suppress": True}, "no regular expression"),
        ({"name": "x", "when": [{"field": "host", "exists": True}], "suppress": True}, "no field of an event"),
        ({"name": "x", "when": [{"field": "labels.a"}], "suppress": True}, "says nothing of labels.a"),
        ({"name": "x"}, "must say what it does"),
        ({"name": "x", "suppress": True, "service": "web"}, "must say what it does"),
        ({"name": "x", "suppress": True, "hours": "22:00-06:00"}, "only with a timezone"),
        ({"name": "x", "service": "nothing"}, "there is no service nothing"),
        ({"name": "x", "suppres": True}, "did you mean suppress?"),
    ],
)
def test_a_rule_that_can_t_be_used_gets_a_sentence(alice: Caller, rule: dict[str, object], said: str) -> None:
    answer = alice.put(PATH, KEY | {"rules": [rule]})

    assert answer.status_code == 400
    assert said in str(answer.json()["errors"])
    assert alice.items("/teams/dev/integration-keys") == []


def test_only_admins_see_keys(bob: Caller) -> None:
    assert "does not allow you" in sentence(bob.get("/teams/dev/integration-keys"), 403)
    assert "does not allow you" in sentence(bob.put(PATH, KEY), 403)

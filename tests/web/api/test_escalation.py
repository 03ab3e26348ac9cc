"""Reassigning, several acknowledgements, and what policies, teams and services say of escalation, by API."""

import pytest

from tests.client import TestClient
from tests.web.api.conftest import Caller, sentence

BOB, CAROL = {"handle": "bob", "name": "Bob Baker"}, {"handle": "carol", "name": "Carol Cohen"}
CONFIG = """
teams:
  - {name: dev, contact_methods: [{name: "#warroom", kind: slack, address: C0WARROOM}]}
escalation_policies:
  - name: dev
    acknowledge_timeout: 30m
    steps:
      - {page: ["team:dev", "team:dev/#warroom"], wait: 5m, acknowledgements: 2}
      - {page: ["team:dev"], wait: 5m, round_robin: true}
services:
  - {name: web, support_hours: {hours: "Mon-Fri 13:00-17:00", timezone: UTC}}
"""


@pytest.fixture
def configured(alice: Caller) -> None:
    answer = alice.post("/config/apply", CONFIG)
    assert answer.status_code == 200, answer.text


def test_reassigning_pages_somebody_else_and_says_what_comes_next(bob: Caller) -> None:
    alert = bob.send_alert()
    bob.post(f"/alerts/{alert['id']}/acknowledge")

    answer = bob.post(f"/alerts/{alert['id']}/reassign", {"to": "user:carol"}).json()

    assert (answer["status"], answer["acknowledged_by"]) == ("triggered", None)
    assert answer["next_step"] == {"at": "2026-01-06T12:05:00Z", "users": [BOB]}
    (delivery,) = bob.items(f"/alerts/{alert['id']}/deliveries")
    assert (delivery["user"], delivery["name"]) == (CAROL, "Carol Cohen")


def test_a_viewer_reassigns_nothing(bob: Caller, victor: Caller) -> None:
    alert = bob.send_alert()

    said = sentence(victor.post(f"/alerts/{alert['id']}/reassign", {"to": "user:carol"}), 403)

    assert "does not allow you" in said
    assert bob.get(f"/alerts/{alert['id']}").json() == alert


@pytest.mark.parametrize(
    ("to", "said"),
    [("user:zoe", "nobody with the handle zoe"), ("zoe", "says nobody"), ("policy:none", "no escalation policy none")],
)
def test_where_nobody_can_be_paged_it_is_a_sentence(bob: Caller, to: str, said: str) -> None:
    alert = bob.send_alert()

    answer = bob.post(f"/alerts/{alert['id']}/reassign", {"to": to})

    assert said in sentence(answer, 400)


@pytest.mark.usefixtures("configured")
def test_who_has_acknowledged_is_shown_until_they_are_enough(bob: Caller, carol: Caller) -> None:
    alert = bob.send_alert()
    bob.post(f"/alerts/{alert['id']}/escalate")

    first = bob.post(f"/alerts/{alert['id']}/acknowledge").json()

    assert (first["status"], first["acknowledgements_needed"], first["acknowledgements"]) == ("triggered", 2, [BOB])

    second = carol.post(f"/alerts/{alert['id']}/acknowledge").json()

    assert (second["status"], second["acknowledgements"]) == ("acknowledged", [BOB, CAROL])
    assert second["next_step"]["at"] == "2026-01-06T12:30:00Z"
    assert second["next_step"]["users"] == [BOB, CAROL]  # whom it pages if it is not resolved by then


@pytest.mark.usefixtures("configured")
def test_what_was_posted_to_a_team_has_no_person_and_its_address_is_for_admins(alice: Caller, bob: Caller) -> None:
    alert = bob.send_alert()
    bob.post(f"/alerts/{alert['id']}/escalate")

    posted = next(each for each in bob.items(f"/alerts/{alert['id']}/deliveries") if each["kind"] == "slack")

    assert (posted["user"], posted["name"], posted["address"]) == (None, "dev's #warroom (slack)", "…ROOM")
    method = {"name": "#warroom", "kind": "slack", "address": None}
    assert bob.get("/teams/dev").json()["contact_methods"] == [method]
    assert alice.get("/teams/dev").json()["contact_methods"] == [method | {"address": "C0WARROOM"}]


@pytest.mark.usefixtures("configured")
def test_policies_and_services_say_all_that_was_configured(bob: Caller) -> None:
    policy, service = bob.get("/escalation-policies/dev").json(), bob.get("/services/web").json()

    assert policy["acknowledge_timeout_seconds"] == 1800
    assert [(step["round_robin"], step["acknowledgements"]) for step in policy["steps"]] == [(False, 2), (True, 1)]
    assert service["urgency"] == "severity"
    hours = {"hours": "Mon-Fri 13:00-17:00", "timezone": "UTC", "during": "high", "outside": "low"}
    assert service["support_hours"] == hours


@pytest.mark.usefixtures("configured")
def test_an_alert_sent_by_hand_goes_by_the_support_hours_too(bob: Caller) -> None:
    alert = bob.send_alert(severity="critical")

    assert (alert["urgency"], alert["urgency_rises_at"]) == ("low", "2026-01-06T13:00:00Z")


@pytest.mark.usefixtures("configured")
def test_an_event_by_integration_key_goes_by_what_is_configured_now(
    client: TestClient, alice: Caller, bob: Caller
) -> None:
    def urgency_of(key: str) -> str:
        body = {"summary": "Disk full", "severity": "critical", "dedup_key": key}
        assert client.post("/ingest/generic/the-key-of-scripts", json=body).status_code == 202
        found: str = bob.items("/alerts")[0]["urgency"]
        return found

    assert urgency_of("one") == "low"
    alice.post("/config/apply", "services: [{name: web, support_hours: null, urgency: high}]")
    assert urgency_of("two") == "high"

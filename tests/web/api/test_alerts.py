from concurrent.futures import ThreadPoolExecutor

import pytest

from oncall.models import Alert
from tests.application import database_of
from tests.client import TestClient
from tests.web.api.conftest import Caller, Clock, sentence


def test_a_person_sends_an_alert_and_sees_who_is_paged_next(bob: Caller) -> None:
    alert = bob.send_alert(
        severity="critical",
        source="web-1",
        details={"used": "98 %"},
        links=[{"href": "https://x.example", "text": "Graph"}],
    )

    assert alert == bob.get(f"/alerts/{alert['id']}").json()
    assert (alert["status"], alert["urgency"], alert["event_count"]) == ("triggered", "high", 1)
    assert (alert["service"], alert["summary"], alert["source"]) == ("web", "Disk full", "web-1")
    assert alert["details"] == {"used": "98 %"}
    assert alert["triggered_at"] == alert["last_event_at"] == "2026-01-06T12:00:00Z"
    assert alert["next_step"] == {
        "at": "2026-01-06T12:00:00Z",
        "users": [{"handle": "bob", "name": "Bob Baker"}],
    }


def test_a_second_alert_with_its_dedup_key_updates_the_open_one(bob: Caller) -> None:
    first = bob.send_alert(dedup_key="disk")
    answer = bob.post("/alerts", {"service": "web", "summary": "Disk fuller", "dedup_key": "disk"})

    assert answer.status_code == 200
    again = answer.json()
    assert (again["id"], again["event_count"], again["summary"]) == (first["id"], 2, "Disk fuller")


def test_alerts_without_a_dedup_key_are_apart(bob: Caller) -> None:
    assert bob.send_alert()["id"] != bob.send_alert()["id"]


def test_the_same_dedup_key_sent_at_the_same_moment_opens_one_alert(bob: Caller) -> None:
    body = {"service": "web", "summary": "Disk full", "dedup_key": "disk"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bob.post("/alerts", body), range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    (alert,) = bob.items("/alerts")
    assert alert["event_count"] == 8


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"service": "nothing"}, 404, "no service nothing"),
        ({"summary": "  "}, 422, "summary"),
        ({"severity": "bad"}, 422, "severity"),
        ({"links": [{"href": "javascript:alert(1)"}]}, 422, "links.0.href"),
    ],
)
def test_an_alert_that_can_t_be_used_gets_a_sentence(
    bob: Caller, fields: dict[str, object], status: int, said: str
) -> None:
    assert said in sentence(bob.post("/alerts", {"service": "web", "summary": "Disk full"} | fields), status)


def test_alerts_are_listed_by_their_labels(bob: Caller) -> None:
    east = bob.send_alert(labels={"cluster": "east", "app.kubernetes.io/name": "web"})
    west = bob.send_alert(labels={"cluster": "west", "app.kubernetes.io/name": "web"})

    assert east["labels"] == {"cluster": "east", "app.kubernetes.io/name": "web"}
    assert [each["id"] for each in bob.items("/alerts", label="cluster=east")] == [east["id"]]
    both = bob.items("/alerts", label="app.kubernetes.io/name=web")
    assert [each["id"] for each in both] == [west["id"], east["id"]]
    assert bob.items("/alerts", label=["app.kubernetes.io/name=web", "cluster=north"]) == []


@pytest.mark.parametrize("label", ["cluster", "=east", 'a"b=c'])
def test_a_label_that_can_t_be_read_gets_a_sentence(bob: Caller, label: str) -> None:
    assert "write it like cluster=prod" in sentence(bob.get("/alerts", label=label), 400)


def test_what_alerts_are_searched_for_has_an_end(bob: Caller) -> None:
    """SQLite takes a longer text, and more conditions, for a fault of its own."""
    assert "q: must have at most 200 characters" in sentence(bob.get("/alerts", q="x" * 201), 422)
    labels = [f"l{number}=x" for number in range(21)]
    assert "label: must have at most 20 items" in sentence(bob.get("/alerts", label=labels), 422)


def test_an_alert_follows_the_labels_of_its_newest_event(bob: Caller) -> None:
    bob.send_alert(dedup_key="disk", labels={"cluster": "east"})
    again = bob.post("/alerts", {"service": "web", "summary": "Disk", "dedup_key": "disk", "labels": {"node": "7"}})

    assert again.json()["labels"] == {"node": "7"}


def test_acknowledging_stops_escalation_and_says_who(bob: Caller) -> None:
    alert = bob.send_alert()

    answer = bob.post(f"/alerts/{alert['id']}/acknowledge").json()

    assert answer["status"] == "acknowledged"
    assert answer["acknowledged_by"] == {"handle": "bob", "name": "Bob Baker"}
    assert answer["acknowledged_at"] == "2026-01-06T12:00:00Z"
    assert answer["next_step"] is None


def test_a_snooze_says_when_it_pages_again(bob: Caller) -> None:
    alert = bob.send_alert()

    answer = bob.post(f"/alerts/{alert['id']}/snooze", {"seconds": 1800}).json()

    assert (answer["status"], answer["snoozed_until"]) == ("acknowledged", "2026-01-06T12:30:00Z")
    assert answer["next_step"]["at"] == "2026-01-06T12:30:00Z"


@pytest.mark.parametrize("seconds", [0, -1, 10**20, 700_000])
def test_a_snooze_lasts_from_a_second_to_a_week(bob: Caller, seconds: int) -> None:
    alert = bob.send_alert()

    sentence(bob.post(f"/alerts/{alert['id']}/snooze", {"seconds": seconds}), 422)


def test_after_the_last_step_nobody_is_next(bob: Caller) -> None:
    alert = bob.send_alert()
    steps = [bob.post(f"/alerts/{alert['id']}/escalate").json()["next_step"] for _ in range(4)]

    assert [step and len(step["users"]) for step in steps] == [1, 1, 1, None]


def test_escalating_pages_the_first_step_now_and_plans_the_next(bob: Caller) -> None:
    alert = bob.send_alert()

    answer = bob.post(f"/alerts/{alert['id']}/escalate").json()

    assert answer["next_step"] == {
        "at": "2026-01-06T12:05:00Z",
        "users": [{"handle": "carol", "name": "Carol Cohen"}],
    }


def test_a_resolved_alert_stays_resolved(bob: Caller) -> None:
    alert = bob.send_alert()

    answer = bob.post(f"/alerts/{alert['id']}/resolve").json()

    assert (answer["status"], answer["resolved_by"]["handle"]) == ("resolved", "bob")
    assert "resolved" in sentence(bob.post(f"/alerts/{alert['id']}/acknowledge"), 409)


@pytest.mark.parametrize(
    "verb", ["acknowledge", "resolve", "escalate", "reassign", "snooze", "notes", "timeline", "deliveries"]
)
def test_an_alert_that_does_not_exist_is_not_found(bob: Caller, verb: str) -> None:
    bodies = {"snooze": {"seconds": 60}, "reassign": {"to": "user:bob"}, "notes": {"text": "Looking"}}
    path = f"/alerts/12/{verb}"
    answer = bob.get(path) if verb in ("timeline", "deliveries") else bob.post(path, bodies.get(verb))

    assert "no alert #12" in sentence(answer, 404)


def test_the_timeline_tells_the_story_in_order(bob: Caller, clock: Clock) -> None:
    alert = bob.send_alert()
    clock.advance(minutes=1)
    bob.post(f"/alerts/{alert['id']}/acknowledge")
    clock.advance(minutes=1)
    bob.post(f"/alerts/{alert['id']}/notes", {"text": "Deleting old logs"})

    entries = bob.items(f"/alerts/{alert['id']}/timeline")

    assert [(entry["kind"], entry["text"]) for entry in entries] == [
        ("triggered", "Triggered by Bob Baker by API: Disk full"),
        ("acknowledged", "Acknowledged by Bob Baker by API"),
        ("note", "Bob Baker: Deleting old logs"),
    ]
    assert entries[1]["user"] == {"handle": "bob", "name": "Bob Baker"}
    assert [entry["at"] for entry in entries] == [f"2026-01-06T12:0{minute}:00Z" for minute in (0, 1, 2)]


def test_numbers_of_others_are_masked_in_deliveries(alice: Caller, bob: Caller, carol: Caller) -> None:
    alert = bob.send_alert()
    bob.post(f"/alerts/{alert['id']}/escalate")
    path = f"/alerts/{alert['id']}/deliveries"

    (delivery,) = carol.items(path)

    assert (delivery["user"]["handle"], delivery["kind"], delivery["state"]) == ("bob", "sms", "pending")
    assert delivery["address"] == "…0102"
    assert bob.items(path)[0]["address"] == alice.items(path)[0]["address"] == "+12025550102"


@pytest.fixture
def three(bob: Caller) -> list[int]:
    """Alerts 1 triggered, 2 acknowledged, 3 resolved."""
    ids = [bob.send_alert(summary=summary, source=source)["id"] for summary, source in THREE]
    bob.post(f"/alerts/{ids[1]}/acknowledge")
    bob.post(f"/alerts/{ids[2]}/resolve")
    return ids


THREE = [("Disk full", "web-1"), ("Slow answers", "web-2"), ("100% busy", "web-2")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [1, 0]),
        ({"status": "open"}, [1, 0]),
        ({"status": "triggered"}, [0]),
        ({"status": "acknowledged"}, [1]),
        ({"status": "resolved"}, [2]),
        ({"status": "all"}, [2, 1, 0]),
        ({"status": "all", "q": "DISK"}, [0]),
        ({"status": "all", "q": "web-2"}, [2, 1]),
        ({"status": "all", "q": "%"}, [2]),
        ({"service": "web"}, [1, 0]),
        ({"service": "none"}, []),
        ({"mine": True}, []),
    ],
)
def test_the_list_is_filtered(bob: Caller, three: list[int], query: dict[str, object], found: list[int]) -> None:
    assert [alert["id"] for alert in bob.items("/alerts", **query)] == [three[i] for i in found]


def test_mine_are_those_that_i_was_paged_about(bob: Caller, carol: Caller, three: list[int]) -> None:
    bob.post(f"/alerts/{three[0]}/escalate")

    assert [alert["id"] for alert in bob.items("/alerts", mine=True)] == [three[0]]
    assert carol.items("/alerts", mine=True) == []


def test_the_list_goes_on_from_its_cursor_to_the_end(bob: Caller, three: list[int]) -> None:
    seen: list[int] = []
    cursor = None
    while True:
        answer = bob.get("/alerts", status="all", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [alert["id"] for alert in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break

    assert seen == three[::-1]


@pytest.mark.parametrize("query", [{"limit": 201}, {"limit": 0}, {"cursor": "x"}, {"status": "closed"}])
def test_a_question_that_makes_no_sense_is_refused(bob: Caller, query: dict[str, object]) -> None:
    sentence(bob.get("/alerts", **query), 422)


def test_an_alert_that_a_tool_resolved_was_resolved_by_nobody(bob: Caller, client: TestClient) -> None:
    for action in ("trigger", "resolve"):
        client.post("/ingest/generic/the-key-of-scripts", json={"summary": "Disk full", "action": action})

    (alert,) = bob.items("/alerts", status="resolved")

    assert alert["resolved_at"] is not None
    assert alert["resolved_by"] is None


def test_alerts_say_what_they_are_held_by_and_what_they_hold(bob: Caller, client: TestClient) -> None:
    cause, folded = bob.send_alert(), bob.send_alert()
    assert (cause["held_by"], cause["dependents"], cause["flaps"]) == (None, [], 0)
    with database_of(client).transaction() as session:
        alert = session.get_one(Alert, folded["id"])
        alert.held_by_id = cause["id"]
        session.add(alert)

    assert bob.get(f"/alerts/{folded['id']}").json()["held_by"] == cause["id"]
    assert bob.get(f"/alerts/{cause['id']}").json()["dependents"] == [folded["id"]]

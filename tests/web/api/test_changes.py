"""Change events by API: told, listed, and beside the alert that follows."""

import pytest

from tests.web.api.conftest import Caller, Clock, sentence

DEPLOY = {"service": "web", "summary": "deploy web #4711", "by": "bob", "link": "https://ci.example.org/4711"}


def test_a_change_that_was_told_is_listed(bob: Caller, victor: Caller) -> None:
    answer = bob.post("/changes", DEPLOY | {"source": "ci", "details": {"sha": "f00"}})
    assert answer.status_code == 201
    assert victor.items("/changes") == [answer.json()] == victor.items("/changes", service="web")
    assert answer.json() == {
        "id": 1,
        "service": "web",
        "summary": "deploy web #4711",
        "by": "bob",
        "at": "2026-01-06T12:00:00Z",
        "source": "ci",
        "sender": "Bob Baker",
        "links": [{"href": "https://ci.example.org/4711", "text": "Open the change"}],
        "details": {"sha": "f00"},
        "received_at": "2026-01-06T12:00:00Z",
    }
    assert victor.items("/changes", service="other") == []


def test_the_list_has_pages_and_the_last_to_come_is_first(bob: Caller, clock: Clock) -> None:
    for number in range(3):
        assert bob.post("/changes", DEPLOY | {"summary": f"deploy {number}"}).status_code == 201
        clock.advance(minutes=1)
    first = bob.get("/changes", limit=2).json()
    rest = bob.get("/changes", limit=2, cursor=first["next"]).json()
    assert [item["summary"] for item in first["items"] + rest["items"]] == ["deploy 2", "deploy 1", "deploy 0"]
    assert rest["next"] is None


def test_an_alert_has_the_changes_that_it_follows(bob: Caller, clock: Clock) -> None:
    bob.post("/changes", DEPLOY | {"summary": "too long before"})
    clock.advance(minutes=31)
    bob.post("/changes", DEPLOY)
    clock.advance(minutes=4)
    alert = bob.send_alert()
    clock.advance(minutes=1)
    bob.post("/changes", DEPLOY | {"summary": "after"})
    assert [item["summary"] for item in bob.items(f"/alerts/{alert['id']}/changes")] == ["deploy web #4711"]
    assert "There is no alert" in sentence(bob.get("/alerts/99/changes"), 404)


def test_who_only_looks_tells_of_nothing(victor: Caller) -> None:
    assert victor.post("/changes", DEPLOY).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"service": "nothing"}, 404),
        ({"summary": " "}, 422),
        ({"summary": "x" * 1025}, 422),
        ({"link": "javascript:alert(1)"}, 422),
        ({"at": "tomorrow"}, 422),
        ({"surprise": 1}, 422),
        ({"by": "b\0b"}, 422),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_kept(bob: Caller, wrong: dict[str, object], status: int) -> None:
    sentence(bob.post("/changes", DEPLOY | wrong), status)
    assert bob.items("/changes") == []

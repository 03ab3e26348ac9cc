"""Maintenance by API: begun, planned, ended, extended, called off."""

import pytest

from tests.conftest import Contents
from tests.web.api.conftest import COMPANY, SET_UP_AT, Caller, Clock, sentence

UPGRADE = {"service": "web", "seconds": 7200, "reason": "db upgrade", "name": "upgrade"}


@pytest.fixture
def contents() -> Contents:
    """Carol manages the team dev, and is no admin."""
    return Contents(SET_UP_AT, (COMPANY, "teams: [{name: dev, managers: [alice, carol]}]"))


def test_it_begins_now_and_the_service_says_so(carol: Caller, alice: Caller) -> None:
    window = carol.post("/maintenance", UPGRADE)

    assert window.status_code == 201
    assert window.json() == {
        "name": "upgrade",
        "service": "web",
        "team": None,
        "state": "on",
        "start": "2026-01-06T12:00:00Z",
        "end": "2026-01-06T14:00:00Z",
        "timezone": "UTC",
        "repeats": None,
        "reason": "db upgrade",
        "pages_critical": False,
        "alerts": 0,
        "open_alerts": 0,
    }
    on = {"name": "upgrade", "reason": "db upgrade", "until": "2026-01-06T14:00:00Z"}
    assert alice.get("/services/web").json()["maintenance"] == on


def test_it_is_ended_and_extended(carol: Caller, clock: Clock) -> None:
    carol.post("/maintenance", UPGRADE)
    clock.advance(minutes=30)

    assert carol.post("/maintenance/upgrade/extend", {"end": "2026-01-06T16:00:00Z"}).json()["end"][11:16] == "16:00"
    assert carol.post("/maintenance/upgrade/end").json()["state"] == "over"
    assert "is not on now" in sentence(carol.post("/maintenance/upgrade/end"), 409)
    assert "is over" in sentence(carol.post("/maintenance/upgrade/extend", {"seconds": 60}), 409)
    assert carol.get("/services/web").json()["maintenance"] is None


def test_one_that_repeats_shows_its_next_occurrence(carol: Caller, clock: Clock) -> None:
    window = {"team": "dev", "start": "2026-01-06T20:00Z", "end": "2026-01-06T21:00Z", "timezone": "Europe/Paris"}
    made = carol.post("/maintenance", window | {"repeats": "FREQ=WEEKLY;BYDAY=SU"}).json()

    assert (made["name"], made["state"], made["start"]) == ("dev 2026-01-06 21:00", "to_come", "2026-01-11T20:00:00Z")
    clock.advance(days=6)
    assert carol.items("/maintenance", service="web")[0]["start"] == "2026-01-18T20:00:00Z"
    assert carol.delete(f"/maintenance/{made['name']}").status_code == 204
    assert carol.items("/maintenance") == []


def test_they_are_listed_by_what_is_on_what_comes_and_what_is_over(carol: Caller, clock: Clock) -> None:
    carol.post("/maintenance", UPGRADE | {"name": "first", "seconds": 60})
    carol.post("/maintenance", UPGRADE | {"name": "later", "start": "2026-01-06T16:00:00Z"})
    carol.post("/maintenance", UPGRADE)
    clock.advance(minutes=2)

    assert [each["name"] for each in carol.items("/maintenance")] == ["upgrade", "later", "first"]
    assert [each["name"] for each in carol.items("/maintenance", state="to_come")] == ["later"]


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"service": "nothing"}, 404, "no service nothing"),
        ({"team": "dev"}, 400, "send one of the two"),
        ({"end": "2026-01-06T13:00:00Z"}, 422, "one of the two"),
        ({"start": "2026-01-05T12:00:00Z"}, 400, "wholly in the past"),
        ({"repeats": "hourly"}, 400, "write daily, weekdays, weekly"),
        ({"repeats": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, 400, "never happens"),
        ({"timezone": "Europe/Pari"}, 400, "perhaps Europe/Paris"),
        ({"name": "a/b"}, 400, "can't be a name"),
    ],
)
def test_what_can_t_be_planned_gets_a_sentence(
    carol: Caller, changes: dict[str, object], status: int, said: str
) -> None:
    assert said in sentence(carol.post("/maintenance", UPGRADE | changes), status)
    assert carol.items("/maintenance") == []


def test_a_name_is_used_once(carol: Caller) -> None:
    carol.post("/maintenance", UPGRADE)
    assert "choose another name" in sentence(carol.post("/maintenance", UPGRADE), 409)


def test_whoever_may_only_look_can_t_begin_it(victor: Caller) -> None:
    assert "does not allow you" in sentence(victor.post("/maintenance", UPGRADE), 403)


def test_it_is_for_managers_of_the_team_and_admins(alice: Caller, bob: Caller, carol: Caller) -> None:
    assert "admins and managers of its team" in sentence(bob.post("/maintenance", UPGRADE), 403)
    carol.post("/maintenance", UPGRADE)

    for path, body in (("/end", None), ("/extend", {"seconds": 60})):
        assert "Ask one of them" in sentence(bob.post(f"/maintenance/upgrade{path}", body), 403)
    assert "Ask one of them" in sentence(bob.delete("/maintenance/upgrade"), 403)
    of_team = {"team": "dev", "seconds": 60}
    assert "Maintenance of dev" in sentence(bob.post("/maintenance", of_team), 403)
    assert [each["state"] for each in bob.items("/maintenance")] == ["on"]
    assert alice.post("/maintenance", of_team).status_code == 201


def test_that_of_a_service_without_a_team_is_for_admins(alice: Caller, carol: Caller) -> None:
    alice.post("/config/apply", "services: [{name: search, escalation_policy: dev}]")
    assert sentence(carol.post("/maintenance", UPGRADE | {"service": "search"}), 403)
    assert alice.post("/maintenance", UPGRADE | {"service": "search"}).status_code == 201

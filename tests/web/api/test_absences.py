"""Absences over the API: who may say what, what is refused, and the shifts that they meet."""

from collections.abc import Iterator
from typing import Any

import pytest

from oncall.settings import Settings
from tests.calendar_server import Answer, CalendarServer, calendar_server
from tests.web.api.conftest import Caller, sentence

# Bob is L1 until 10:00 on the 7th, Carol L2; then Carol L1 and Alice L2; from 10:00 on the 8th Alice L1 and Bob L2.
AWAY = {"start": "2026-01-07T12:00:00Z", "end": "2026-01-07T18:00:00Z", "reason": "dentist"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allow_private_addresses": True})


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with calendar_server() as running:
        yield running


def add(caller: Caller, **fields: Any) -> dict[str, Any]:
    answer = caller.post("/absences", AWAY | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_an_absence_is_listed_until_it_is_deleted(carol: Caller) -> None:
    made = add(carol)

    assert made["user"] == {"handle": "carol", "name": "Carol Cohen"}
    assert carol.items("/absences") == carol.items("/absences", user="carol") == [made]
    assert carol.items("/absences", user="bob") == carol.items("/absences", until="2026-01-07T12:00:00Z") == []
    assert carol.items("/absences", **{"from": "2026-01-07T18:00:00Z"}) == []
    assert carol.delete(f"/absences/{made['id']}").status_code == 204
    assert carol.items("/absences") == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"end": "2026-01-07T12:00:00Z"}, "ends before it starts"),
        ({"start": "2026-01-05T12:00:00Z", "end": "2026-01-06T12:00:00Z"}, "wholly in the past"),
        ({"end": "2027-01-09T12:00:00Z"}, "longer than a year"),
    ],
)
def test_what_makes_no_sense_is_refused(carol: Caller, fields: dict[str, Any], said: str) -> None:
    assert said in sentence(carol.post("/absences", AWAY | fields), 400)
    assert carol.post("/absences", AWAY | {"reason": "x" * 201}).status_code == 422
    assert carol.items("/absences") == []


def test_a_colleague_sees_that_somebody_is_away_and_not_why(alice: Caller, bob: Caller, carol: Caller) -> None:
    add(carol)

    assert [caller.items("/absences")[0]["reason"] for caller in (alice, bob, carol)] == ["dentist", None, "dentist"]


def test_a_manager_of_the_team_decides_for_its_members_and_nobody_else(alice: Caller, bob: Caller) -> None:
    assert (
        alice.post("/config/apply", "users: [{handle: alice, role: user}, {handle: victor, role: admin}]").status_code
        == 200
    )

    assert add(alice, user="carol")["reason"] is None, (
        "who is in the team is alice's choice, and why carol is away is not"
    )
    assert alice.items("/absences/conflicts", user="carol")[0]["reasons"] is None
    assert "a manager of a team of theirs" in sentence(bob.post("/absences", AWAY | {"user": "carol"}), 403)
    assert "a manager of a team of theirs" in sentence(alice.post("/absences", AWAY | {"user": "victor"}), 403)
    assert "a manager of a team of theirs" in sentence(bob.delete("/absences/1"), 403)


def test_a_viewer_adds_none(victor: Caller) -> None:
    assert "does not allow you" in sentence(victor.post("/absences", AWAY), 403)


def test_a_conflict_says_who_is_away_when_and_who_could_cover(bob: Caller, carol: Caller) -> None:
    add(carol)

    (conflict,) = bob.items("/absences/conflicts", schedule="dev")

    assert conflict == {
        "schedule": "dev",
        "level": "L1",
        "user": {"handle": "carol", "name": "Carol Cohen"},
        "start": "2026-01-07T12:00:00Z",
        "end": "2026-01-07T18:00:00Z",
        "shift_start": "2026-01-07T10:00:00Z",
        "shift_end": "2026-01-08T10:00:00Z",
        "reasons": None,
        "could_cover": ["bob"],  # alice is L2 then
    }
    assert carol.items("/absences/conflicts", user="carol")[0]["reasons"] == ["dentist"]
    assert bob.items("/absences/conflicts", schedule="quiet") == bob.items("/absences/conflicts", user="bob") == []


def test_who_is_away_too_can_t_cover(bob: Caller, carol: Caller) -> None:
    add(carol)
    add(bob, start="2026-01-07T17:00:00Z", end="2026-01-07T20:00:00Z")

    assert bob.items("/absences/conflicts")[0]["could_cover"] == []


def test_absences_that_touch_are_one_conflict(carol: Caller) -> None:
    add(carol)
    add(carol, start="2026-01-07T17:00:00Z", end="2026-01-07T20:00:00Z", reason="train")

    (conflict,) = carol.items("/absences/conflicts")

    assert (conflict["end"], conflict["reasons"]) == ("2026-01-07T20:00:00Z", ["dentist", "train"])


DAVE = (
    "{handle: dave, name: Dave Diaz, contact_methods: [{name: m, kind: sms, address: '+12025550144', verified: true}]}"
)


def test_who_may_not_take_it_by_the_rules_can_t_cover(alice: Caller, carol: Caller) -> None:
    add(carol)
    (before,) = carol.items("/absences/conflicts")
    alice.post("/config/apply", "schedules: [{name: dev, rest: 24h}]")  # bob's last shift has ended at 10:00

    (conflict,) = carol.items("/absences/conflicts")

    assert (before["could_cover"], conflict["could_cover"]) == (["bob"], [])


def test_whoever_has_the_least_burden_is_named_first(alice: Caller, carol: Caller) -> None:
    applied = alice.post(
        "/config/apply",
        f"users: [{DAVE}]\n"
        "schedules: [{name: night, timezone: UTC, levels: [L1], rotations: [{name: everybody, shift: 30 days, "
        "members: [carol, alice, bob, dave], start: 2026-01-07T10:00}]}]",
    )
    assert applied.status_code == 200, applied.text
    add(carol)

    (conflict,) = carol.items("/absences/conflicts", schedule="night")

    assert conflict["could_cover"] == ["dave", "bob"]


def test_an_hour_at_night_is_more_of_a_burden_than_one_by_day(alice: Caller, carol: Caller) -> None:
    """Dave has nine hours by day, Erin eight at night."""
    erin = DAVE.replace("dave", "erin").replace("Dave Diaz", "Erin Egan").replace("0144", "0145")
    overrides = (
        "{level: L1, user: dave, start: 2026-01-12T09:00, end: 2026-01-12T18:00}, "
        "{level: L1, user: erin, start: 2026-01-12T22:00, end: 2026-01-13T06:00}"
    )
    applied = alice.post(
        "/config/apply",
        f"users: [{DAVE}, {erin}]\n"
        "teams: [{name: dev, members: [bob, carol, dave, erin]}]\n"
        f"schedules: [{{name: quiet, overrides: [{overrides}]}}]",
    )
    assert applied.status_code == 200, applied.text
    add(carol)

    (conflict,) = carol.items("/absences/conflicts")

    assert conflict["could_cover"] == ["dave", "erin", "bob"]


def test_a_calendar_is_read_at_once(carol: Caller, bob: Caller, server: CalendarServer) -> None:
    made = carol.post("/absence-calendars", {"url": server.url})

    assert made.status_code == 201, made.text
    assert made.json() == {
        "id": 1,
        "url": server.url,
        "shortest_hours": 0,
        "read_at": "2026-01-06T12:00:00Z",
        "error": None,
        "fetch_at": "2026-01-06T13:00:00Z",
    }
    (absence,) = carol.items("/absences")
    assert (absence["start"], absence["reason"]) == ("2026-01-07T00:00:00Z", "Holiday in Rome")
    assert carol.items("/absence-calendars") == [made.json()]
    assert bob.items("/absence-calendars") == []
    assert "would bring it back" in sentence(carol.delete(f"/absences/{absence['id']}"), 409)
    assert bob.delete("/absence-calendars/1").status_code == 404
    assert carol.delete("/absence-calendars/1").status_code == 204
    assert carol.items("/absences") == []


def test_a_calendar_that_is_not_one_is_told_and_not_stored(carol: Caller, server: CalendarServer) -> None:
    server.answer = Answer(body=b"<html>Sign in</html>")

    refused = carol.post("/absence-calendars", {"url": server.url})

    assert "This address does not give a calendar, but a web page" in sentence(refused, 400)
    assert refused.json()["field"] == "url"
    assert carol.items("/absence-calendars") == []


def test_a_viewer_has_nothing_fetched(victor: Caller, server: CalendarServer) -> None:
    assert victor.post("/absence-calendars", {"url": server.url}).status_code == 403
    assert server.asked == []

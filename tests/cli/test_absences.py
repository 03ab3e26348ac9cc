"""`oncall absence`."""

import json

import pytest

from tests.calendar_server import Answer, calendar_server
from tests.cli.conftest import Oncall

DAY = ("2099-08-03T09:00Z", "2099-08-04T09:00Z")


def test_an_absence_is_added_listed_and_removed(oncall: Oncall) -> None:
    added = oncall("absence", "add", "carol", *DAY, "--reason", "holiday")
    assert added.out == (
        "Carol Cohen is away from Mon 2099-08-03 09:00 UTC to Tue 2099-08-04 09:00 UTC. "
        "To take it back: oncall absence remove 1\n"
    )

    assert json.loads(oncall("absence", "list", "carol", "--json").out) == [
        {
            "id": 1,
            "user": "carol",
            "start": "2099-08-03T09:00:00Z",
            "end": "2099-08-04T09:00:00Z",
            "reason": "holiday",
            "from_calendar": False,
        }
    ]
    assert "carol" in oncall("absence", "list").out
    assert oncall("absence", "list", "bob").out == "Nobody has said that they will be away.\n"

    assert oncall("absence", "remove", "1").out == "Absence 1 of Carol Cohen is deleted.\n"
    assert oncall("absence", "remove", "1").err == "There is no absence 1.\n"


def test_a_calendar_is_followed_and_forgotten_and_conflicts_are_listed(
    oncall: Oncall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCALL_ALLOW_PRIVATE_ADDRESSES", "true")
    with calendar_server() as server:
        followed = oncall("absence", "follow", "carol", server.url, "--shortest-hours", "4")
        assert followed.out.startswith("Calendar 1 of Carol Cohen is read: ")
        assert "already" in oncall("absence", "follow", "carol", server.url).err
        server.answer = Answer(body=b"<html>Sign in</html>")
        assert "web page" in oncall("absence", "follow", "carol", f"{server.url}?other").err
    (row,) = json.loads(oncall("absence", "calendars", "carol", "--json").out)
    assert (row["id"], row["shortest_hours"], row["error"]) == (1, 4, "")
    assert oncall("absence", "forget", "carol", "1").out.startswith("Calendar 1 of Carol Cohen is forgotten")
    assert oncall("absence", "calendars", "carol").out == "Carol Cohen follows no calendar.\n"
    assert oncall("absence", "conflicts").out == "Nobody is away while on call.\n"


def test_a_time_without_its_zone_is_refused(oncall: Oncall) -> None:
    assert "does not say its time zone" in oncall("absence", "add", "carol", "2099-08-03T09:00", DAY[1]).err
    assert "ends before it starts" in oncall("absence", "add", "carol", *reversed(DAY)).err

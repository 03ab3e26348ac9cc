"""`oncall absence`."""

import json

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


def test_a_time_without_its_zone_is_refused(oncall: Oncall) -> None:
    assert "does not say its time zone" in oncall("absence", "add", "carol", "2099-08-03T09:00", DAY[1]).err
    assert "ends before it starts" in oncall("absence", "add", "carol", *reversed(DAY)).err

"""A window planned by hand over everything else."""

from typing import Any

import pytest

from tests.web.api.conftest import Caller, Clock, sentence

PATH = "/schedules/dev/temporary"
START, NOON, END = "2026-01-10T10:00:00Z", "2026-01-10T16:00:00Z", "2026-01-10T22:00:00Z"


def planned(level: str, user: str, start: str = START, end: str = END) -> dict[str, str]:
    return {"level": level, "user": user, "start": start, "end": end}


LAUNCH = {
    "start": START,
    "end": END,
    "note": "launch",
    "shifts": [planned("L1", "bob", end=NOON), planned("L1", "carol", NOON), planned("L2", "carol", end=NOON)],
}
WHOLE = LAUNCH | {"shifts": [*LAUNCH["shifts"], planned("L2", "bob", NOON)]}  # type: ignore[misc]


def add(caller: Caller, body: dict[str, Any] = WHOLE) -> dict[str, Any]:
    answer = caller.post(PATH, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def on(caller: Caller, at: str) -> list[tuple[str, str, str]]:
    rows = caller.items("/on-call", at=at)
    return [(row["level"], row["user"]["handle"], row["source"]) for row in rows if row["user"]]


def test_the_window_is_as_planned_and_the_rotation_goes_on_around_it(alice: Caller) -> None:
    before, after = on(alice, "2026-01-10T09:00:00Z"), on(alice, END)
    made = add(alice)

    assert on(alice, START) == [("L1", "bob", "temporary"), ("L2", "carol", "temporary")]
    assert on(alice, NOON) == [("L1", "carol", "temporary"), ("L2", "bob", "temporary")]
    assert (on(alice, "2026-01-10T09:00:00Z"), on(alice, END)) == (before, after)
    assert alice.items(PATH) == [made]
    assert (made["note"], made["created_by"]["handle"], len(made["shifts"])) == ("launch", "alice", 4)


def test_it_goes_over_overrides_made_before_and_under_those_made_after(alice: Caller) -> None:
    cover = {"schedule": "dev", "level": "L1", "user": "carol", "start": START, "end": NOON, "confirm": True}
    alice.post("/overrides", cover)
    add(alice)
    assert on(alice, START)[0] == ("L1", "bob", "temporary")

    assert alice.post("/overrides", cover).status_code == 201
    assert on(alice, START)[0] == ("L1", "carol", "override")


def test_a_level_that_nobody_is_planned_on_is_a_gap_that_must_be_meant(alice: Caller) -> None:
    assert "Nobody would be on dev L2 from Sat 10 Jan 16:00 UTC" in sentence(alice.post(PATH, LAUNCH), 409)
    assert alice.items(PATH) == []

    add(alice, LAUNCH | {"confirm": True})
    assert on(alice, NOON) == [("L1", "carol", "temporary")]


def test_called_off_before_it_begins_nothing_of_it_is_left(alice: Caller) -> None:
    before = alice.items("/schedules/dev/shifts", until=END)
    made = add(alice)

    assert alice.delete(f"{PATH}/{made['id']}?confirm=true").status_code == 204
    assert alice.items(PATH) == []
    assert alice.items("/schedules/dev/shifts", until=END) == before


def test_called_off_while_it_runs_what_has_been_stays_told(alice: Caller, clock: Clock) -> None:
    made = add(alice)
    clock.advance(days=4)  # 12:00 on the 10th

    assert alice.delete(f"{PATH}/{made['id']}?confirm=true").status_code == 204
    assert on(alice, "2026-01-10T11:59:00Z")[0] == ("L1", "bob", "temporary")
    assert on(alice, "2026-01-10T12:01:00Z")[0][2] == "rotation"
    assert "has ended" in sentence(alice.delete(f"{PATH}/{made['id']}"), 409)


def test_only_a_manager_or_an_admin_plans_by_hand(alice: Caller, bob: Caller) -> None:
    assert "Only a manager of the team or an admin" in sentence(bob.post(PATH, WHOLE), 403)
    made = add(alice)
    assert sentence(bob.delete(f"{PATH}/{made['id']}"), 403)


def test_one_of_its_shifts_is_not_taken_away_alone(alice: Caller) -> None:
    add(alice)
    (first, *_) = alice.items("/overrides")

    assert "part of a temporary schedule" in sentence(alice.delete(f"/overrides/{first['id']}"), 409)


@pytest.mark.parametrize(
    ("fields", "said", "field"),
    [
        ({"end": START}, "The temporary schedule ends before it starts.", "end"),
        ({"start": "2026-01-01T10:00:00Z"}, "starts in the past", "start"),
        ({"shifts": []}, "Plan at least one shift", "shifts"),
        ({"shifts": [planned("L9", "bob")]}, "has no level L9", "level"),
        ({"shifts": [planned("L1", "bob", end="2026-01-11T10:00:00Z")]}, "is not within the window", "shifts[0]"),
        ({"shifts": [planned("L1", "bob", NOON, START)]}, "ends before it starts", "shifts[0].end"),
        ({"note": "x" * 201}, "at most 200 characters", "note"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    alice: Caller, fields: dict[str, Any], said: str, field: str
) -> None:
    answer = alice.post(PATH, WHOLE | fields)

    assert said in sentence(answer, 400)
    assert answer.json()["field"] == field
    assert alice.items("/overrides") == []


def test_shifts_without_end_are_refused_before_their_people_are_looked_up(bob: Caller) -> None:
    assert "shifts: must have at most 500" in sentence(
        bob.post(PATH, LAUNCH | {"shifts": [planned("L1", "x")] * 501}), 422
    )

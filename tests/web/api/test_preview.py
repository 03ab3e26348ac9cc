"""A preview by the API: a schedule as it would be, nothing stored. What it gives: tests/planning/test_preview.py."""

from typing import Any

import pytest

from oncall.config.yaml_text import read_yaml
from tests.application import database_of
from tests.client import TestClient
from tests.config.company import EXAMPLE
from tests.web.api.conftest import Caller, sentence

WEEK = {"from": "2026-01-06T12:00:00Z", "until": "2026-01-07T12:00:00Z"}
DAYS: dict[str, Any] = {
    "name": "new",
    "timezone": "UTC",
    "levels": ["L1"],
    "rotations": [{"name": "all", "members": ["xenia", "yuri"], "start": "2026-01-05T10:00", "shift": "1 day"}],
}


CROWDED = ",".join(f"{hour:02d}:00-{hour:02d}:01" for hour in range(16))


def shift(user: str, level: str, day: int, source: str = "rotation") -> dict[str, str]:
    start, end = f"2026-01-{day:02d}T10:00:00Z", f"2026-01-{day + 1:02d}T10:00:00Z"
    return {"schedule": "new", "level": level, "user": user, "start": start, "end": end, "source": source}


def test_a_preview_gives_shifts_of_people_who_need_not_exist(victor: Caller) -> None:
    answer = victor.post("/schedules/preview", WEEK | {"schedule": DAYS})

    assert answer.json()["items"] == [shift("yuri", "L1", 6), shift("xenia", "L1", 7)]


def test_a_preview_stores_nothing(victor: Caller) -> None:
    before = victor.items("/schedules"), victor.items("/users")

    victor.post("/schedules/preview", WEEK | {"schedule": DAYS})

    assert (victor.items("/schedules"), victor.items("/users")) == before


def test_a_preview_asks_who_fits_a_rule_now(victor: Caller) -> None:
    ruled = DAYS["rotations"][0] | {"members": {"tagged": "developer", "not_in": []}}
    answer = victor.post("/schedules/preview", WEEK | {"schedule": DAYS | {"rotations": [ruled]}})

    assert [each["user"] for each in answer.json()["items"]] == ["bob", "carol"]


def test_a_preview_s_rule_leaves_out_the_members_of_stored_schedules(victor: Caller) -> None:
    ruled = DAYS["rotations"][0] | {"members": {"tagged": ["developer"], "not_in": ["dev"]}}
    answer = victor.post("/schedules/preview", WEEK | {"schedule": DAYS | {"rotations": [ruled]}})

    assert answer.json()["items"] == []


def test_a_preview_takes_overrides_and_the_first_timer_rule(victor: Caller) -> None:
    schedule = DAYS | {
        "levels": ["L1", "L2"],
        "rotations": [DAYS["rotations"][0] | {"first_shift_level": "L1", "start": "2026-01-06T10:00"}],
        "overrides": [{"level": "L1", "user": "zoe", "start": "2026-01-07T10:00", "end": "2026-01-08T10:00"}],
    }
    answer = victor.post("/schedules/preview", WEEK | {"schedule": schedule, "experienced": ["xenia"]})

    assert answer.json()["items"] == [
        shift("yuri", "L1", 6),
        shift("xenia", "L2", 6),
        shift("zoe", "L1", 7, source="override"),
        shift("xenia", "L2", 7),
    ]


def test_the_design_s_example_is_previewed_on_an_empty_installation(victor: Caller) -> None:
    """Where neither its team, nor bob's namesake, nor the schedules whose members it leaves out are known."""
    schedule = read_yaml(EXAMPLE)["schedules"][0] | {"team": "developers"}
    schedule["overrides"][0]["user"] = "stranger"
    window = {"from": "2026-01-31T00:00:00Z", "until": "2026-02-04T00:00:00Z"}

    answer = victor.post("/schedules/preview", window | {"schedule": schedule})

    assert answer.status_code == 200, answer.text
    people = {"alice", "bob", "carol", "stranger"}  # developers here, and who takes the override
    assert {each["user"] for each in answer.json()["items"]} <= people
    assert {
        "schedule": "dev",
        "level": "L1",
        "user": "stranger",
        "start": "2026-02-01T15:00:00Z",
        "end": "2026-02-02T15:00:00Z",
        "source": "override",
    } in answer.json()["items"]


HOURLY = DAYS["rotations"][0] | {"shift": "1 hour"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"levels": ["L1", "L2", "L3"], "rotations": [HOURLY]}, "would have about 28,803 shifts"),
        ({"rotations": [HOURLY | {"hours": CROWDED, "shift": "999 months"}]}, "20,000 are the most"),
        ({"rotations": [HOURLY | {"start": "2023-01-05T10:00", "first_shift_level": "L1"}]}, "followed through about"),
        ({"levels": [f"L{i}" for i in range(21)]}, "must have 20 items at most"),
        ({"rotations": [HOURLY | {"members": [f"p{i}" for i in range(1001)]}]}, "names 1,001 people, in rotations"),
    ],
)
def test_a_preview_that_would_take_minutes_is_refused(victor: Caller, fields: dict[str, Any], said: str) -> None:
    window = {"from": "2026-01-06T12:00:00Z", "until": "2027-02-10T12:00:00Z"}

    answer = victor.post("/schedules/preview", window | {"schedule": DAYS | fields})

    assert answer.status_code == 400, answer.text
    assert said in answer.text


def test_a_preview_names_every_fault(victor: Caller) -> None:
    rotation = {"name": "all", "members": {"team": "none"}, "shift": "1 dya", "levels": ["L9"], "start": "soon"}
    answer = victor.post("/schedules/preview", WEEK | {"schedule": DAYS | {"rotations": [rotation]}})

    sentence(answer, 400)
    said = "\n".join(answer.json()["errors"])
    for fault in ("there is no team none", '"1 dya"', "no level L9", '"soon" is not a wall-clock time'):
        assert fault in said


def test_a_preview_of_a_part_is_told_what_is_missing(victor: Caller) -> None:
    answer = victor.post("/schedules/preview", WEEK | {"schedule": {"name": "new", "levels": ["L1"]}})

    sentence(answer, 400)
    assert answer.json()["errors"] == ["schedules[0].timezone (new): is missing"]


def test_of_a_schedule_that_is_set_up_the_part_that_changes_is_enough(victor: Caller) -> None:
    override = {"level": "L1", "user": "carol", "start": "2026-01-06T18:00Z", "end": "2026-01-07T10:00Z"}
    answer = victor.post("/schedules/preview", WEEK | {"schedule": {"name": "dev", "overrides": [override]}})

    assert [(each["level"], each["user"], each["source"]) for each in answer.json()["items"]] == [
        ("L1", "bob", "rotation"),
        ("L2", "carol", "rotation"),
        ("L1", "carol", "override"),
        ("L1", "carol", "rotation"),
        ("L2", "alice", "rotation"),
    ]


def test_a_level_can_go_before_the_policies_that_page_it(victor: Caller) -> None:
    answer = victor.post("/schedules/preview", WEEK | {"schedule": {"name": "dev", "levels": ["L1"]}})

    assert {each["level"] for each in answer.json()["items"]} == {"L1"}


def test_what_is_no_handle_is_nobody(victor: Caller) -> None:
    rotation = DAYS["rotations"][0] | {"members": ["Not A Handle", "x" * 500]}
    answer = victor.post("/schedules/preview", WEEK | {"schedule": DAYS | {"rotations": [rotation]}})

    sentence(answer, 400)
    assert "there is no user Not A Handle" in answer.json()["errors"][0]


def test_strangers_do_not_stand_in_the_line_for_a_preview(client: TestClient) -> None:
    with database_of(client).trial():
        assert client.post("/api/v1/schedules/preview", json=WEEK | {"schedule": DAYS}).status_code == 401


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (
            {"rotations": [DAYS["rotations"][0] | {"members": ["a", "b", "c"] * 334}]},
            "names 1,002 people, in rotations",
        ),
        ({"overrides": [{"level": "L1", "user": "zoe"}] * 1001}, "names 1,003 people, in rotations and overrides"),
        (
            {"rotations": [DAYS["rotations"][0] | {"members": {"not_in": [str(each) for each in range(101)]}}]},
            "names 101 schedules to leave out that are not set up, and 100 are the most",
        ),
    ],
)
def test_a_preview_of_more_than_others_can_wait_for_is_refused(victor: Caller, part: dict[str, Any], said: str) -> None:
    assert said in sentence(victor.post("/schedules/preview", WEEK | {"schedule": DAYS | part}), 400)


def test_a_preview_knows_a_thousand_more_people_at_most(victor: Caller) -> None:
    body = WEEK | {"schedule": DAYS, "experienced": ["xenia"] * 1001}
    assert "experienced: must have at most 1000 items" in sentence(victor.post("/schedules/preview", body), 422)

from typing import Any

import pytest

from oncall.config.yaml_text import read_yaml
from tests.config.company import EXAMPLE
from tests.web.api.conftest import Caller, sentence

WEEK = {"from": "2026-01-06T12:00:00Z", "until": "2026-01-07T12:00:00Z"}
DAYS: dict[str, Any] = {
    "name": "dev",
    "timezone": "UTC",
    "levels": ["L1"],
    "rotations": [{"name": "all", "members": ["xenia", "yuri"], "start": "2026-01-05T10:00", "shift": "1 day"}],
}


CROWDED = ",".join(f"{hour:02d}:00-{hour:02d}:01" for hour in range(16))


def shift(user: str, level: str, day: int, source: str = "rotation") -> dict[str, str]:
    start, end = f"2026-01-{day:02d}T10:00:00Z", f"2026-01-{day + 1:02d}T10:00:00Z"
    return {"schedule": "dev", "level": level, "user": user, "start": start, "end": end, "source": source}


def test_a_schedule_is_shown_with_its_rotations_and_their_members(victor: Caller) -> None:
    dev, quiet = victor.items("/schedules")

    assert dev == victor.get("/schedules/dev").json()
    assert (dev["team"], dev["levels"], dev["timezone"]) == ("dev", ["L1", "L2"], "UTC")
    assert [member["users"] for member in dev["rotations"][0]["members"]] == [["alice"], ["bob"], ["carol"]]
    assert quiet["rotations"] == []


def test_an_unknown_schedule_is_told_the_known_ones(victor: Caller) -> None:
    assert "Known are: dev, quiet" in sentence(victor.get("/schedules/ops"), 404)


def test_shifts_that_meet_the_window_keep_their_own_start_and_end(victor: Caller) -> None:
    assert victor.items("/schedules/dev/shifts", **WEEK) == [
        shift("bob", "L1", 6),
        shift("carol", "L2", 6),
        shift("carol", "L1", 7),
        shift("alice", "L2", 7),
    ]


def test_a_shift_that_ends_where_the_window_begins_is_not_in_it(victor: Caller) -> None:
    window = {"from": "2026-01-07T10:00:00Z", "until": "2026-01-08T10:00:00Z"}

    assert victor.items("/schedules/dev/shifts", **window) == [shift("carol", "L1", 7), shift("alice", "L2", 7)]


@pytest.mark.parametrize(
    ("until", "said"),
    [("2026-01-06T12:00:00Z", "ends before it begins"), ("2027-06-06T12:00:00Z", "longer than 400 days")],
)
def test_a_window_that_makes_no_sense_gets_a_sentence(victor: Caller, until: str, said: str) -> None:
    answer = victor.get("/schedules/dev/shifts", **(WEEK | {"until": until}))

    assert said in sentence(answer, 400)


def test_my_shifts_are_those_of_the_token_s_owner(carol: Caller) -> None:
    assert carol.items("/users/me/shifts", **WEEK) == [shift("carol", "L2", 6), shift("carol", "L1", 7)]


def test_gaps_are_clipped_to_the_window(victor: Caller) -> None:
    assert victor.items("/schedules/dev/gaps", **WEEK) == []
    assert victor.items("/schedules/quiet/gaps", **WEEK) == [
        {"level": "L1", "start": "2026-01-06T12:00:00Z", "end": "2026-01-07T12:00:00Z"}
    ]


def test_problems_say_what_to_mend_and_when(victor: Caller) -> None:
    assert victor.get("/schedules/quiet/problems").json() == {
        "items": [
            {
                "kind": "gap",
                "sentence": "Nobody is on L1 now and for 90 days at least: add a rotation or an override.",
                "level": "L1",
                "user": None,
                "start": "2026-01-06T12:00:00Z",
                "end": "2026-04-06T12:00:00Z",
                "times": 1,
            }
        ],
        "next": None,
    }
    (unreachable,) = victor.items("/schedules/dev/problems")
    assert (unreachable["kind"], unreachable["user"], unreachable["level"]) == ("unreachable", "alice", "L2")
    assert (unreachable["start"], unreachable["end"]) == ("2026-01-07T10:00:00Z", "2026-01-08T10:00:00Z")


def test_problems_of_an_unknown_schedule_are_not_found(victor: Caller) -> None:
    assert "Known are: dev, quiet" in sentence(victor.get("/schedules/ops/problems"), 404)


def test_a_preview_gives_shifts_of_people_who_need_not_exist(victor: Caller) -> None:
    answer = victor.post("/schedules/preview", WEEK | {"schedule": DAYS})

    assert answer.json()["items"] == [shift("yuri", "L1", 6), shift("xenia", "L1", 7)]


def test_a_preview_stores_nothing(victor: Caller) -> None:
    before = victor.items("/schedules"), victor.items("/users")

    victor.post("/schedules/preview", WEEK | {"schedule": DAYS})

    assert (victor.items("/schedules"), victor.items("/users")) == before


def test_a_preview_asks_who_fits_a_rule_now(victor: Caller) -> None:
    ruled = DAYS["rotations"][0] | {"members": {"tagged": "developer", "not_in": []}}
    answer = victor.post("/schedules/preview", WEEK | {"schedule": DAYS | {"name": "new", "rotations": [ruled]}})

    assert [each["user"] for each in answer.json()["items"]] == ["bob", "carol"]


def test_a_preview_s_rule_leaves_out_the_members_of_stored_schedules(victor: Caller) -> None:
    ruled = DAYS["rotations"][0] | {"members": {"tagged": ["developer"], "not_in": ["dev"]}}
    answer = victor.post("/schedules/preview", WEEK | {"schedule": DAYS | {"name": "new", "rotations": [ruled]}})

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
        ({"rotations": [HOURLY | {"members": [f"p{i}" for i in range(1001)]}]}, "must have 1000 items at most"),
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
    answer = victor.post("/schedules/preview", WEEK | {"schedule": {"name": "dev", "levels": ["L1"]}})

    sentence(answer, 400)
    assert answer.json()["errors"] == ["schedules[0].timezone (dev): is missing"]

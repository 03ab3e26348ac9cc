import pytest

from tests.web.api.conftest import Caller, sentence

WEEK = {"from": "2026-01-06T12:00:00Z", "until": "2026-01-07T12:00:00Z"}


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

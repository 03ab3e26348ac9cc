import pytest

from tests.web.api.conftest import Caller, sentence

THREE_TURNS = {"from": "2026-01-05T10:00:00Z", "until": "2026-01-08T10:00:00Z"}


def test_everybody_s_hours_and_pages_in_the_window(victor: Caller) -> None:
    alice, *others = victor.items("/burden", **THREE_TURNS)

    assert alice == {
        "user": {"handle": "alice", "name": "Alice Archer"},
        "country": None,
        "timezone": "UTC",
        "total_hours": 48.0,
        "night_hours": 16.0,
        "weekend_hours": 0.0,
        "holiday_hours": None,
        "shifts": 2,
        "pages": 0,
        "night_pages": 0,
    }
    assert [(each["user"]["handle"], each["total_hours"]) for each in others] == [("bob", 48.0), ("carol", 48.0)]


def test_the_list_is_whole(victor: Caller) -> None:
    assert victor.get("/burden", **THREE_TURNS).json()["next"] is None


def test_without_a_window_it_is_what_came_until_now(victor: Caller) -> None:
    found = victor.items("/burden")

    assert [(each["user"]["handle"], each["total_hours"]) for each in found] == [
        ("bob", 26.0),
        ("alice", 24.0),
        ("carol", 2.0),
    ]


def test_one_schedule_can_be_asked_about(victor: Caller) -> None:
    assert len(victor.items("/burden", schedule="dev")) == 3
    assert victor.items("/burden", schedule="quiet") == []


def test_a_person_with_a_country_has_holidays(alice: Caller) -> None:
    alice.post("/config/apply", "users: [{handle: bob, country: de-by}]")

    (bob,) = [each for each in alice.items("/burden", **THREE_TURNS) if each["user"]["handle"] == "bob"]

    assert (bob["country"], bob["holiday_hours"]) == ("DE-BY", 24.0)  # the 6th of January


def test_csv_says_the_same(victor: Caller) -> None:
    answer = victor.get("/burden.csv", **THREE_TURNS, schedule="dev")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="burden-2026-01-05-2026-01-08.csv"'
    assert answer.text.splitlines() == [
        "handle,name,country,timezone,total_hours,night_hours,weekend_hours,holiday_hours,shifts,pages,night_pages",
        "alice,Alice Archer,,UTC,48.00,16.00,0.00,,2,0,0",
        "bob,Bob Baker,,UTC,48.00,16.00,0.00,,2,0,0",
        "carol,Carol Cohen,,UTC,48.00,16.00,0.00,,2,0,0",
    ]


@pytest.mark.parametrize("path", ["/burden", "/burden.csv"])
@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"from": "2026-01-06T13:00:00Z"}, 400, "ends before it begins"),
        ({"from": "2024-01-06T12:00:00Z"}, 400, "longer than 400 days"),
        ({"until": "tomorrow"}, 422, "is not a time"),
        ({"schedule": "ops"}, 404, "Known are: dev, quiet"),
    ],
)
def test_what_can_t_be_answered_gets_a_sentence(
    victor: Caller, path: str, query: dict[str, str], status: int, said: str
) -> None:
    assert said in sentence(victor.get(path, **query), status)

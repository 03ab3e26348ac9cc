import pytest

from tests.web.api.conftest import Caller, sentence

AT_NOON = [
    {
        "schedule": "dev",
        "level": "L1",
        "user": {"handle": "bob", "name": "Bob Baker"},
        "start": "2026-01-06T10:00:00Z",
        "end": "2026-01-07T10:00:00Z",
        "source": "rotation",
    },
    {
        "schedule": "dev",
        "level": "L2",
        "user": {"handle": "carol", "name": "Carol Cohen"},
        "start": "2026-01-06T10:00:00Z",
        "end": "2026-01-07T10:00:00Z",
        "source": "rotation",
    },
    {"schedule": "quiet", "level": "L1", "user": None, "start": None, "end": None, "source": None},
]


def test_every_level_of_every_schedule_is_answered_also_where_nobody_is_on(victor: Caller) -> None:
    answer = victor.get("/on-call")

    assert answer.json() == {"items": AT_NOON, "next": None}


def test_one_schedule_can_be_asked_about(victor: Caller) -> None:
    assert [row["schedule"] for row in victor.items("/on-call", schedule="quiet")] == ["quiet"]
    assert "no schedule" in sentence(victor.get("/on-call", schedule="Quiet!"), 404)


@pytest.mark.parametrize("at", ["2026-01-07T12:00:00Z", "2026-01-07T13:00:00+01:00", "2026-01-07T13:00+0100"])
def test_another_time_can_be_asked_about(bob: Caller, at: str) -> None:
    l1, *_ = bob.items("/on-call", at=at)

    assert l1["user"]["handle"] == "carol"


def test_a_plus_that_was_not_escaped_is_understood(bob: Caller) -> None:
    answer = bob.get("/on-call?at=2026-01-07T13:00:00+01:00")

    assert answer.json()["items"][0]["user"]["handle"] == "carol"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-01-07T12:00:00", "does not say its time zone"),
        ("2026-01-07", "does not say its time zone"),
        ("tomorrow", "is not a time"),
        ("", "is not a time"),
        ("1767787200", "is not a time"),
        ("9999-12-31T23:59:59-12:00", "too far away"),
    ],
)
def test_a_time_that_is_not_clear_gets_a_sentence(bob: Caller, at: str, said: str) -> None:
    detail = sentence(bob.get("/on-call", at=at), 422)

    assert said in detail
    assert detail.startswith("at: ")

from typing import Any

import pytest

from tests.web.api.conftest import Caller, Clock, sentence

TOMORROW = {
    "schedule": "dev",
    "level": "L1",
    "user": "alice",
    "start": "2026-01-07T12:00:00Z",
    "end": "2026-01-07T18:00:00Z",
}


def add(caller: Caller, **fields: Any) -> dict[str, Any]:
    answer = caller.post("/overrides", TOMORROW | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def l1(caller: Caller, at: str) -> tuple[str, str]:
    first = caller.items("/on-call", at=at)[0]
    return first["user"]["handle"], first["source"]


def test_an_override_puts_somebody_on_call_and_its_end_gives_the_level_back(bob: Caller) -> None:
    add(bob)

    assert l1(bob, "2026-01-07T12:00:00Z") == ("alice", "override")
    assert l1(bob, "2026-01-07T18:00:00Z") == ("carol", "rotation")


def test_an_override_says_who_made_it(bob: Caller) -> None:
    made = add(bob)

    assert made["created_by"] == {"handle": "bob", "name": "Bob Baker"}
    assert made["created_at"] == "2026-01-06T12:00:00Z"
    assert bob.get(f"/overrides/{made['id']}").json() == made
    assert bob.items("/overrides") == bob.items("/overrides", schedule="dev") == [made]
    assert bob.items("/overrides", schedule="quiet") == []


def test_a_list_of_overrides_goes_on_from_its_cursor(bob: Caller) -> None:
    made = [add(bob) for _ in range(3)]

    first = bob.get("/overrides", limit=2).json()
    rest = bob.get("/overrides", limit=2, cursor=first["next"]).json()

    assert first["items"] + rest["items"] == made
    assert rest["next"] is None


def test_an_override_that_is_still_to_come_can_be_taken_away(bob: Caller) -> None:
    made = add(bob)

    assert bob.delete(f"/overrides/{made['id']}").status_code == 204

    assert l1(bob, "2026-01-07T12:00:00Z") == ("carol", "rotation")
    assert "no override" in sentence(bob.get(f"/overrides/{made['id']}"), 404)


def test_an_override_that_has_begun_ends_now(bob: Caller, clock: Clock) -> None:
    made = add(bob)
    clock.advance(hours=25)

    bob.delete(f"/overrides/{made['id']}")

    assert l1(bob, "2026-01-07T12:30:00Z") == ("alice", "override")
    assert l1(bob, "2026-01-07T13:00:00Z") == ("carol", "rotation")


def test_an_override_that_has_ended_stays(bob: Caller, clock: Clock) -> None:
    made = add(bob)
    clock.advance(days=2)

    assert "the past can't be changed" in sentence(bob.delete(f"/overrides/{made['id']}"), 409)
    assert bob.items("/overrides") == []
    assert bob.items("/overrides", past=True) == [made]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"schedule": "ops"}, 404, "no schedule ops"),
        ({"user": "zoe"}, 404, "nobody with the handle zoe"),
        ({"level": "L3"}, 400, "has no level L3; it has L1, L2"),
        ({"end": "2026-01-07T12:00:00Z"}, 400, "ends before it starts"),
        ({"start": "2026-01-05T12:00:00Z", "end": "2026-01-06T12:00:00Z"}, 400, "wholly in the past"),
        ({"end": "2027-02-07T12:00:00Z"}, 400, "longer than a year"),
        ({"start": "2026-01-07T12:00:00"}, 422, "does not say its time zone"),
    ],
)
def test_an_override_that_makes_no_sense_gets_a_sentence(
    bob: Caller, fields: dict[str, str], status: int, said: str
) -> None:
    assert said in sentence(bob.post("/overrides", TOMORROW | fields), status)


def test_somebody_who_has_retired_can_t_be_put_on_call(alice: Caller) -> None:
    assert alice.delete("/users/victor").status_code == 204

    assert "has retired" in sentence(alice.post("/overrides", TOMORROW | {"user": "victor"}), 400)

"""Taking over now, and out of reach: at once, without asking first."""

from typing import Any

import pytest

from tests.conftest import Contents
from tests.web.api.conftest import COMPANY, SET_UP_AT, Caller, Clock, caller_of, sentence
from tests.web.api.swaps.conftest import MORE, answered, shifts

NOW = {"schedule": "dev", "level": "L1"}


@pytest.fixture
def contents() -> Contents:
    return Contents(SET_UP_AT, (COMPANY, MORE))


@pytest.fixture
def erin(alice: Caller) -> Caller:
    return caller_of(alice.client, "erin")


def l1(caller: Caller, level: int = 0) -> str:
    handle: str = caller.items("/on-call", schedule="dev")[level]["user"]["handle"]
    return handle


def take_over(caller: Caller, **fields: Any) -> Any:
    return caller.post("/swaps", {"kind": "take_now", "pieces": [NOW]} | fields)


def leave(caller: Caller, **fields: Any) -> Any:
    return caller.post("/out-of-reach", {"schedule": "dev"} | fields)


# Taking over


def test_taking_over_lasts_to_the_end_of_the_shift_and_the_relieved_person_is_told(bob: Caller, erin: Caller) -> None:
    swap = take_over(erin).json()

    assert swap["state"] == "accepted"
    assert shifts(bob)[:3] == ["L1 bob 06T10 06T12", "L2 carol 06T10 07T10", "L1 erin 06T12 07T10"]
    told = "Told Bob Baker: Erin Egan has taken over from you: dev L1 from Tue 6 Jan 12:00 to Wed 7 Jan 10:00 (UTC)."
    assert told in str(swap["events"])
    assert [row["id"] for row in bob.items("/swaps", mine=True)] == [swap["id"]]


def test_taking_over_may_end_sooner(bob: Caller, erin: Caller) -> None:
    assert take_over(erin, pieces=[NOW | {"end": "2026-01-06T13:00:00Z"}]).status_code == 201

    assert shifts(bob)[:4] == [
        "L1 bob 06T10 06T12",
        "L2 carol 06T10 07T10",
        "L1 erin 06T12 06T13",
        "L1 bob 06T13 07T10",
    ]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"pieces": [NOW | {"level": "L3"}]}, 400, "has no level L3"),
        ({"pieces": [NOW | {"end": "2026-01-06T12:00:00Z"}]}, 400, "must end after now"),
        ({"pieces": [NOW | {"end": "2026-01-07T10:00:01Z"}]}, 400, "The shift of Bob Baker ends before that"),
        ({"pieces": [{"schedule": "quiet", "level": "L1"}]}, 400, "Nobody is on quiet L1 now"),
        ({"pieces": [NOW, NOW]}, 400, "one level"),
        ({"to": ["carol"]}, 409, "Bob Baker has dev L1 now: look again"),
        ({"for": "carol"}, 400, "for themselves"),
    ],
)
def test_what_can_t_be_taken_over_gets_a_sentence(erin: Caller, fields: Any, status: int, said: str) -> None:
    assert said in sentence(take_over(erin, **fields), status)
    assert l1(erin) == "bob"


def test_the_rules_hold_for_whoever_takes_over(bob: Caller, carol: Caller, alice: Caller, victor: Caller) -> None:
    assert "Carol Cohen is on dev L2" in sentence(take_over(carol), 400)
    assert "Bob Baker is on dev L1 then already" in sentence(take_over(bob), 400)
    assert "Dave Dunn is on ops L1" in sentence(take_over(caller_of(alice.client, "dave")), 400)
    assert "no verified contact method" in sentence(take_over(caller_of(alice.client, "frank")), 400)
    assert take_over(victor).status_code == 403


def test_the_first_of_two_who_take_over_is_not_relieved_by_mistake(erin: Caller, alice: Caller) -> None:
    assert take_over(erin, to=["bob"]).status_code == 201

    assert "Erin Egan has dev L1 now" in sentence(take_over(alice, to=["bob"]), 409)


# Out of reach


def test_the_other_level_s_person_has_mine_for_half_an_hour_and_then_it_is_mine_again(
    bob: Caller, carol: Caller, clock: Clock
) -> None:
    swap = leave(bob, note="underground").json()

    assert (swap["state"], swap["expires_at"]) == ("running", "2026-01-06T12:30:00Z")
    assert "Told Carol Cohen: Bob Baker is out of reach: you have dev L1 from" in str(swap["events"])
    assert "“underground”" in str(swap["events"])
    assert (l1(bob), l1(bob, 1)) == ("carol", "carol")
    clock.advance(minutes=30)
    assert (l1(bob), l1(bob, 1)) == ("bob", "carol")


def test_somebody_chosen_may_refuse_which_ends_it_at_once(bob: Caller, erin: Caller, clock: Clock) -> None:
    swap = leave(bob, to="erin", minutes=60).json()
    clock.advance(minutes=5)
    assert l1(bob) == "erin"

    ended = answered(erin, swap, "decline")

    assert (ended["state"], ended["asked"][0]["answer"]) == ("refused", "declined")
    assert l1(bob) == "bob"
    assert "Told Bob Baker: Erin Egan can't cover for you: you have it again, now." in str(ended["events"])
    assert "refused: “refuse” is not possible" in sentence(erin.post(f"/swaps/{swap['id']}/decline"), 409)


def test_i_am_back_sooner(bob: Caller, carol: Caller, clock: Clock) -> None:
    swap = leave(bob).json()
    clock.advance(minutes=10)

    assert "Only Bob Baker can withdraw" in sentence(carol.post(f"/swaps/{swap['id']}/withdraw"), 403)
    assert answered(bob, swap, "withdraw")["state"] == "ended"
    assert l1(bob) == "bob"


def test_what_a_third_person_has_taken_meanwhile_stays_theirs(bob: Caller, alice: Caller, carol: Caller) -> None:
    swap = leave(bob, minutes=60).json()
    assert take_over(alice, pieces=[NOW | {"end": "2026-01-06T12:40:00Z"}]).status_code == 201

    answered(carol, swap, "decline")

    assert l1(bob) == "alice"
    assert "L1 bob 06T12 07T10" in shifts(bob)
    assert bob.items("/on-call", schedule="dev", at="2026-01-06T12:45:00Z")[0]["user"]["handle"] == "bob"


@pytest.mark.parametrize(
    ("fields", "status", "said", "field"),
    [
        ({"minutes": 0}, 400, "from 1 minute to 4 hours", "minutes"),
        ({"minutes": 241}, 400, "from 1 minute to 4 hours", "minutes"),
        ({"level": "L2"}, 400, "You are not on call for dev L2 now", "level"),
        ({"level": "L3"}, 400, "has no level L3", "level"),
        ({"schedule": "quiet"}, 400, "You are not on call for quiet now", "level"),
        ({"to": "victor"}, 400, "neither in a rotation", "to"),
        ({"to": "dave"}, 400, "Dave Dunn is on ops L1", "to"),
        ({"to": "bob"}, 400, "is on dev L1 then already", "to"),
    ],
)
def test_what_can_t_be_handed_over_gets_a_sentence(
    bob: Caller, fields: Any, status: int, said: str, field: str
) -> None:
    answer = leave(bob, **fields)

    assert said in sentence(answer, status)
    assert answer.json()["field"] == field
    assert bob.items("/swaps") == []


def test_it_lasts_no_longer_than_the_shift(bob: Caller, clock: Clock) -> None:
    clock.advance(hours=20)

    assert leave(bob, minutes=240).json()["pieces"][0]["end"] == "2026-01-07T10:00:00Z"


def test_with_nobody_on_the_other_level_somebody_must_be_chosen(alice: Caller) -> None:
    dave = caller_of(alice.client, "dave")

    said = sentence(dave.post("/out-of-reach", {"schedule": "ops"}), 409)

    assert said == "Nobody else is on call here now. Choose who covers."

"""Swaps where people have turns together: on the 6th bob and carol are on L1 of dev, alice and erin on L2."""

import pytest

from tests.conftest import Contents
from tests.web.api.conftest import COMPANY, SET_UP_AT, Caller, Clock, caller_of, sentence
from tests.web.api.swaps.conftest import EVENING, MORE, answered, ask, refused
from tests.web.api.test_swaps_at_once import FRANK_TOO
from tests.web.api.test_taking_over import NOW, leave, take_over

TOGETHER = """
schedules:
  - name: dev
    rotations:
      - {name: developers, members: [[bob, carol], [alice, erin]], start: 2026-01-06T10:00, shift: 1 day}
"""
BOTH = "Bob Baker and Carol Cohen"


@pytest.fixture
def contents() -> Contents:
    return Contents(SET_UP_AT, (COMPANY, MORE, FRANK_TOO, TOGETHER))


@pytest.fixture
def frank(alice: Caller) -> Caller:
    return caller_of(alice.client, "frank")


def on_l1(caller: Caller, at: str = "2026-01-06T20:00:00Z") -> list[str]:
    found = caller.items("/on-call", at=at)
    return sorted(row["user"]["handle"] for row in found if (row["schedule"], row["level"]) == ("dev", "L1"))


def test_one_of_two_gives_their_part_and_the_other_stays(bob: Caller, frank: Caller) -> None:
    answered(frank, ask(bob, EVENING, to=["frank"]), "accept")
    assert on_l1(bob) == ["carol", "frank"]

    answered(bob, ask(frank, EVENING, to=["bob"]), "accept")
    assert on_l1(bob) == ["bob", "carol"]


def test_nobody_gives_theirs_to_whoever_is_on_beside_them(bob: Caller) -> None:
    assert refused(bob, EVENING, to=["carol"]) == ("Carol Cohen is on dev L1 then already.", "to")


def test_whoever_asks_to_take_a_shift_of_several_says_whose(carol: Caller, frank: Caller) -> None:
    assert refused(frank, EVENING, kind="take") == (f"{BOTH} are on call together then: say whom you ask.", "to")

    swap = ask(frank, EVENING, kind="take", to=["carol"])
    assert [each["user"]["handle"] for each in swap["asked"]] == ["carol"]
    answered(carol, swap, "accept")

    assert on_l1(carol) == ["bob", "frank"]


def test_whoever_takes_over_says_whom_they_relieve(bob: Caller, frank: Caller) -> None:
    answer = take_over(frank)
    assert sentence(answer, 400) == f"{BOTH} have dev L1 now: say whom you relieve."
    assert answer.json()["field"] == "to"

    swap = take_over(frank, pieces=[NOW | {"end": "2026-01-06T18:00:00Z"}], to=["carol"]).json()

    assert on_l1(bob, "2026-01-06T12:00:00Z") == ["bob", "frank"]
    assert on_l1(bob, "2026-01-06T18:00:00Z") == ["bob", "carol"]
    assert "Told Carol Cohen: Frank Ford has taken over from you" in str(swap["events"])


def test_out_of_reach_goes_to_the_other_level_and_not_to_whoever_is_beside_me(
    bob: Caller, alice: Caller, clock: Clock
) -> None:
    swap = leave(bob).json()

    assert swap["asked"][0]["user"]["handle"] == "alice"
    assert on_l1(bob, "2026-01-06T12:00:00Z") == ["alice", "carol"]
    clock.advance(minutes=10)
    answered(alice, swap, "decline")
    assert on_l1(bob, "2026-01-06T12:10:00Z") == ["bob", "carol"]


def test_two_take_each_others_places_on_two_levels(bob: Caller, alice: Caller) -> None:
    there, back = EVENING, EVENING | {"level": "L2"}

    answered(alice, ask(bob, there, kind="trade", in_return=[back], to=["alice"]), "accept")

    assert on_l1(bob) == ["alice", "carol"]

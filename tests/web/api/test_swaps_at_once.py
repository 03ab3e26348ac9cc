"""Several people at the same moment, each in a thread, on both databases: one has it, the others are told who."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import col, select

from oncall.models import Override
from oncall.settings import Settings
from tests.application import database_of
from tests.client import TestClient
from tests.conftest import Contents
from tests.web.api.conftest import COMPANY, SET_UP_AT, Caller, Response, caller_of
from tests.web.api.swaps.conftest import MORE, ask, shifts

ROUNDS = 4
"""What goes wrong only now and then has more than one chance to show."""
FRANK_TOO = """
users: [{handle: frank, contact_methods: [{name: mobile, kind: sms, address: "+12025550106", verified: true}]}]
"""


@pytest.fixture
def contents() -> Contents:
    return Contents(SET_UP_AT, (COMPANY, MORE, FRANK_TOO))


@pytest.fixture(params=["sqlite_settings", "postgres_settings"])
def settings(request: pytest.FixtureRequest) -> Settings:
    chosen: Settings = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def takers(client: TestClient) -> list[Caller]:
    return [caller_of(client, handle) for handle in ("alice", "erin", "frank")]


def at_once(*requests: Callable[[], Response]) -> list[Response]:
    """The answers, to requests that are let go together."""
    gate = Barrier(len(requests))

    def send(request: Callable[[], Response]) -> Response:
        gate.wait(timeout=10)
        return request()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def hour(number: int) -> dict[str, str]:
    """One of bob's hours on L1."""
    return {"schedule": "dev", "level": "L1"} | {
        name: f"2026-01-06T{13 + number + ahead}:00:00Z" for ahead, name in enumerate(("start", "end"))
    }


def accepting(callers: Sequence[Caller], *swaps: dict[str, Any]) -> list[Callable[[], Response]]:
    """Each accepts one of the swaps, or all of them the only one."""
    each = swaps if len(swaps) > 1 else swaps * len(callers)
    return [
        lambda caller=caller, swap=swap: caller.post(f"/swaps/{swap['id']}/accept")  # type: ignore[misc]
        for caller, swap in zip(callers, each, strict=True)
    ]


def stored(client: TestClient) -> list[tuple[str, str]]:
    """The start and end of every override."""
    with database_of(client).read() as session:
        rows = session.exec(select(Override).order_by(col(Override.id)))
        return [(f"{row.starts_at:%dT%H}", f"{row.ends_at:%dT%H}") for row in rows]


def the_one(answers: Sequence[Response]) -> tuple[Response, list[str]]:
    """The only answer of success, and what all the others were told."""
    won = [answer for answer in answers if answer.is_success]
    lost = [answer for answer in answers if not answer.is_success]
    assert Counter(answer.status_code for answer in lost) == {409: len(answers) - 1}
    (winner,) = won
    return winner, [answer.json()["detail"] for answer in lost]


def test_of_all_who_accept_one_has_it_and_the_others_are_told_who(
    bob: Caller, takers: list[Caller], client: TestClient
) -> None:
    for number in range(ROUNDS):
        swap = ask(bob, hour(number), to=["alice", "erin", "frank"])

        won, lost = the_one(at_once(*accepting(takers, swap)))

        winner = won.json()["decided_for"]
        assert lost == [f"{winner['name']} has accepted this swap already, so it is settled."] * 2
        assert bob.get(f"/swaps/{swap['id']}").json()["pieces"][0]["taker"] == winner
    assert stored(client) == [(f"06T{13 + n}", f"06T{14 + n}") for n in range(ROUNDS)]


def test_of_all_whose_swaps_are_of_one_shift_one_has_it(bob: Caller, takers: list[Caller], client: TestClient) -> None:
    for number in range(ROUNDS):
        swaps = [ask(bob, hour(number), to=[handle]) for handle in ("alice", "erin", "frank")]

        won, lost = the_one(at_once(*accepting(takers, *swaps)))

        name = won.json()["decided_for"]["name"]
        assert all(f"is not a shift of Bob Baker: it is one of {name}." in said for said in lost)
    assert len(stored(client)) == ROUNDS


def test_somebody_who_accepts_two_things_at_the_same_time_is_not_on_call_twice(
    bob: Caller, carol: Caller, client: TestClient
) -> None:
    erin = caller_of(client, "erin")
    for number in range(ROUNDS):
        swaps = [ask(bob, hour(number), to=["erin"]), ask(carol, hour(number) | {"level": "L2"}, to=["erin"])]

        _, (said,) = the_one(at_once(*accepting([erin, erin], *swaps)))

        assert "Erin Egan is on dev L" in said
    assert len(stored(client)) == ROUNDS


def test_a_swap_taken_back_as_it_is_accepted_is_one_of_the_two(bob: Caller, client: TestClient) -> None:
    alice = caller_of(client, "alice")
    accepted = 0
    for number in range(ROUNDS):
        swap = ask(bob, hour(number), to=["alice"])
        path = f"/swaps/{swap['id']}"

        answers = at_once(lambda: alice.post(f"{path}/accept"), lambda: bob.post(f"{path}/withdraw"))  # noqa: B023

        won, _ = the_one(answers)
        accepted += won is answers[0]
        assert bob.get(path).json()["state"] == won.json()["state"]
    assert len(stored(client)) == accepted


def test_of_all_who_take_over_now_one_relieves_the_person(
    bob: Caller, takers: list[Caller], client: TestClient
) -> None:
    body = {"kind": "take_now", "pieces": [{"schedule": "dev", "level": "L1"}], "to": ["bob"]}

    won, lost = the_one(at_once(*(lambda caller=each: caller.post("/swaps", body) for each in takers)))  # type: ignore

    name = won.json()["asker"]["name"]
    assert lost == [f"{name} has dev L1 now: look again before you take it over."] * 2
    assert stored(client) == [("06T12", "07T10")]


def test_several_pieces_are_had_all_or_none_whoever_is_first(
    bob: Caller, takers: list[Caller], client: TestClient
) -> None:
    """Erin would have two hours of bob's; frank the second of them."""
    _, erin, frank = takers
    both, second = ask(bob, hour(0), hour(1), to=["erin"]), ask(bob, hour(1), to=["frank"])

    won, lost = the_one(at_once(*accepting([erin, frank], both, second)))

    if won.json()["id"] == both["id"]:
        assert stored(client) == [("06T13", "06T14"), ("06T14", "06T15")]
    else:
        assert "it is one of Frank Ford" in lost[0]
        assert stored(client) == [("06T14", "06T15")]


def test_of_several_pieces_that_can_t_all_be_had_nothing_changes(
    bob: Caller, alice: Caller, client: TestClient
) -> None:
    swap = ask(bob, hour(0), hour(1), hour(2), to=["erin"])
    override = hour(2) | {"user": "alice", "confirm": True}
    assert alice.post("/overrides", override).status_code == 201
    before, at_first = shifts(bob), stored(client)

    answer = caller_of(client, "erin").post(f"/swaps/{swap['id']}/accept")

    assert "dev L1 from Tue 6 Jan 15:00 to 16:00 (UTC) is not a shift of Bob Baker" in answer.json()["detail"]
    assert (shifts(bob), stored(client)) == (before, at_first)
    same = bob.get(f"/swaps/{swap['id']}").json()
    assert (same["state"], same["asked"]) == ("offered", swap["asked"])
    assert same["pieces"] == swap["pieces"]


def test_a_trade_is_had_both_ways_or_not_at_all(bob: Caller, alice: Caller, client: TestClient) -> None:
    """While a manager gives away what bob would have had in return."""
    back = {"schedule": "dev", "level": "L2", "start": "2026-01-07T12:00:00Z", "end": "2026-01-07T16:00:00Z"}
    swap = ask(bob, hour(0), kind="trade", in_return=[back])

    answers = at_once(
        lambda: alice.post(f"/swaps/{swap['id']}/accept"),
        lambda: alice.post("/overrides", back | {"user": "frank", "confirm": True}),
    )

    assert answers[1].status_code == 201
    made = stored(client)
    if answers[0].is_success:
        assert sorted(made) == [("06T13", "06T14"), ("07T12", "07T16"), ("07T12", "07T16")]
    else:
        assert "is not a shift of Alice Archer" in answers[0].json()["detail"]
        assert made == [("07T12", "07T16")]

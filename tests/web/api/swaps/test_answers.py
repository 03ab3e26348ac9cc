"""A swap is accepted, declined, withdrawn or decided by a manager, by whoever may, and in time."""

from tests.web.api.conftest import Caller, Clock, sentence
from tests.web.api.swaps.conftest import EVENING, answered, ask, notices_of, refused, shifts, story


def test_a_swap_is_declined_by_the_last_of_those_asked(bob: Caller, alice: Caller, erin: Caller) -> None:
    swap = ask(bob, EVENING, to=["alice", "erin"])

    first = answered(alice, swap, "decline")
    assert first["state"] == "offered"
    assert "Told Bob Baker: Alice Archer can't: dev L1 from Tue 6 Jan 18:00 to 22:00 (UTC). 1 still to answer." in str(
        first
    )
    assert answered(erin, swap, "decline")["state"] == "declined"
    assert notices_of(bob) == [
        "Alice Archer can't: dev L1 from Tue 6 Jan 18:00 to 22:00 (UTC). 1 still to answer.",
        "Erin Egan can't: dev L1 from Tue 6 Jan 18:00 to 22:00 (UTC). Nobody is left to ask: it stays as it was.",
    ]
    assert "declined: “accept” is not possible" in sentence(erin.post(f"/swaps/{swap['id']}/accept"), 409)


def test_whoever_said_no_may_think_better_of_it(bob: Caller, alice: Caller) -> None:
    swap = ask(bob, EVENING, to=["alice", "erin"])
    answered(alice, swap, "decline")

    assert answered(alice, swap, "accept")["state"] == "accepted"


def test_a_swap_is_withdrawn_by_whoever_asked_and_nobody_else(bob: Caller, alice: Caller, erin: Caller) -> None:
    swap = ask(bob, EVENING, to=["erin"])

    assert "Only Bob Baker can withdraw" in sentence(erin.post(f"/swaps/{swap['id']}/withdraw"), 403)
    assert answered(bob, swap, "withdraw")["state"] == "withdrawn"
    assert "withdrawn: “accept” is not possible" in sentence(erin.post(f"/swaps/{swap['id']}/accept"), 409)


def test_a_swap_is_answered_only_by_those_asked(bob: Caller, carol: Caller, victor: Caller) -> None:
    path = f"/swaps/{ask(bob, EVENING, to=['erin'])['id']}"

    assert "Carol Cohen was not asked" in sentence(carol.post(f"{path}/accept"), 403)
    assert "Bob Baker was not asked" in sentence(bob.post(f"{path}/decline"), 403)
    assert "role (viewer) does not allow" in sentence(victor.post(f"{path}/accept"), 403)
    assert "no swap 99" in sentence(bob.post("/swaps/99/accept"), 404)


def test_too_late_is_too_late(bob: Caller, erin: Caller, clock: Clock) -> None:
    swap = ask(bob, EVENING, to=["erin"])
    clock.advance(hours=6)

    assert "has expired" in sentence(erin.post(f"/swaps/{swap['id']}/accept"), 409)


def test_a_manager_decides_for_somebody_absent_on_the_record(alice: Caller, bob: Caller, erin: Caller) -> None:
    swap = ask(bob, EVENING, to=["erin"])

    assert "decide for Erin Egan" in sentence(bob.post(f"/swaps/{swap['id']}/accept", {"for": "erin"}), 403)
    done = answered(alice, swap, "accept", **{"for": "erin"})

    assert (done["decided_by"]["handle"], done["decided_for"]["handle"]) == ("alice", "erin")
    assert "Alice Archer: Alice Archer, for Erin Egan, accepts" in story(done)
    assert "L1 erin 06T18 06T22" in shifts(bob)
    assert notices_of(erin)[-1].startswith("Alice Archer, for Erin Egan, has accepted Bob Baker's swap. You are on")


def test_whoever_is_decided_for_hears_of_it(alice: Caller, bob: Caller, erin: Caller) -> None:
    swap = ask(alice, EVENING, to=["erin"], **{"for": "bob"})
    said = "{} in your name: dev L1 from Tue 6 Jan 18:00 to 22:00 (UTC). To see it on the page Swaps."
    assert notices_of(bob) == [said.format("Alice Archer asks for a swap")]

    answered(alice, swap, "decline", **{"for": "erin"})
    assert notices_of(erin)[-1] == said.format("Alice Archer has declined")

    answered(alice, ask(bob, EVENING, to=["erin"]), "withdraw", **{"for": "bob"})
    assert notices_of(bob)[-1] == said.format("Alice Archer has withdrawn a swap")


def test_a_manager_asks_and_withdraws_for_somebody_absent(alice: Caller, bob: Caller, erin: Caller) -> None:
    assert "decide for Bob Baker" in refused(erin, EVENING, to=["erin"], **{"for": "bob"})[0]

    swap = ask(alice, EVENING, to=["erin"], **{"for": "bob"})
    assert (swap["asker"]["handle"], swap["made_by"]["handle"]) == ("bob", "alice")
    assert answered(alice, swap, "withdraw", **{"for": "bob"})["decided_for"]["handle"] == "bob"

"""Swaps are asked for, and stored as overrides once somebody has agreed: given, taken and traded."""

from tests.web.api.conftest import Caller, Clock, caller_of, sentence
from tests.web.api.swaps.conftest import BOBS, BOBS_NEXT, EVENING, PLANNED, answered, ask, refused, shifts, story


def test_a_shift_is_given_once_somebody_accepts(bob: Caller, erin: Caller) -> None:
    swap = ask(bob, EVENING, to=["erin"], note="concert")

    assert (swap["state"], swap["expires_at"]) == ("offered", "2026-01-06T18:00:00Z")
    assert shifts(bob) == PLANNED
    assert [each["id"] for each in erin.items("/swaps", mine=True, open=True)] == [swap["id"]]

    done = answered(erin, swap, "accept")

    assert (done["state"], done["decided_by"]["handle"], done["decided_for"]["handle"]) == ("accepted", "erin", "erin")
    assert done["pieces"][0]["taker"]["handle"] == "erin"
    assert shifts(bob)[:4] == [
        "L1 bob 06T10 06T18",
        "L2 carol 06T10 07T10",
        "L1 erin 06T18 06T22",
        "L1 bob 06T22 07T10",
    ]
    assert erin.items("/swaps", open=True) == []


def test_the_story_says_who_did_what_and_who_was_told(bob: Caller, erin: Caller) -> None:
    swap = answered(erin, ask(bob, EVENING, to=["erin"], note="concert"), "accept")

    piece = "dev L1 from Tue 6 Jan 18:00 to 22:00 (UTC)"
    assert story(swap) == [
        "Bob Baker: Bob Baker asks",
        f"engine: Told Erin Egan: Bob Baker asks: can you take {piece}? “concert” Answer on the page Swaps.",
        "Erin Egan: Erin Egan accepts",
        f"engine: Told Bob Baker: Erin Egan has accepted your swap. You are off {piece}.",
        f"engine: Told Erin Egan: Erin Egan has accepted Bob Baker's swap. You are on {piece}.",
    ]
    assert [event["kind"] for event in swap["events"]] == ["offered", "told", "accepted", "told", "told"]


def test_offered_to_several_whoever_is_first_has_it_and_the_next_is_told_who(
    bob: Caller, alice: Caller, erin: Caller
) -> None:
    swap = ask(bob, EVENING, to=["alice", "erin"])

    assert "Told Alice Archer: Settled, nothing to do for you: Erin Egan takes" in str(answered(erin, swap, "accept"))
    assert "Erin Egan has accepted this swap already" in sentence(alice.post(f"/swaps/{swap['id']}/accept"), 409)


def test_offered_to_everybody_eligible_it_asks_those_whom_no_rule_forbids(bob: Caller, alice: Caller) -> None:
    swap = ask(bob, EVENING)

    assert swap["to_everybody"]
    # carol is L2 then, dave on ops, frank can't be paged
    assert [each["user"]["handle"] for each in swap["asked"]] == ["alice", "erin"]
    assert answered(alice, swap, "accept")["state"] == "accepted"


def test_nobody_eligible_is_said_at_once(bob: Caller, alice: Caller) -> None:
    for who in ("alice", "erin"):
        away = {"user": who, "start": "2026-01-06T12:00:00Z", "end": "2026-01-07T12:00:00Z"}
        assert alice.post("/absences", away).status_code == 201

    said = refused(bob, EVENING)[0]
    assert said.startswith("Nobody who is eligible is free then. Alice Archer is away from Tue 6 Jan ")
    assert "Frank Ford can't be paged" in said


def test_several_pieces_are_one_swap(bob: Caller, erin: Caller) -> None:
    swap = ask(bob, EVENING, BOBS_NEXT, to=["erin"])

    answered(erin, swap, "accept")

    assert "L1 erin 06T18 06T22" in shifts(bob)
    assert "L2 erin 08T10 09T10" in shifts(bob)


def test_a_piece_that_runs_goes_from_now_on_and_can_be_taken_until_it_ends(
    bob: Caller, erin: Caller, clock: Clock
) -> None:
    swap = ask(bob, BOBS, to=["alice"])
    assert swap["pieces"][0]["start"] == "2026-01-06T12:00:00Z"
    assert swap["expires_at"] == "2026-01-07T10:00:00Z"

    clock.advance(hours=2)
    answered(caller_of(bob.client, "alice"), swap, "accept")

    assert shifts(bob)[0] == "L1 bob 06T10 06T14"
    assert "L1 alice 06T14 07T10" in shifts(bob)


def test_a_shift_is_taken_only_when_its_person_agrees(bob: Caller, erin: Caller) -> None:
    swap = ask(erin, EVENING, kind="take")

    assert [each["user"]["handle"] for each in swap["asked"]] == ["bob"]
    assert "may I take your dev L1 from Tue 6 Jan 18:00 to 22:00 (UTC)?" in str(swap)
    assert shifts(bob) == PLANNED
    answered(bob, swap, "accept")
    assert "L1 erin 06T18 06T22" in shifts(bob)


def test_shifts_are_traded_both_ways(bob: Caller, carol: Caller, alice: Caller) -> None:
    back = {"schedule": "dev", "level": "L2", "start": "2026-01-07T12:00:00Z", "end": "2026-01-07T16:00:00Z"}
    swap = ask(bob, EVENING, kind="trade", in_return=[back], to=["alice"])
    assert "will you take dev L1 from Tue 6 Jan 18:00 to 22:00 (UTC), if I take your dev L2 from Wed 7" in str(swap)

    answered(alice, swap, "accept")

    assert "L1 alice 06T18 06T22" in shifts(bob)
    assert "L2 bob 07T12 07T16" in shifts(bob)


def test_a_trade_of_which_one_way_fails_stores_nothing(bob: Caller, alice: Caller) -> None:
    back = {"schedule": "dev", "level": "L2", "start": "2026-01-07T12:00:00Z", "end": "2026-01-07T16:00:00Z"}
    swap = ask(bob, EVENING, kind="trade", in_return=[back])
    override = {"schedule": "dev", "level": "L2", "user": "carol", "start": back["start"], "end": back["end"]}
    assert alice.post("/overrides", override | {"level": "L2", "user": "erin", "confirm": True}).status_code == 201

    said = sentence(alice.post(f"/swaps/{swap['id']}/accept"), 409)

    assert "dev L2 from Wed 7 Jan 12:00 to 16:00 (UTC) is not a shift of Alice Archer: it is one of Erin Egan" in said
    assert shifts(bob)[:3] == PLANNED[:3]
    assert bob.get(f"/swaps/{swap['id']}").json()["pieces"][0]["taker"]["handle"] == "alice"
    assert bob.get(f"/swaps/{swap['id']}").json()["state"] == "offered"


def test_whoever_gets_back_a_part_of_their_turn_is_not_asked_for_rest_before_it(alice: Caller, bob: Caller) -> None:
    assert alice.post("/config/apply", "schedules: [{name: dev, rest: 2h}]").status_code == 200
    answered(alice, ask(bob, EVENING, to=["alice"]), "accept")

    answered(alice, ask(bob, EVENING, kind="take"), "accept")

    assert shifts(bob) == PLANNED


def test_lists_are_newest_first_filtered_and_go_on_from_their_cursor(bob: Caller, carol: Caller, erin: Caller) -> None:
    made = [ask(bob, EVENING, to=["erin"], note=note)["id"] for note in "abc"]
    answered(bob, {"id": made[0]}, "withdraw")

    first = bob.get("/swaps", limit=2).json()
    assert [row["id"] for row in first["items"]] == [made[2], made[1]]
    assert [row["id"] for row in bob.items("/swaps", cursor=first["next"])] == [made[0]]
    assert [row["id"] for row in erin.items("/swaps", mine=True, open=True)] == [made[2], made[1]]
    assert carol.items("/swaps", mine=True) == []
    assert len(bob.items("/swaps", schedule="dev")) == 3
    assert bob.items("/swaps", schedule="ops") == []


def test_what_is_asked_twice_is_there_once_and_told_once(bob: Caller, erin: Caller) -> None:
    first, again, other = (ask(bob, EVENING, to=["erin"], note=note) for note in ("concert", "concert", "please"))

    assert again["id"] == first["id"] != other["id"]
    answered(bob, first, "withdraw")
    assert ask(bob, EVENING, to=["erin"], note="concert")["id"] != first["id"]


def test_nobody_has_hundreds_of_swaps_under_way(bob: Caller) -> None:
    for number in range(50):
        ask(bob, EVENING, to=["erin"], note=str(number))

    assert "50 swaps under way" in sentence(bob.post("/swaps", {"kind": "give", "pieces": [EVENING]}), 409)

"""Swaps: asked for, answered, and stored as overrides once somebody has agreed.

Turns of dev last a day and begin at 10:00 UTC. On the 6th bob is L1 and carol L2, on the 7th carol and alice, on the
8th alice and bob. Dave and erin are in the team; dave is on ops on the 6th, erin on the 7th.
"""

from typing import Any

import pytest

from tests.web.api.conftest import Caller, Clock, caller_of, sentence

MORE = """
users:
  - {handle: alice, contact_methods: [{name: mobile, kind: sms, address: "+12025550101", verified: true}]}
  - handle: dave
    name: Dave Dunn
    contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]
  - handle: erin
    name: Erin Egan
    contact_methods: [{name: mobile, kind: sms, address: "+12025550105", verified: true}]
  - {handle: frank, name: Frank Ford}
teams:
  - {name: dev, members: [bob, carol, dave, erin, frank]}
schedules:
  - name: ops
    timezone: UTC
    levels: [L1]
    rotations:
      - {name: operators, members: [dave, erin], start: 2026-01-06T10:00, shift: 1 day}
"""

BOBS = {"schedule": "dev", "level": "L1", "start": "2026-01-06T10:00:00Z", "end": "2026-01-07T10:00:00Z"}
EVENING = BOBS | {"start": "2026-01-06T18:00:00Z", "end": "2026-01-06T22:00:00Z"}
BOBS_NEXT = {"schedule": "dev", "level": "L2", "start": "2026-01-08T10:00:00Z", "end": "2026-01-09T10:00:00Z"}
ALICES = {"schedule": "dev", "level": "L1", "start": "2026-01-08T10:00:00Z", "end": "2026-01-09T10:00:00Z"}
CAROLS = {"schedule": "dev", "level": "L1", "start": "2026-01-07T10:00:00Z", "end": "2026-01-08T10:00:00Z"}
PLANNED = [
    "L1 bob 06T10 07T10",
    "L2 carol 06T10 07T10",
    "L1 carol 07T10 08T10",
    "L2 alice 07T10 08T10",
    "L1 alice 08T10 09T10",
    "L2 bob 08T10 09T10",
]


@pytest.fixture(autouse=True)
def _more(alice: Caller) -> None:
    assert alice.post("/config/apply", MORE).status_code == 200


@pytest.fixture
def dave(alice: Caller, _more: None) -> Caller:
    return caller_of(alice.client, "dave")


@pytest.fixture
def erin(alice: Caller, _more: None) -> Caller:
    return caller_of(alice.client, "erin")


def shifts(caller: Caller) -> list[str]:
    window = {"from": "2026-01-06T10:00:00Z", "until": "2026-01-09T10:00:00Z"}
    found = caller.items("/schedules/dev/shifts", **window)
    return [f"{s['level']} {s['user']} {s['start'][8:13]} {s['end'][8:13]}" for s in found]


def ask(caller: Caller, *pieces: dict[str, str], kind: str = "give", **fields: Any) -> dict[str, Any]:
    answer = caller.post("/swaps", {"kind": kind, "pieces": list(pieces)} | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def refused(caller: Caller, *pieces: dict[str, str], kind: str = "give", **fields: Any) -> tuple[str, str | None]:
    """The sentence, and the field that it names."""
    answer = caller.post("/swaps", {"kind": kind, "pieces": list(pieces)} | fields)
    assert answer.status_code in (400, 403, 409), answer.text
    assert caller.items("/swaps") == []
    return answer.json()["detail"], answer.json().get("field")


def answered(caller: Caller, swap: dict[str, Any], how: str, **fields: Any) -> dict[str, Any]:
    answer = caller.post(f"/swaps/{swap['id']}/{how}", fields or None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def story(swap: dict[str, Any]) -> list[str]:
    return [f"{event['by'] or 'engine'}: {event['text']}" for event in swap["events"]]


def notices_of(caller: Caller) -> list[str]:
    """What they have been told, oldest first."""
    return [notice["text"] for notice in caller.items("/users/me/notices")][::-1]


# Give


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


# Take and trade


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


# Answers


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


# What is refused when asked


@pytest.mark.parametrize(
    ("piece", "fields", "said", "field"),
    [
        (CAROLS, {"to": ["erin"]}, "is not a shift of Bob Baker: it is one of Carol Cohen", "pieces[0]"),
        (
            BOBS | {"end": "2026-01-07T12:00:00Z"},
            {"to": ["erin"]},
            "from Wed 7 Jan 10:00 to 12:00 (UTC) is not",
            "pieces[0]",
        ),
        (BOBS | {"level": "L3"}, {}, "has no level L3", "pieces[0].level"),
        (BOBS | {"end": "2026-01-06T10:00:00Z"}, {}, "ends before it starts", "pieces[0].end"),
        (BOBS | {"end": "2026-01-06T12:00:00Z"}, {}, "past time can't be swapped", "pieces[0].end"),
        (BOBS | {"end": "2027-01-07T12:00:01Z"}, {}, "more than a year ahead", "pieces[0].end"),
        (EVENING, {"to": []}, "Say whom to ask", "to"),
        (EVENING, {"to": ["bob"]}, "Bob Baker is on dev L1 then already", "to"),
        (EVENING, {"to": ["victor"]}, "neither in a rotation of dev L1 nor in the schedule's team", "to"),
        (EVENING, {"to": ["frank"]}, "no verified contact method", "to"),
        (EVENING, {"to": ["carol"]}, "Carol Cohen is on dev L2 from Tue 6 Jan 18:00 to 22:00 (UTC) too", "to"),
        (EVENING, {"to": ["dave"]}, "Dave Dunn is on ops L1 from Tue 6 Jan 18:00 to 22:00 (UTC) too", "to"),
        (EVENING, {"expires": "2026-01-06T12:00:00Z"}, "must expire after now", "expires"),
        (EVENING, {"expires": "2026-01-06T22:00:01Z"}, "must expire after now", "expires"),
        (EVENING, {"in_return": [CAROLS]}, "Only a trade", "in_return"),
        (EVENING, {"kind": "out_of_reach"}, "begins at once", "kind"),
        (EVENING, {"kind": "take"}, "your own shift", "pieces[0]"),
        (CAROLS, {"kind": "take", "to": ["erin"]}, "a shift of Carol Cohen, so they are the one to ask", "to"),
        (EVENING, {"kind": "trade"}, "at least one piece", "in_return"),
        ({**EVENING, "start": None}, {}, "from when until when", "pieces[0].start"),
    ],
)
def test_a_swap_that_can_t_be_gets_a_sentence_and_stores_nothing(
    bob: Caller, piece: dict[str, str], fields: dict[str, Any], said: str, field: str
) -> None:
    found, named = refused(bob, piece, **fields)

    assert said in found
    assert named == field


def test_pieces_that_overlap_or_are_of_two_people_are_refused(bob: Caller, erin: Caller) -> None:
    assert refused(bob, BOBS, EVENING) == ("Two pieces of the swap overlap: name each time once.", "pieces[1]")
    assert "Bob Baker and Carol Cohen: ask each" in refused(erin, BOBS, CAROLS, kind="take")[0]
    nobody = {**EVENING, "schedule": "quiet"}
    assert refused(erin, nobody, kind="take") == (
        "Nobody is on call there then, so there is nobody to ask.",
        "pieces[0]",
    )


def test_rest_that_would_be_too_short_is_refused(alice: Caller, bob: Caller) -> None:
    assert alice.post("/config/apply", "schedules: [{name: dev, rest: 7h}]").status_code == 200

    said, field = refused(bob, EVENING | {"end": "2026-01-07T04:00:00Z"}, to=["alice"])

    assert said == "Alice Archer would have 6 h of rest between dev L1 and dev L2; dev asks for 7 h."
    assert field == "to"
    ask(bob, EVENING | {"end": "2026-01-06T22:00:00Z"}, to=["alice"])


def test_somebody_away_is_not_asked_by_others_and_may_still_agree(alice: Caller, bob: Caller, erin: Caller) -> None:
    swap = ask(bob, EVENING, to=["erin"])
    away = {"start": "2026-01-06T20:00:00Z", "end": "2026-01-07T12:00:00Z"}
    assert erin.post("/absences", away).status_code == 201
    said = sentence(bob.post("/swaps", {"kind": "give", "pieces": [EVENING], "to": ["erin"]}), 400)
    assert said == "Erin Egan is away from Tue 6 Jan 20:00 to 22:00 (UTC)."
    assert "Erin Egan is away" in sentence(alice.post(f"/swaps/{swap['id']}/accept", {"for": "erin"}), 409)

    assert "Agreed all the same: Erin Egan is away" in str(answered(erin, swap, "accept"))


FIRST_TIMERS = """
users: [{handle: carol, experienced: [dev]}, {handle: bob, experienced: [dev]}, {handle: alice, experienced: [dev]}]
schedules:
  - name: dev
    rotations:
      - {name: developers, members: [alice, bob, carol], start: 2026-01-05T10:00, shift: 1 day, first_shift_level: L1}
"""


def test_a_first_timer_takes_l1_only_and_beside_somebody_experienced(
    alice: Caller, bob: Caller, carol: Caller, erin: Caller
) -> None:
    assert alice.post("/config/apply", FIRST_TIMERS).status_code == 200
    l2 = EVENING | {"level": "L2"}

    said, _ = refused(carol, l2, to=["erin"])

    assert said == "Erin Egan has finished no shift on dev L1 yet, and first-timers are L1 only."
    answered(erin, ask(bob, EVENING, to=["erin"]), "accept")


# What is refused when accepted: the situation has changed in between

TOO_LATE: list[tuple[str, Any, str]] = [
    (
        "the shift is another's",
        ("/overrides", EVENING | {"user": "carol", "confirm": True}),
        "is not a shift of Bob Baker",
    ),
    ("a double booking", ("/overrides", EVENING | {"schedule": "ops", "user": "erin"}), "Erin Egan is on ops L1"),
    (
        "no longer in the team",
        ("/config/apply", "teams: [{name: dev, members: [bob, carol]}]"),
        "nor in the schedule's",
    ),
    ("less rest", ("/config/apply", "schedules: [{name: dev, rest: 24h}]"), "Erin Egan would have 12 h of rest"),
    (
        "first-timers",
        ("/config/apply", FIRST_TIMERS.replace("first_shift_level: L1", "first_shift_level: L2")),
        "L2 only",
    ),
]


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in TOO_LATE], ids=[row[0] for row in TOO_LATE])
def test_what_has_changed_since_is_checked_when_somebody_accepts(
    alice: Caller, bob: Caller, erin: Caller, change: tuple[str, Any], said: str
) -> None:
    swap = ask(bob, EVENING, to=["erin"])
    assert alice.post(*change).status_code in (200, 201)
    before = shifts(bob)

    refusal = sentence(erin.post(f"/swaps/{swap['id']}/accept"), 409)

    assert refusal.startswith("This swap is not possible any more: ")
    assert said in refusal
    assert shifts(bob) == before
    assert bob.get(f"/swaps/{swap['id']}").json()["state"] == "offered"


def test_somebody_who_can_t_be_paged_any_more_can_t_accept(bob: Caller, erin: Caller) -> None:
    swap = ask(bob, EVENING, to=["erin"])
    (method,) = erin.items("/users/me/contact-methods")
    assert erin.delete(f"/users/me/contact-methods/{method['id']}?confirm=true").status_code == 204

    assert "Erin Egan can't be paged" in sentence(erin.post(f"/swaps/{swap['id']}/accept"), 409)


def test_the_second_swap_of_one_shift_finds_it_gone(bob: Caller, alice: Caller, erin: Caller) -> None:
    first, second = ask(bob, EVENING, to=["erin"]), ask(bob, EVENING, to=["alice"])
    answered(erin, first, "accept")

    assert "it is one of Erin Egan" in sentence(alice.post(f"/swaps/{second['id']}/accept"), 409)


# Lists


def test_lists_are_newest_first_filtered_and_go_on_from_their_cursor(bob: Caller, carol: Caller, erin: Caller) -> None:
    made = [ask(bob, EVENING, to=["erin"])["id"] for _ in range(3)]
    answered(bob, {"id": made[0]}, "withdraw")

    first = bob.get("/swaps", limit=2).json()
    assert [row["id"] for row in first["items"]] == [made[2], made[1]]
    assert [row["id"] for row in bob.items("/swaps", cursor=first["next"])] == [made[0]]
    assert [row["id"] for row in erin.items("/swaps", mine=True, open=True)] == [made[2], made[1]]
    assert carol.items("/swaps", mine=True) == []
    assert len(bob.items("/swaps", schedule="dev")) == 3
    assert bob.items("/swaps", schedule="ops") == []


def test_nobody_has_hundreds_of_swaps_under_way(bob: Caller) -> None:
    for _ in range(50):
        ask(bob, EVENING, to=["erin"])

    assert "50 swaps under way" in sentence(bob.post("/swaps", {"kind": "give", "pieces": [EVENING]}), 409)

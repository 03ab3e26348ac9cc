"""What no swap may do is refused when it is asked for, and again when somebody accepts."""

from typing import Any

import pytest

from tests.web.api.conftest import Caller, sentence
from tests.web.api.swaps.conftest import BOBS, BOBS_NEXT, CAROLS, EVENING, answered, ask, refused, shifts


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


def test_the_second_swap_of_one_shift_ends_and_whoever_waits_is_told(bob: Caller, alice: Caller, erin: Caller) -> None:
    first, second, another = (
        ask(bob, EVENING, to=["erin"]),
        ask(bob, BOBS, to=["alice"]),
        ask(bob, BOBS_NEXT, to=["erin"]),
    )
    why = "dev L1 from Tue 6 Jan 18:00 to 22:00 (UTC) is not a shift of Bob Baker: it is one of Erin Egan."

    answered(erin, first, "accept")

    ended = bob.get(f"/swaps/{second['id']}").json()
    assert ended["state"] == "expired"
    assert [event["text"] for event in ended["events"][-3:]] == [
        f"It can't be had any more: {why}",
        f"Told Bob Baker: Your swap can't be had any more, since the shifts have changed: {why} "
        "Ask anew on the page Swaps.",
        "Told Alice Archer: Bob Baker asks no more, nothing to do for you: the shifts have changed since.",
    ]
    assert sentence(alice.post(f"/swaps/{second['id']}/accept"), 409) == (
        f"This swap has expired. It can't be had any more: {why}"
    )
    assert bob.get(f"/swaps/{another['id']}").json()["state"] == "offered"


def test_whoever_takes_over_ends_what_was_offered_of_the_rest(bob: Caller, alice: Caller, erin: Caller) -> None:
    swap = ask(bob, EVENING, to=["alice"])

    ask(erin, {"schedule": "dev", "level": "L1"}, kind="take_now")

    assert bob.get(f"/swaps/{swap['id']}").json()["state"] == "expired"


@pytest.mark.parametrize(
    ("lists", "of"),
    [
        ({"pieces": [EVENING] * 21}, "pieces: must have at most 20 items"),
        ({"kind": "trade", "in_return": [CAROLS] * 21}, "in_return: must have at most 20 items"),
        ({"to": ["erin"] * 501}, "to: must have at most 500 items"),
    ],
)
def test_a_list_without_end_is_refused_before_its_names_are_looked_up(
    bob: Caller, lists: dict[str, Any], of: str
) -> None:
    assert of in sentence(bob.post("/swaps", {"kind": "give", "pieces": [EVENING]} | lists), 422)

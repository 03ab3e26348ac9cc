"""Asking for cover, answering, taking over and being out of reach, by hand and without JavaScript."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.models import SwapPiece
from oncall.rota import coverage
from oncall.rota.plans import find_schedule
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, fire
from tests.web.pages.conftest import NOW, Clock

MORE = """
users:
  - handle: carol
    name: Carol Cohen
    timezone: America/New_York
    experienced: [dev]
    contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]
  - {handle: dave, name: Dave Dunn}
teams: [{name: dev, members: [alice, bob, carol, dave]}]
schedules: [{name: dev, team: dev}]
"""
# Alice is on L1 and bob on L2 until Saturday 00:00 in Berlin, which is Friday 18:00 in New York.
NEW = "/swaps/new?schedule=dev&level=L1&start=2026-03-02T15:00:00%2B00:00&end=2026-03-06T23:00:00%2B00:00"

BESIDE_ALICE = {
    "kind": "add",
    "level": "L1",
    "person": "carol",
    "start": "2026-03-02T16:00",  # of Berlin, and now
    "end": "2026-03-02T22:00",
}


@pytest.fixture
def more() -> str:
    return MORE


@pytest.fixture
def carol(browser_of: Callable[[str], Browser]) -> Browser:
    return browser_of("carol")


@pytest.fixture
def dave(browser_of: Callable[[str], Browser], runtime: Runtime) -> Browser:
    """Now with a phone of his own."""
    phone = '{name: mobile, kind: sms, address: "+12025550105", verified: true}'
    with runtime.database.transaction() as session:
        apply(session, load(f"users: [{{handle: dave, contact_methods: [{phone}]}}]"), NOW)
    return browser_of("dave")


def on_call(runtime: Runtime, at: datetime | None = None) -> dict[str, str]:
    with runtime.database.read() as session:
        shifts = coverage.on_call(session, find_schedule(session, "dev"), at or runtime.clock())
        return {level: shift.handle for level, on in shifts.items() for shift in on}


def ask_for_cover(alice: Browser, **fields: str) -> str:
    evening = {"start": "2026-03-03T18:00", "end": "2026-03-03T22:00", "to": "carol", "note": "concert"}
    return alice.submit(NEW, "/swaps", **(evening | fields))


def test_cover_is_asked_for_from_my_next_shifts_and_accepted_with_one_button(
    alice: Browser, carol: Browser, runtime: Runtime
) -> None:
    assert "Ask for cover" in alice.open("/me")
    page = alice.open(NEW)
    assert "1 of 3 could do all of it" in page
    assert "Bob Baker is on dev L2" in page
    assert "Dave Dunn can&#39;t be paged" in page

    page = ask_for_cover(alice)
    assert "Asked, and told" in page
    assert "You ask for cover" in page
    assert "Tue 3 Mar 18:00" in page
    assert "from you to Carol Cohen, if they agree" in page

    home = carol.open("/")
    assert "waiting for your answer" in home
    assert "waiting for your answer" not in alice.open("/")
    page = carol.open("/swaps")
    assert "Alice Archer asks for cover" in page
    assert "“concert”" in page
    assert "from Alice Archer to you, if you agree" in page
    page = carol.submit("/swaps/1", "/swaps/1/accept")

    assert "Agreed. Everybody concerned is told." in page
    assert on_call(runtime, datetime(2026, 3, 4, 0, 0, tzinfo=UTC))["L1"] == "carol"
    assert "waiting for your answer" not in carol.open("/swaps")


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-11-01T06:30:00", "2026-11-01T10:30:00"), ("2026-03-09T10:00:40", "2026-03-09T12:00:20")],
    ids=["clocks show it twice", "to the second"],
)
def test_times_that_are_left_as_the_form_shows_them_are_those_of_the_shift(
    alice: Browser, runtime: Runtime, start: str, end: str
) -> None:
    shift = f"{{level: L1, user: alice, start: {start}Z, end: {end}Z}}"
    with runtime.database.transaction() as session:
        apply(session, load(f"schedules: [{{name: dev, overrides: [{shift}]}}]"), NOW, confirm=True)

    page = alice.submit(
        f"/swaps/new?schedule=dev&level=L1&start={start}%2B00:00&end={end}%2B00:00&person=alice", "/swaps", to="carol"
    )

    assert "Asked, and told" in page
    with runtime.database.read() as session:
        (piece,) = session.exec(select(SwapPiece)).all()
        assert [f"{at:%Y-%m-%dT%H:%M:%S}" for at in (piece.starts_at, piece.ends_at)] == [start, end]


def test_ticking_nobody_asks_everybody_who_can(alice: Browser, carol: Browser) -> None:
    forms = alice.forms(NEW)
    assert "to" not in forms["/swaps"]

    alice.submit(NEW, "/swaps")

    assert "/swaps/1/accept" in carol.forms("/swaps")


def test_a_swap_is_declined_or_withdrawn(alice: Browser, carol: Browser) -> None:
    ask_for_cover(alice)
    assert "Declined" in carol.submit("/swaps", "/swaps/1/decline")
    assert "/swaps/1/accept" not in carol.forms("/swaps/1")

    ask_for_cover(alice)
    assert "Withdrawn" in alice.submit("/swaps", "/swaps/2/withdraw")
    assert "withdrawn: “accept” is not possible" in carol_too_late(carol)


def carol_too_late(carol: Browser) -> str:
    page: str = carol.client.post("/swaps/2/accept", data=csrf(carol)).text
    return page


def csrf(browser: Browser) -> dict[str, str]:
    return {"csrf": browser.forms("/me")["/logout"]["csrf"]}


def test_somebody_else_s_shift_is_asked_for_and_they_agree(alice: Browser, carol: Browser, runtime: Runtime) -> None:
    assert "Ask Alice Archer for their shift" in carol.open(NEW)
    page = carol.submit(NEW, "/swaps")
    assert "You ask to take a shift of Alice Archer" in page

    assert "Carol Cohen asks to take a shift of you" in alice.open("/swaps")
    alice.submit("/swaps/1", "/swaps/1/accept")

    assert on_call(runtime) == {"L1": "carol", "L2": "bob"}


def test_a_trade_is_chosen_from_the_shifts_of_others(alice: Browser, carol: Browser, bob: Browser) -> None:
    bob.submit(
        "/schedules/dev",
        "/schedules/dev/overrides",
        level="L2",
        person="carol",
        start="2026-03-04T09:00",
        end="2026-03-04T12:00",
    )
    (value,) = [value for value in ticks(alice, NEW, "in_return") if "person=carol" in value]

    said = ask_for_cover(alice, in_return=value)
    # for these hours she would be on both levels
    assert "Alice Archer is on dev L1" in said

    page = ask_for_cover(alice, in_return=value, start="2026-03-04T02:00", end="2026-03-04T07:00")
    assert "You ask Carol Cohen for a trade" in page
    assert "Agreed" in carol.submit("/swaps/1", "/swaps/1/accept")


def ticks(browser: Browser, path: str, name: str) -> list[str]:
    """The values of the boxes of that name."""
    found = re.findall(rf'<input type="checkbox" name="{name}" value="([^"]*)"', browser.open(path))
    return [html.unescape(value) for value in found]


def test_several_shifts_are_asked_for_at_once(alice: Browser, carol: Browser, bob: Browser, runtime: Runtime) -> None:
    """Carol has an hour of each of two days on L2; alice would take both."""
    for day in ("2026-03-08", "2026-03-09"):
        fields = {"level": "L2", "person": "carol", "start": f"{day}T09:00", "end": f"{day}T10:00", "confirm": "yes"}
        bob.submit("/schedules/dev", "/schedules/dev/overrides", **fields)
    first = "/swaps/new?schedule=dev&level=L2&start=2026-03-08T08:00:00Z&end=2026-03-08T09:00:00Z&person=carol"
    (second,) = ticks(alice, first, "also")

    page = alice.submit(first, "/swaps", also=second)
    assert "You ask to take a shift of Carol Cohen" in page
    carol.submit("/swaps/1", "/swaps/1/accept")

    for day in (8, 9):
        assert on_call(runtime, datetime(2026, 3, day, 8, 30, tzinfo=UTC))["L2"] == "alice"


def test_how_long_an_answer_is_waited_for_is_chosen(alice: Browser) -> None:
    page = ask_for_cover(alice, expires="2026-03-02T17:00")
    assert re.search("If nobody agrees by <time[^>]*2026-03-02T17:00:00-05:00", page)
    assert "It must expire after now" in ask_for_cover(alice, expires="2026-03-02T09:00")
    assert "Say when the time to answer ends" in ask_for_cover(alice, expires="later")


def test_of_two_who_are_on_together_each_gives_their_own(
    alice: Browser, carol: Browser, dave: Browser, bob: Browser, runtime: Runtime
) -> None:
    bob.submit("/schedules/dev", "/schedules/dev/overrides", **BESIDE_ALICE)
    page = dave.open("/schedules/dev")
    assert "Take over L1 from Alice Archer now" in page
    assert "Take over L1 from Carol Cohen now" in page

    mine = "/swaps/new?schedule=dev&level=L1&start=2026-03-02T15:00:00Z&end=2026-03-02T20:00:00Z"
    assert "Ask for cover" in carol.open(mine)
    assert "are on call together then: say whom you ask" in dave.open(mine, status=400)
    assert "Ask Carol Cohen for their shift" in dave.open(f"{mine}&person=carol")
    dave.submit(f"{mine}&person=carol", "/swaps")
    carol.submit("/swaps/1", "/swaps/1/accept")

    with runtime.database.read() as session:
        on = coverage.on_call(session, find_schedule(session, "dev"), runtime.clock())["L1"]
    assert sorted(shift.handle for shift in on) == ["alice", "dave"]


def test_what_can_t_be_is_said_above_the_form(alice: Browser) -> None:
    assert "Bob Baker is on dev L2" in ask_for_cover(alice, to="bob")
    assert "Say when it begins" in ask_for_cover(alice, start="soon")
    assert "Choose shifts from the list" in ask_for_cover(alice, in_return="L1")
    assert "time zone" in alice.open("/swaps/new?schedule=dev&level=L1&start=2026-03-02T15:00&end=x", status=400)


def test_times_that_can_t_be_are_said_beside_their_fields(alice: Browser) -> None:
    page = ask_for_cover(alice, end="2026-03-03T17:00")

    assert "The piece ends before it starts." in page.partition('id="ask-for-swap-end-wrong"')[2]


def test_where_nobody_could_do_all_of_it_that_is_said_with_what_to_do(alice: Browser, carol: Browser) -> None:
    carol.submit("/me", "/me/absences", reason="Skiing", start="2026-03-03T00:00", end="2026-03-05T00:00")

    page = alice.open(NEW)

    assert "Nobody could do all of it." in page
    assert "Make it shorter to ask for a part, or ask a manager of the team." in page
    assert "Tick some, or none" not in page


def test_what_was_ticked_and_typed_is_still_there_when_it_is_refused(alice: Browser) -> None:
    page = ask_for_cover(alice, start="soon")

    assert 'id="ask-for-swap-start-wrong"' in page
    assert re.findall(r'name="to" value="(\w+)" checked', page) == ["carol"]
    assert 'name="note" value="concert"' in page


def test_without_a_shift_in_the_address_mine_and_those_of_others_are_offered(alice: Browser, vera: Browser) -> None:
    page = alice.open("/swaps/new")

    assert page.count("Ask for cover") == 1
    assert "Ask to take it" in page
    vera.open("/swaps/new", status=403)
    assert "Ask for a swap" not in vera.open("/swaps")


def test_shifts_of_others_are_offered_to_whoever_could_take_one(carol: Browser) -> None:
    """Carol is in the team, and has no shift of her own."""
    page = carol.open("/swaps/new")

    assert "You have no shift in the next six weeks." in page
    assert "dev, Alice Archer" in page
    assert "Ask to take it" in page


def test_a_manager_decides_for_somebody_absent(alice: Browser, bob: Browser, runtime: Runtime) -> None:
    ask_for_cover(alice)

    page = bob.submit("/swaps/1", "/swaps/1/accept", **{"for": "carol"})

    assert "Bob Baker, for Carol Cohen, accepts" in page
    assert "Decide for somebody absent" not in page
    assert on_call(runtime, datetime(2026, 3, 4, 0, 0, tzinfo=UTC))["L1"] == "carol"


def test_a_manager_asks_and_takes_back_for_somebody_absent(alice: Browser, bob: Browser, carol: Browser) -> None:
    assert "in their name" in bob.open(NEW)
    assert "in their name" not in carol.open(NEW)
    carol.open(f"{NEW}&person=alice&for=alice", status=403)

    page = bob.submit(f"{NEW}&person=alice&for=alice", "/swaps", to="carol")
    assert "Alice Archer asks for cover" in page
    assert "Bob Baker, for Alice Archer, asks" in page
    assert "Bob Baker asks for a swap in your name" in alice.open("/swaps/1")

    assert "Withdraw for Alice Archer" not in carol.open("/swaps/1")
    assert "Bob Baker, for Alice Archer, withdraws" in bob.submit("/swaps/1", "/swaps/1/withdraw")


def test_a_manager_refuses_and_ends_out_of_reach_for_somebody_absent(
    alice: Browser, bob: Browser, runtime: Runtime
) -> None:
    for number, path, said in [(1, "decline", "for Carol Cohen, refuses"), (2, "withdraw", "ends it sooner")]:
        alice.submit("/me", "/swaps/out-of-reach", person="carol")
        assert on_call(runtime)["L1"] == "carol"

        assert said in bob.submit(
            f"/swaps/{number}", f"/swaps/{number}/{path}", **{"for": ["carol", "alice"][number - 1]}
        )
        assert on_call(runtime)["L1"] == "alice"


def test_taking_over_now_is_offered_to_those_who_can(
    alice: Browser, carol: Browser, vera: Browser, runtime: Runtime
) -> None:
    number = fire(runtime)
    assert "Take over" not in alice.open("/schedules/dev")  # she is L1, and two levels are too much
    assert "Take over" not in vera.open("/schedules/dev")
    page = carol.open("/schedules/dev")
    assert "Take over L1 now" in page
    assert "Take over L2 now" in page

    fields = {"schedule": "dev", "level": "L1", "person": "alice"} | csrf(carol)
    page = carol.client.post("/swaps/take-now", data=fields).text

    assert "You have dev L1 now. Alice Archer is told." in page
    assert on_call(runtime)["L1"] == "carol"
    assert "Paged Carol Cohen (dev L1): took over from Alice Archer" in carol.open(f"/alerts/{number}")


def test_out_of_reach_is_one_button_and_so_is_being_back(
    alice: Browser, bob: Browser, runtime: Runtime, clock: Clock
) -> None:
    page = alice.submit("/me", "/swaps/out-of-reach")
    assert "You are out of reach until 10:30" in page
    assert on_call(runtime) == {"L1": "bob", "L2": "bob"}
    assert "I can’t cover" in bob.open("/swaps")

    clock.forward(minutes=5)
    alice.submit("/me", "/swaps/1/withdraw")

    assert on_call(runtime) == {"L1": "alice", "L2": "bob"}


def test_whoever_covers_may_refuse(alice: Browser, bob: Browser, runtime: Runtime) -> None:
    alice.submit("/me", "/swaps/out-of-reach", minutes="60", person="carol")
    assert on_call(runtime)["L1"] == "carol"
    alice.submit("/me", "/swaps/1/withdraw")
    alice.submit("/me", "/swaps/out-of-reach", minutes="60", person="")

    assert "Refused" in bob.submit("/swaps/2", "/swaps/2/decline")
    assert on_call(runtime)["L1"] == "alice"
    assert "Say for how many minutes" in alice.submit("/me", "/swaps/out-of-reach", minutes="½", person="")


def test_swaps_are_only_changed_from_our_own_pages(alice: Browser, carol: Browser) -> None:
    ask_for_cover(alice)

    for path in ("/swaps", "/swaps/1/accept", "/swaps/take-now", "/swaps/out-of-reach"):
        assert carol.post(path).status_code == 403
    assert "/swaps/1/accept" in carol.forms("/swaps/1")

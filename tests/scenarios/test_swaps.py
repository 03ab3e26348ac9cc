"""Swaps as time passes, and what becomes of open alerts, with the real engine."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from notifiers.base import TemporaryFailure
from oncall.delivery.providers import Providers
from oncall.delivery.queue import claim_pages
from oncall.delivery.results import record_results
from oncall.delivery.sender import Result
from oncall.delivery.shares import Shares
from oncall.errors import Conflict
from oncall.lifecycle.delivery import DeliveryState
from oncall.lifecycle.swap import SwapState
from oncall.models import Swap, SwapEvent, SwapKind, User
from oncall.people.people import find_user
from oncall.people.retiring import retire
from oncall.rota.coverage import on_call
from oncall.rota.plans import find_schedule
from oncall.swaps.decide import accept
from oncall.swaps.offer import Request, offer
from oncall.swaps.out_of_reach import go_out_of_reach
from oncall.swaps.parts import Part
from oncall.swaps.take_now import take_now
from tests.conftest import Contents
from tests.scenarios.world import ALICE, BEGINS, BOB, CAROL, COMPANY, World


@pytest.fixture
def contents() -> Contents:
    """On Monday at 09:00 in New York Alice is L1 and Bob L2, until Wednesday 10:00; Carol is in the team."""
    return Contents(BEGINS, (COMPANY, "teams: [{name: dev, members: [alice, bob, carol]}]"))


def ask_carol(world: World, hours_ahead: float, lasts: float = 2) -> int:
    def work(session: Session, alice: User) -> Swap:
        start = world.clock() + timedelta(hours=hours_ahead)
        part = Part(find_schedule(session, "dev"), "L1", start, start + timedelta(hours=lasts))
        wanted = Request(SwapKind.GIVE, [part], to=[find_user(session, "carol")])
        return offer(session, world.settings, alice, alice, wanted, world.clock())

    return do(world, "alice", work)


def do(world: World, handle: str, work: Any) -> int:
    with world.database.transaction() as session:
        swap = work(session, find_user(session, handle))
        number = swap.id
    world.settle()
    return number or 0


def take_over(world: World, handle: str, relieved: str | None = None) -> int:
    def work(session: Session, user: User) -> Swap:
        schedule, other = find_schedule(session, "dev"), find_user(session, relieved) if relieved else None
        return take_now(session, world.settings, user, schedule, "L1", None, other, world.clock())

    return do(world, handle, work)


def leave(world: World, handle: str, minutes: int = 30) -> int:
    return do(
        world,
        handle,
        lambda session, user: go_out_of_reach(
            session,
            world.settings,
            user,
            find_schedule(session, "dev"),
            None,
            timedelta(minutes=minutes),
            None,
            world.clock(),
        ),
    )


def state(world: World, number: int = 1) -> SwapState:
    found: SwapState = world.ask(lambda session: session.get_one(Swap, number).state)
    return found


def story(world: World) -> list[str]:
    """As "+hours text"."""
    events = world.ask(lambda session: session.exec(select(SwapEvent).order_by(SwapEvent.id)).all())
    return [f"+{(event.at - events[0].at) / timedelta(hours=1):g} {event.text}" for event in events]


def on(world: World, at: datetime | None = None) -> dict[str, str]:
    shifts = world.ask(lambda session: on_call(session, find_schedule(session, "dev"), at or world.clock()))
    return {level: shift.handle for level, on in shifts.items() for shift in on}


def heard(world: World) -> tuple[list[str], list[tuple[str, str]]]:
    """Who was paged, and who was told what, since the last time this was asked."""
    texts = world.texts()
    return [to for to, text in texts if "Reply" in text], [(to, text) for to, text in texts if "Reply" not in text]


# Time


def test_a_swap_that_nobody_answers_is_reminded_of_once_and_expires_when_it_begins(world: World) -> None:
    ask_carol(world, hours_ahead=20)

    world.advance(hours=48)

    assert state(world) is SwapState.EXPIRED
    piece = "dev L1 from Tue 24 Nov 10:00 to 12:00 (UTC)"
    link = "https://oncall.example.com/swaps/1"
    assert story(world) == [
        "+0 Alice Archer asks",
        f"+0 Told Carol Silva: Alice Archer asks: can you take {piece}? Answer: {link}",
        "+18 Reminder to everybody who has not answered",
        "+18 Told Carol Silva: Alice Archer still waits for your answer, until Tue 24 Nov 10:00 (UTC): "
        f"can you take {piece}? Answer: {link}",
        "+20 The time to answer is over",
        "+20 Told Alice Archer: Nobody has agreed in time: dev L1 from Tue 24 Nov 05:00 to 07:00 (EST). "
        f"It stays as it was; to ask again: {link}",
        f"+20 Told Carol Silva: Alice Archer asks no more, the time to answer is over: {piece}.",
    ]
    assert on(world)["L1"] == "alice"
    assert [to for to, _ in heard(world)[1]] == [CAROL, CAROL, ALICE, CAROL]


def test_whoever_sleeps_is_reminded_in_the_morning_and_once(world: World) -> None:
    """Ten hours on it is midnight for Carol, and evening for Dave."""
    phone = '{name: mobile, kind: sms, address: "+12025550177", verified: true}'
    dave = f"{{handle: dave, name: Dave Diaz, timezone: America/New_York, contact_methods: [{phone}]}}"
    world.apply(f"users: [{dave}]\nteams: [{{name: dev, members: [alice, bob, carol, dave]}}]")

    def ask_both(session: Session, alice: User) -> Swap:
        start = world.clock() + timedelta(hours=20)
        part = Part(find_schedule(session, "dev"), "L1", start, start + timedelta(hours=2))
        asked = [find_user(session, handle) for handle in ("carol", "dave")]
        return offer(session, world.settings, alice, alice, Request(SwapKind.GIVE, [part], to=asked), world.clock())

    do(world, "alice", ask_both)

    world.advance(hours=19)

    assert [line.partition(":")[0] for line in story(world) if "+0" not in line] == [
        "+10 Reminder to whoever is awake who has not answered",
        "+10 Told Dave Diaz",
        "+18 Reminder to everybody who has not answered",
        "+18 Told Carol Silva",
    ]
    assert [to for to, _ in heard(world)[1]] == [CAROL, "+12025550177", "+12025550177", CAROL]


def test_whoever_sleeps_until_it_is_too_late_to_answer_is_reminded_all_the_same(world: World) -> None:
    ask_carol(world, hours_ahead=17)  # until 07:00

    world.advance(hours=9)

    assert [line for line in story(world) if "Reminder" in line] == ["+8.5 Reminder to everybody who has not answered"]
    assert [to for to, _ in heard(world)[1]] == [CAROL, CAROL]


def test_the_reminder_comes_a_day_before_where_halfway_would_be_later(world: World) -> None:
    ask_carol(world, hours_ahead=36)

    world.advance(hours=19)

    assert [line for line in story(world) if "Reminder" in line] == ["+18 Reminder to everybody who has not answered"]
    assert state(world) is SwapState.OFFERED
    assert [to for to, _ in heard(world)[1]] == [CAROL, CAROL]


def test_nobody_is_reminded_of_what_is_not_the_askers_any_more(world: World) -> None:
    ask_carol(world, hours_ahead=20)
    world.apply(
        "schedules: [{name: dev, overrides: [{level: L1, user: bob, replaces: alice,"
        " start: 2026-11-24T00:00, end: 2026-11-24T12:00}]}]"
    )

    world.advance(hours=11)

    assert state(world) is SwapState.EXPIRED
    link = "https://oncall.example.com/swaps/1"
    why = "dev L1 from Tue 24 Nov 05:00 to 07:00 (EST) is not a shift of Alice Archer: it is one of Bob Nguyen."
    assert story(world)[2:] == [
        f"+10 It can't be had any more: {why}",
        "+10 Told Alice Archer: Your swap can't be had any more, since the shifts have changed: "
        f"{why} Ask anew: {link}",
        "+10 Told Carol Silva: Alice Archer asks no more, nothing to do for you: the shifts have changed since.",
    ]
    assert [to for to, _ in heard(world)[1]] == [CAROL, ALICE, CAROL]


def test_what_fell_due_while_no_engine_ran_is_done_by_the_next(world: World) -> None:
    ask_carol(world, hours_ahead=20)
    world.clock.now += timedelta(days=3)
    world.restart_engine()

    world.settle()

    assert state(world) is SwapState.EXPIRED
    assert not any("Reminder" in line for line in story(world))
    assert [to for to, _ in heard(world)[1]] == [CAROL, ALICE, CAROL]


def test_out_of_reach_comes_back_by_itself_and_pages_go_where_they_should(world: World) -> None:
    leave(world, "alice")
    assert on(world) == {"L1": "bob", "L2": "bob"}
    ((number, text),) = heard(world)[1]
    assert number == BOB
    assert text.startswith("Alice Archer is out of reach: you have dev L1 from Mon 23 Nov 09:00 to 09:30 (EST).")
    world.fire()
    assert heard(world) == ([BOB], [])
    world.reply(BOB, "ack 1")

    world.advance(minutes=30)

    assert state(world) is SwapState.ENDED
    assert on(world) == {"L1": "alice", "L2": "bob"}
    assert story(world)[-2].endswith("It has come back to Alice Archer by itself")
    assert "Told Alice Archer, Bob Nguyen: Alice Archer is back and has it again: dev L1 from Mon" in story(world)[-1]
    assert [to for to, _ in heard(world)[1]] == [ALICE, BOB]
    world.fire("Error rate 12 %", key="errors")
    assert heard(world) == ([ALICE], [])
    world.reply(ALICE, "ack all")


def test_whoever_covers_for_somebody_who_has_left_meanwhile_is_told_when_it_is_over(world: World) -> None:
    leave(world, "alice")
    with world.database.transaction() as session:
        retire(
            session, world.settings, find_user(session, "alice"), find_user(session, "bob"), world.clock(), confirm=True
        )

    world.advance(minutes=30)

    assert [line.partition(" ")[2] for line in story(world)[-2:]] == [
        "Its time is over",
        "Told Bob Nguyen: Alice Archer has left, so others have it from now on: "
        "dev L1 from Mon 23 Nov 09:00 to 09:30 (EST) is over.",
    ]
    assert {to for to, _ in heard(world)[1]} == {BOB}


def test_a_swap_that_nobody_can_be_told_of_holds_up_no_other(world: World) -> None:
    asked, left = ask_carol(world, hours_ahead=20), leave(world, "alice")
    heard(world)
    with world.database.transaction() as session:
        find_user(session, "carol").timezone = "Nowhere/Atall"  # by somebody's hand: no sentence can name a time

    world.advance(hours=10)

    assert state(world, left) is SwapState.ENDED
    assert [line for line in story(world) if "fault" in line] == [
        "+10 A fault in this service: nobody could be told what falls due"
    ]
    world.advance(hours=10)
    assert state(world, asked) is SwapState.EXPIRED
    assert [to for to, _ in heard(world)[1]] == [ALICE, BOB]
    with world.database.transaction() as session:
        carol = find_user(session, "carol")
        with pytest.raises(Conflict, match="The time to answer is over"):
            accept(session, world.settings, asked, carol, carol, world.clock())


# Open alerts


def test_whoever_takes_over_is_paged_for_what_nobody_has_yet_and_the_relieved_person_is_left_alone(
    world: World,
) -> None:
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.advance(minutes=1)

    take_over(world, "carol")

    paged, ((told, said),) = heard(world)
    assert (paged, told) == ([CAROL], ALICE)
    assert said.endswith("You are off. #1 is theirs now.")
    assert "+1 Paged Carol Silva (dev L1): took over from Alice Archer" in world.story()
    planned = [row for row in world.deliveries() if row.state is DeliveryState.CANCELLED]
    assert [row.address for row in planned] == [ALICE]  # the call that would have come after two minutes
    world.advance(minutes=2)
    assert world.calls() == []
    assert "Told Alice Archer: Carol Silva has taken over from you: dev L1" in story(world)[-1]
    assert story(world)[-1].endswith("You are off. #1 is theirs now.")
    world.reply(CAROL, "ack 1")


def test_what_is_under_way_to_the_relieved_person_is_not_followed_by_another_way(world: World) -> None:
    """A failed text would have become a call, which none of her rules plans."""
    rule = "{urgency: high, after: 0m, contact_method: mobile}"
    world.apply(f"users: [{{handle: alice, notification_rules: [{rule}]}}]")
    world.fire()
    (text,) = world.twilio.take_messages()
    take_over(world, "carol")
    assert sorted(world.numbers_texted()) == [ALICE, CAROL]

    world.twilio.report(text, "undelivered", ErrorCode="30003")
    world.advance(minutes=4)

    assert world.calls() == []
    assert world.texts() == []
    assert world.deliveries()[0].state is DeliveryState.FAILED
    world.reply(CAROL, "ack 1")


@pytest.mark.parametrize("answer", [None, TemporaryFailure("a time-out", maybe_accepted=True)])
def test_what_was_being_sent_to_the_relieved_person_is_not_tried_again(
    world: World, answer: TemporaryFailure | None
) -> None:
    """Of what was claimed when somebody took over: the process died without an answer, or the answer was a failure."""
    world.advance(minutes=1)
    world.twilio.fail_next()
    world.fire()
    world.clock.now += timedelta(seconds=2)  # it is due again, and an engine has just begun
    with world.database.transaction() as session:
        (claim,) = claim_pages(session, world.settings, Providers(session, {}), world.clock(), Shares(1, {}), ())

    take_over(world, "carol")
    if answer is not None:
        with world.database.transaction() as session:
            record_results(session, world.settings, Providers(session, {}), [Result(claim, answer)], world.clock())
    world.advance(minutes=4)

    assert [to for to, text in world.texts() if "Reply" in text] == [CAROL]
    assert world.calls() == []
    assert world.deliveries()[0].state is DeliveryState.CANCELLED
    world.reply(CAROL, "ack 1")


def test_of_two_who_were_paged_together_only_the_relieved_one_is_called_back(world: World) -> None:
    rotation = "{name: developers, levels: [L1], members: [[alice, bob]], start: 2026-11-22T10:00, shift: 3 days}"
    world.apply(f"schedules: [{{name: dev, rotations: [{rotation}]}}]")
    world.fire()
    assert sorted(world.numbers_texted()) == [ALICE, BOB]

    take_over(world, "carol", relieved="alice")
    world.advance(minutes=2)

    assert heard(world)[0] == [CAROL]
    assert [call.to for call in world.calls()] == [BOB]
    world.reply(BOB, "ack 1")


def test_an_alert_that_somebody_has_gets_a_note_and_pages_nobody(world: World) -> None:
    world.fire()
    world.texts()
    world.reply(ALICE, "ack 1")

    take_over(world, "carol")

    paged, told = heard(world)
    assert (paged, [to for to, _ in told]) == ([], [ALICE])
    assert world.story()[-1] == "+0 Carol Silva has taken over dev L1 from Alice Archer"
    world.advance(minutes=30)


def test_what_others_page_the_relieved_person_for_stays_with_them(world: World) -> None:
    world.apply(
        "escalation_policies: [{name: only-alice, steps: [{page: ['user:alice'], wait: 30m}]}]\n"
        "services: [{name: web, escalation_policy: only-alice}]"
    )
    world.fire()
    assert world.numbers_texted() == [ALICE]

    take_over(world, "carol")

    assert heard(world)[0] == []
    world.advance(minutes=2)
    assert [call.to for call in world.calls()] == [ALICE]
    world.reply(ALICE, "ack 1")


def test_escalation_goes_on_as_before(world: World) -> None:
    world.fire()
    take_over(world, "carol")
    assert sorted(heard(world)[0]) == [ALICE, CAROL]

    world.advance(minutes=5)

    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack 1")

"""People are told of their shifts through the real engine: once each, by text, and never by a call."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Delivery, Notice, NoticeKind, PublishedShift, Schedule, User
from oncall.notices.tell import notify
from oncall.people.people import find_user
from oncall.rota.overrides import NewOverride, add_override
from tests.scenarios.world import ALICE, BOB, CAROL, World

SPARE = "+12025550111"
WITH_SPARE = f"""
users:
  - handle: alice
    contact_methods:
      - {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}
      - {{name: call, kind: voice, address: "{ALICE}", verified: true}}
      - {{name: spare, kind: sms, address: "{SPARE}", verified: true}}
"""
ONLY_CALLS = f"""
users:
  - handle: alice
    contact_methods: [{{name: call, kind: voice, address: "{ALICE}", verified: true}}]
    notification_rules: []
"""


def say(world: World, handle: str, text: str = "The war room has moved.", key: str | None = None) -> None:
    with world.database.transaction() as session:
        user = find_user(session, handle)
        assert user.id is not None
        notify(session, [user.id], NoticeKind.SWAP, text, world.clock(), key)
    world.settle()


def notices(world: World) -> list[Notice]:
    found: list[Notice] = world.ask(lambda session: session.exec(select(Notice).order_by(col(Notice.id))).all())
    return found


def states(world: World) -> list[tuple[str, DeliveryState]]:
    """(address, state) of every delivery."""
    rows = world.ask(lambda session: session.exec(select(Delivery).order_by(col(Delivery.id))).all())
    return [(row.address, row.state) for row in rows]


def to_wednesday(world: World, hour: int) -> None:
    """Bob takes L1 over from Alice, and she L2 from him, on Wednesday at 10:00 in New York."""
    world.advance(days=2, hours=hour - 9)


def test_whoever_goes_on_and_on_is_told_of_no_end_that_is_none(world: World) -> None:
    solo = "{name: solo, members: [alice], start: 2026-11-24T10:00, shift: 1 day%s}"
    schedule = "schedules: [{name: solo, timezone: America/New_York, levels: [L1], rotations: [%s]}]"
    world.apply(schedule % (solo % ""))
    world.tick()
    world.advance(hours=2)
    world.tick()
    assert (ALICE, "You are on call for solo (L1) from Tue 10:00 EST, for 170 days at least.") in world.texts()
    world.apply(schedule % (solo % ", until: 2027-01-05T10:00"))
    world.tick()
    world.advance(hours=23)
    world.tick()
    assert (ALICE, "You are on call for solo (L1) now, until Tue 5 Jan 10:00 EST.") in world.texts()


def test_people_are_told_a_day_ahead_and_at_the_start_and_nothing_twice(world: World) -> None:
    world.tick()
    assert world.texts() == [], "the first publishing changes nobody's shifts"
    world.advance(hours=25)
    world.tick()
    when = "from Wed 10:00 to Sat 10:00 EST"
    assert sorted(world.texts()) == [
        (ALICE, f"You are on call for dev (L2) {when}. Before you: Bob Nguyen. After you: Bob Nguyen."),
        (BOB, f"You are on call for dev (L1) {when}. Before you: Alice Archer. After you: Alice Archer."),
    ]

    world.restart_engine()
    world.advance(minutes=1)
    world.tick()
    assert world.texts() == []

    world.advance(hours=24)
    world.tick()
    world.tick()
    assert sorted(world.texts()) == [
        (
            ALICE,
            "You are on call for dev (L2) now, until Sat 10:00 EST. Before you: Bob Nguyen. After you: Bob Nguyen.",
        ),
        (
            BOB,
            "You are on call for dev (L1) now, until Sat 10:00 EST. Before you: Alice Archer. After you: Alice Archer.",
        ),
    ]


def test_an_engine_that_was_off_for_days_tells_nothing_stale(world: World) -> None:
    world.tick()
    to_wednesday(world, 12)
    world.restart_engine()
    world.tick()
    assert world.texts() == []


def test_two_engines_that_find_the_same_tell_it_once(world: World) -> None:
    say(world, "alice", key="moved")
    say(world, "alice", key="moved")
    say(world, "bob", key="moved")
    assert world.numbers_texted() == [ALICE, BOB]
    assert len(notices(world)) == 2


def test_without_a_key_the_same_is_told_as_often_as_it_is_said(world: World) -> None:
    say(world, "alice")
    say(world, "alice")
    assert world.numbers_texted() == [ALICE, ALICE]


def test_a_number_that_fails_is_followed_by_the_next_text_and_never_by_a_call(world: World) -> None:
    world.apply(WITH_SPARE)
    world.twilio.fail_for(ALICE, 21211)
    say(world, "alice")
    about_it, moved = sorted(world.texts(), key=lambda sent: sent[1])
    assert moved == (SPARE, "The war room has moved.")
    assert about_it[0] == SPARE
    assert states(world)[0] == (ALICE, DeliveryState.FAILED)


def test_a_text_that_is_not_delivered_is_sent_to_the_next_number(world: World) -> None:
    world.apply(WITH_SPARE)
    say(world, "alice")
    (message,) = world.twilio.take_messages()
    world.twilio.report(message, "undelivered", ErrorCode="30003")
    world.settle()
    assert world.numbers_texted() == [SPARE]


def test_when_no_text_can_arrive_nobody_is_called(world: World) -> None:
    world.twilio.fail_for(ALICE, 21211)
    say(world, "alice")
    assert states(world) == [(ALICE, DeliveryState.FAILED)]


def test_who_can_only_be_called_finds_it_on_their_page(world: World) -> None:
    world.apply(ONLY_CALLS)
    say(world, "alice")
    assert states(world) == []
    assert [notice.text for notice in notices(world)] == ["The war room has moved."]


def test_a_provider_that_is_away_for_a_while_delays_a_notice(world: World) -> None:
    world.twilio.fail_next(2, status=503)
    say(world, "alice")
    world.advance(seconds=10)
    assert world.numbers_texted() == [ALICE]


def test_what_says_now_is_not_sent_hours_later(world: World) -> None:
    """The engine stored it and stopped before it was sent."""
    with world.database.transaction() as session:
        alice = find_user(session, "alice")
        for kind in (NoticeKind.SHIFT_START, NoticeKind.SHIFTS_CHANGED):
            notify(session, [alice.id or 0], kind, f"This is {kind}.", world.clock())
    world.clock.now += timedelta(hours=2)
    world.settle()
    assert world.texts() == [(ALICE, "This is shifts_changed.")]
    assert states(world)[0] == (ALICE, DeliveryState.CANCELLED)


def test_who_has_retired_is_told_nothing(world: World) -> None:
    with world.database.transaction() as session:
        find_user(session, "alice").retired_at = world.clock()
    say(world, "alice")
    assert notices(world) == []


def test_pages_go_before_notices(world: World) -> None:
    """A Monday morning's notices must not hold up the page that comes then."""
    with world.database.transaction() as session:
        ids = [user.id or 0 for user in session.exec(select(User))]
        for _ in range(20):
            notify(session, ids, NoticeKind.WEEKLY, "Your week.", world.clock())
    world.clock.now += timedelta(seconds=1)
    world.fire()
    assert "Disk full" in world.texts()[0][1]
    world.reply(ALICE, "ack")


def put_on_call(world: World, handle: str, start: float, end: float) -> None:
    """By an override of L1, so many hours from now."""
    with world.database.transaction() as session:
        schedule = session.exec(select(Schedule)).one()
        user, now = find_user(session, handle), world.clock()
        span = now + timedelta(hours=start), now + timedelta(hours=end)
        add_override(session, user, schedule, NewOverride("L1", *span, user), now, confirm=True)


def test_who_loses_a_shift_and_who_gains_it_are_told_once(world: World) -> None:
    world.tick()
    put_on_call(world, "bob", 26, 32)
    world.tick()
    world.restart_engine()
    world.tick()
    when = "dev (L1) Tue 24 Nov 11:00 to 17:00 EST"
    assert sorted(sent for sent in world.texts() if sent[0] != CAROL) == [
        (ALICE, f"Your on-call shifts changed: {when} is Bob Nguyen's now (was yours), by override."),
        (BOB, f"Your on-call shifts changed: {when} is yours now (was Alice Archer's), by override."),
    ]


def test_changes_of_one_pass_come_in_one_notice(world: World) -> None:
    world.tick()
    put_on_call(world, "carol", 26, 27)
    put_on_call(world, "carol", 28, 29)
    world.tick()
    texts = dict(world.texts())
    assert set(texts) == {ALICE, CAROL}
    assert texts[CAROL] == (
        "Your on-call shifts changed: dev (L1) Tue 24 Nov 16:00 to 17:00 UTC is yours now (was Alice Archer's), "
        "by override; dev (L1) Tue 24 Nov 18:00 to 19:00 UTC is yours now (was Alice Archer's), by override."
    )


def test_as_time_passes_shifts_come_up_to_the_horizon_without_a_word(world: World) -> None:
    off = "notices: {ahead: 0h, start: false}"
    world.apply(f"users: [{{handle: alice, {off}}}, {{handle: bob, {off}}}]")
    world.tick()
    count = world.ask(lambda session: len(session.exec(select(PublishedShift)).all()))
    for _ in range(4):
        world.advance(days=3)
        world.engine.jobs.keep_house()
        world.tick()
    assert world.ask(lambda session: len(session.exec(select(PublishedShift)).all())) > count
    assert notices(world) == []


def test_a_change_past_the_horizon_is_not_told(world: World) -> None:
    world.apply("schedules: [{name: dev, horizon: 6 days}]")
    world.tick()
    put_on_call(world, "carol", 24 * 7, 24 * 8)
    world.tick()
    assert notices(world) == []


def test_a_leavers_shifts_are_told_to_whoever_takes_them(world: World) -> None:
    world.tick()
    rotation = "{name: developers, members: [alice, carol], start: 2026-11-22T10:00, shift: 3 days}"
    world.apply(f"schedules: [{{name: dev, rotations: [{rotation}]}}]")
    world.tick()
    lost, gained, running = world.texts()
    assert lost[0] == BOB
    assert "(was yours)" in lost[1]
    assert gained[0] == CAROL
    assert "is yours now (was Bob Nguyen's)" in gained[1]
    assert gained[1].endswith("more: see My on-call.")
    assert running[0] == CAROL
    assert running[1].startswith("You are on call for dev (L2) now, until Wed 15:00 UTC. Before you: Bob Nguyen.")


@pytest.mark.parametrize("text", ["ack", "ack all", "resolve"])
def test_an_answer_to_a_notice_acts_on_nothing(world: World, text: str) -> None:
    say(world, "alice")
    assert world.numbers_texted() == [ALICE]
    assert world.reply(ALICE, text) == "No open alert of yours is waiting for an answer."


def test_an_answer_after_a_notice_is_still_about_the_page_before_it(world: World) -> None:
    world.fire()
    say(world, "alice")
    assert world.numbers_texted() == [ALICE, ALICE]
    assert world.reply(ALICE, "ack") == "#1 acknowledged: Disk full on db1"
    say(world, "bob")
    assert world.numbers_texted() == [BOB]
    assert world.reply(BOB, "resolve") == "No open alert of yours is waiting for an answer."
    assert world.alert().status is AlertStatus.ACKNOWLEDGED


def test_old_notices_are_forgotten_with_their_deliveries(world: World) -> None:
    say(world, "alice")
    assert world.numbers_texted() == [ALICE]
    world.clock.now += timedelta(days=89)
    say(world, "bob")
    assert world.numbers_texted() == [BOB]
    world.clock.now += timedelta(days=2)
    world.engine.jobs.keep_house()
    assert len(notices(world)) == 1
    assert [address for address, _ in states(world)] == [BOB]

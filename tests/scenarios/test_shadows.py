"""On call for a day beside somebody experienced: copies of pages, or pages first, and never in anybody's place."""

from datetime import timedelta

import pytest

from oncall.models import ShadowKind
from oncall.people.people import find_user
from oncall.people.retiring import retire
from oncall.rota import shadows
from oncall.rota.plans import find_schedule
from oncall.rota.shadows import NewShadow
from tests.scenarios.world import ALICE, BOB, CAROL, World

ERIN = "+12025550105"
NEWCOMER = f"""
users:
  - handle: erin
    name: Erin Egan
    contact_methods:
      - {{name: mobile, kind: sms, address: "{ERIN}", verified: true}}
      - {{name: call, kind: voice, address: "{ERIN}", verified: true}}
"""


@pytest.fixture
def follow(world: World) -> World:
    world.apply(NEWCOMER)
    return world


def add(
    world: World, level: str = "L1", kind: ShadowKind = ShadowKind.SHADOW, by: str = "carol", **length: int
) -> dict[str, str]:
    """Whoever is told of it, and what."""
    with world.database.transaction() as session:
        ends = world.clock() + timedelta(**(length or {"days": 1}))
        new = NewShadow(level, find_user(session, "erin"), world.clock(), ends, kind)
        shadows.add_shadow(session, find_user(session, by), find_schedule(session, "dev"), new, world.clock())
    world.settle()
    return dict(world.texts())


def end(world: World, by: str = "carol") -> dict[str, str]:
    with world.database.transaction() as session:
        shadows.end_shadow(session, find_user(session, by), 1, world.clock())
    world.settle()
    return dict(world.texts())


def let_follow(world: World, level: str = "L1", kind: ShadowKind = ShadowKind.SHADOW) -> None:
    add(world, level, kind)


def test_both_are_told_when_one_is_made_and_when_it_is_called_off(follow: World) -> None:
    assert add(follow) == {
        ERIN: "You follow along with dev (L1), Mon 14:00 to Tue 14:00 UTC, with a copy of every page and nothing to "
        "do: set up by Carol Silva.",
        ALICE: "Erin Egan follows along with you on dev (L1), Mon 09:00 to Tue 09:00 EST, to learn.",
    }
    follow.advance(hours=1)
    assert end(follow) == {
        ERIN: "You no longer follow along with dev (L1), Mon 15:00 to Tue 14:00 UTC: called off by Carol Silva.",
        ALICE: "Erin Egan no longer follows along with you on dev (L1), Mon 10:00 to Tue 09:00 EST.",
    }


def test_both_are_told_who_is_paged_first(follow: World) -> None:
    assert add(follow, kind=ShadowKind.REVERSE) == {
        ERIN: "You are paged first for dev (L1), Mon 14:00 to Tue 14:00 UTC, whoever is on call a minute later: "
        "set up by Carol Silva.",
        ALICE: "Erin Egan is paged first while you are on call for dev (L1), Mon 09:00 to Tue 09:00 EST, to learn; "
        "you are a minute later.",
    }
    assert end(follow) == {
        ERIN: "You are no longer paged first for dev (L1), Mon 14:00 to Tue 14:00 UTC: called off by Carol Silva.",
        ALICE: "Erin Egan is no longer paged before you for dev (L1), Mon 09:00 to Tue 09:00 EST: "
        "pages come to you at once.",
    }


def test_who_does_it_is_told_nothing(follow: World) -> None:
    assert set(add(follow, by="erin")) == {ALICE}
    assert set(end(follow, by="erin")) == {ALICE}


def test_each_who_is_on_the_level_meanwhile_is_told_of_their_own_time(follow: World) -> None:
    told = add(follow, days=4)
    assert "Mon 09:00 to Wed 10:00 EST, to learn" in told[ALICE]
    assert "Wed 10:00 to Fri 09:00 EST, to learn" in told[BOB]


def test_whoever_leaves_follows_nobody_any_more(follow: World) -> None:
    let_follow(follow)
    with follow.database.transaction() as session:
        retire(session, follow.settings, find_user(session, "erin"), find_user(session, "carol"), follow.clock())
    follow.settle()
    assert set(dict(follow.texts())) == {ALICE}
    assert follow.ask(lambda session: shadows.list_shadows(session, follow.clock())) == []


def test_a_shadow_gets_a_copy_of_the_page_and_no_call(follow: World) -> None:
    let_follow(follow)
    follow.fire()
    texts = dict(follow.texts())
    assert set(texts) == {ALICE, ERIN}
    assert texts[ERIN].startswith("Shadow: CRITICAL web: Disk full on db1. Alert 1, nothing to do for you")
    follow.advance(minutes=4)
    assert [call.to for call in follow.calls()] == [ALICE]
    assert "+0 Erin Egan (dev L1) follows along as a shadow" in follow.story()


def test_nobody_waits_for_the_shadow(follow: World) -> None:
    let_follow(follow)
    follow.fire()
    follow.texts()
    assert follow.reply(ERIN, "ack") == "No open alert of yours is waiting for an answer."
    follow.advance(minutes=5)
    assert follow.numbers_texted() == [BOB]
    assert "+5 Paged Bob Nguyen (dev L2): no answer from Alice Archer for 5 min" in follow.story()
    follow.calls()
    follow.reply(ALICE, "ack 1")


def test_a_shadow_is_no_coverage(follow: World) -> None:
    """With nobody on the level, its shadow is not paged in their place."""
    let_follow(follow)
    follow.apply("schedules: [{name: dev, rotations: [{name: developers, levels: [L2]}]}]")
    follow.fire()
    assert ERIN not in follow.numbers_texted()
    assert "+0 Nobody is on call for dev L1" in follow.story()
    follow.reply(ALICE, "ack 1")


def test_in_reverse_the_newcomer_is_paged_first_and_the_experienced_one_a_minute_later(follow: World) -> None:
    let_follow(follow, kind=ShadowKind.REVERSE)
    follow.fire()
    ((number, text),) = follow.texts()
    assert (number, text.startswith("CRITICAL web")) == (ERIN, True)
    follow.advance(minutes=1)
    assert follow.numbers_texted() == [ALICE]
    assert "+0 Paged Alice Archer (dev L1), 1 min after whoever learns: the alert triggered" in follow.story()
    follow.reply(ERIN, "ack 1")


def test_in_reverse_the_experienced_one_has_the_whole_wait_before_the_next_level_is_paged(follow: World) -> None:
    let_follow(follow, kind=ShadowKind.REVERSE)
    follow.fire()
    follow.advance(minutes=5)
    assert BOB not in follow.numbers_texted()
    follow.advance(minutes=1)
    assert BOB in follow.numbers_texted()
    assert ALICE in {call.to for call in follow.calls()}
    follow.reply(BOB, "ack 1")


def test_when_the_newcomer_answers_in_time_nobody_else_is_paged(follow: World) -> None:
    let_follow(follow, kind=ShadowKind.REVERSE)
    follow.fire()
    follow.texts()
    assert follow.reply(ERIN, "ack 1") == "#1 acknowledged: Disk full on db1"
    follow.advance(hours=1)
    assert follow.texts() == []


def test_once_it_is_over_nobody_follows(follow: World) -> None:
    let_follow(follow)
    follow.advance(days=1)
    follow.fire()
    assert follow.numbers_texted() == [ALICE]
    follow.reply(ALICE, "ack 1")
    assert CAROL not in follow.numbers_texted()

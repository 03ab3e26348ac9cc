"""An address that nothing reaches any more: its owner is told another way, and managers when no other is left."""

from collections.abc import Iterator

import pytest
from sqlmodel import select

from oncall.models import ContactMethod, Notice
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, CAROL, World

SPARE = "+12025550109"
WITH_SPARE = f"""
users:
  - handle: alice
    contact_methods:
      - {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}
      - {{name: spare, kind: sms, address: "{SPARE}", verified: true}}
"""
ONLY_TEXTS = f"""
users:
  - handle: alice
    contact_methods:
      - {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}
"""
GONE = "The phone number is not valid (Twilio 21211)"


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        yield world


def notices(world: World, user_id: int) -> list[str]:
    statement = select(Notice.text).where(Notice.user_id == user_id, Notice.kind == "problem")
    found: list[str] = world.ask(lambda session: session.exec(statement).all())
    return list(found)


def test_who_replies_stop_is_told_by_their_other_number(world: World) -> None:
    world.apply(WITH_SPARE)
    assert world.reply(ALICE, "STOP") == ""
    told = (
        f"Texts to “mobile” ({ALICE}) are off: you replied STOP. Pages go to your other contact methods. "
        "To mend it, text START to our number."
    )
    assert notices(world, 1) == [told]
    ((number, text),) = world.texts()
    assert (number, text[:20]) == (SPARE, 'Texts to "mobile" (+')
    assert world.ask(lambda session: session.get_one(ContactMethod, 1)).disabled_at is not None
    assert world.reply(ALICE, "STOP") == ""
    assert world.texts() == [], "it is told once"


def test_a_bad_number_is_left_for_the_next_way_and_its_owner_told_how_to_mend_it(world: World) -> None:
    world.apply(WITH_SPARE)
    world.twilio.fail_for(ALICE, 21211)
    world.fire()
    page, notice = sorted(world.texts(), key=lambda sent: "off" in sent[1])
    assert (page[0], "Disk full" in page[1], notice[0]) == (SPARE, True, SPARE)
    assert notices(world, 1) == [
        f"Texts to “mobile” ({ALICE}) are off: {GONE}. Pages go to your other contact methods. "
        "To mend it, send it a new code on My on-call, or add another contact method."
    ]
    world.reply(SPARE, "ack")


def test_managers_are_told_once_when_somebody_on_call_has_no_way_left(world: World) -> None:
    world.apply(ONLY_TEXTS)
    world.engine.jobs.publish_if_changed()
    world.twilio.fail_for(ALICE, 21211)
    world.fire()
    assert sorted(world.numbers_texted()) == [BOB, CAROL]
    assert notices(world, 3) == [
        "Schedule dev: Alice Archer is on L1 now and nothing pages them any more: "
        f"texts to “mobile” are off ({GONE}), and no other contact method is verified. "
        "Put somebody else on, or have them add one."
    ]
    world.engine.jobs.tell_problems()
    world.settle()
    assert world.texts() == []
    assert notices(world, 1)[0].startswith(f"Texts to “mobile” ({ALICE}) are off: {GONE}. Nothing pages you now.")
    world.reply(BOB, "ack 1")


def test_managers_are_not_told_of_somebody_who_is_not_on_call_soon(world: World) -> None:
    world.engine.jobs.publish_if_changed()
    assert world.reply(CAROL, "STOP") == ""
    assert world.texts() == []

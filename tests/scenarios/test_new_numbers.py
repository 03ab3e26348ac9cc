"""A number that changes, or goes, while somebody is being paged: the old one may be a stranger's by now."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from sqlmodel import select

from oncall.models import ContactMethod
from oncall.people.contacts import remove_method
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, Inline, World

NEW = "+12025550109"
WITH_NEW_NUMBER = f"""
users:
  - handle: alice
    contact_methods:
      - {{name: mobile, kind: sms, address: "{NEW}", verified: true}}
      - {{name: call, kind: voice, address: "{NEW}", verified: true}}
"""
WITHOUT_CALLS = f"""
users:
  - handle: alice
    contact_methods:
      - {{name: cell, kind: sms, address: "{NEW}", verified: true}}
"""
WITHOUT_ANY = "users: [{handle: alice, contact_methods: []}]"


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        yield world


def test_a_call_that_waits_goes_to_the_new_number(world: World) -> None:
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.apply(WITH_NEW_NUMBER)
    world.advance(minutes=3)
    assert [call.to for call in world.calls()] == [NEW]


def test_a_text_that_is_tried_again_goes_to_the_new_number(world: World) -> None:
    world.twilio.fail_next(status=503)
    world.fire()
    world.apply(WITH_NEW_NUMBER)
    world.advance(minutes=3)
    assert world.numbers_texted() + [call.to for call in world.calls()] == [NEW]


class Meanwhile(Inline):
    """Something happens after a delivery was claimed and before it is sent, once."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__()
        self.happening = [happens]

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        while self.happening:
            self.happening.pop()()
        return super().submit(fn, *args, **kwargs)


def test_a_text_that_failed_while_the_number_changed_is_not_tried_again_there(world: World) -> None:
    world.restart_engine(Meanwhile(lambda: world.apply(WITH_NEW_NUMBER)))
    world.twilio.fail_next(status=503)
    world.fire()
    world.advance(minutes=3)
    assert [call.to for call in world.calls()] == [NEW]


def test_what_waited_for_a_method_that_is_gone_goes_another_way(world: World) -> None:
    world.fire()
    assert world.numbers_texted() == [ALICE]
    world.apply(WITHOUT_CALLS)
    world.advance(minutes=3)
    assert world.numbers_texted() == [NEW]
    assert "since the address before is theirs no more" in " ".join(world.story())


def test_one_that_its_owner_removes_is_made_up_for_too(world: World) -> None:
    world.twilio.fail_next(status=503)
    world.fire()
    with world.database.transaction() as session:
        remove_method(session, session.exec(select(ContactMethod)).first(), world.clock(), confirm=True)
    world.settle()
    assert [call.to for call in world.calls()] == [ALICE], "at once, not when two minutes are over"


def test_who_has_no_way_left_is_waited_for_no_longer(world: World) -> None:
    world.twilio.fail_next(status=503)
    world.fire()
    world.apply(WITHOUT_ANY)
    world.settle()
    assert world.numbers_texted() == [BOB], "before the five minutes of the step are over"

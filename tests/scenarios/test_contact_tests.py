"""A contact method is tried out: a real message goes the way of a page, and its owner sees what became of it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from oncall.errors import BadInput, TooManyRequests
from oncall.models import ContactMethod
from oncall.people.contact_tests import MOST, TEXT, last_test, said_of, send_test
from oncall.settings import Settings
from tests.scenarios.world import ALICE, World


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings) as world:
        yield world


def method(world: World, kind: str = "sms") -> ContactMethod:
    own = select(ContactMethod).where(ContactMethod.address == ALICE, ContactMethod.kind == kind)
    found: ContactMethod = world.ask(lambda session: session.exec(own).one())
    return found


def try_out(world: World, kind: str = "sms") -> None:
    with world.database.transaction() as session:
        send_test(session, method(world, kind), world.clock())
    world.settle()


def said(world: World, kind: str = "sms") -> str:
    return str(world.ask(lambda session: said_of(last_test(session, method(world, kind)))))


def test_a_text_is_sent_and_its_receipt_is_shown(world: World) -> None:
    try_out(world)
    (text,) = world.twilio.take_messages()
    assert (text.to, text.body) == (ALICE, TEXT)
    assert "has not said yet whether it was delivered" in said(world)
    world.clock.now += timedelta(seconds=3)
    world.twilio.deliver(text)
    assert said(world) == "delivered in 3 s"


def test_a_call_can_be_tried_out_too(world: World) -> None:
    try_out(world, "voice")
    (call,) = world.calls()
    assert "This is a test of oncall" in world.twilio.answer(call)[0]
    world.twilio.report(call, "completed")
    assert said(world, "voice") == "delivered in 0 s"


def test_one_that_fails_goes_no_other_way_and_says_why(world: World) -> None:
    world.twilio.fail_next(status=400, code=21610)
    try_out(world)
    assert "failed: " in said(world)
    assert world.calls() == []
    with pytest.raises(BadInput, match=r"mobile is off: .*Send a new code"):
        try_out(world)


def test_one_that_is_not_confirmed_is_not_tried_out(world: World) -> None:
    world.apply(f'users: [{{handle: alice, contact_methods: [{{name: mobile, kind: sms, address: "{ALICE}"}}]}}]')
    with world.database.transaction() as session:
        found = session.exec(select(ContactMethod).where(ContactMethod.address == ALICE)).one()
        found.verified_at = None
        session.add(found)
    with pytest.raises(BadInput, match="not confirmed yet"):
        try_out(world)


def test_they_are_not_sent_without_end(world: World) -> None:
    for _ in range(MOST):
        try_out(world)
    with pytest.raises(TooManyRequests, match="10 test messages an hour"):
        try_out(world)
    assert len(world.texts()) == MOST
    world.clock.now += timedelta(hours=1, seconds=1)
    try_out(world)
    assert len(world.texts()) == 1

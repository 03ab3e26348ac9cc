"""Pages by email, through a real mail server, and answered by the link in them without signing in."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlmodel import select

from oncall.delivery.answer_links import LASTS
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, ShadowKind
from oncall.people.people import find_user
from oncall.rota import shadows
from oncall.rota.plans import find_schedule
from oncall.rota.shadows import NewShadow
from oncall.settings import Settings
from tests.conftest import Contents
from tests.mail_server import MailServer, mail_server
from tests.scenarios.world import BEGINS, BOB, COMPANY, PUBLIC_URL, World
from tests.web.pages.browser import Forms

BY_MAIL = """
users:
  - handle: alice
    contact_methods:
      - {name: mail, kind: email, address: alice@example.com, verified: true}
"""
ERIN = """
users:
  - handle: erin
    name: Erin Egan
    contact_methods:
      - {name: mail, kind: email, address: erin@example.com, verified: true}
"""
PAGE = {"accept": "text/html"}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY, BY_MAIL))


@pytest.fixture
def world(settings: Settings, server: MailServer) -> Iterator[World]:
    """Alice, who is L1, is reached by email alone."""
    mail = {"smtp_url": SecretStr(f"smtp://127.0.0.1:{server.port}"), "email_from": "oncall@example.com"}
    with World(settings.model_copy(update=mail)) as world:
        yield world


def link_in(server: MailServer) -> str:
    """The path of the link in the only letter that has come."""
    (link,) = links_in(server)
    return link


def links_in(server: MailServer) -> list[str]:
    texts = [letter.get_body(("plain",)).get_content() for letter in server.take()]
    return [link for text in texts for link in re.findall(rf"{PUBLIC_URL}(/answer/\S+)", text)]


def press(world: World, path: str, action: str, page: str | None = None) -> str:
    """A button of the page behind the link, with the fields that it came with."""
    opened = page or open_page(world, path)
    fields = Forms(opened).found[path]
    answer = world.client.post(path, data={**fields, "action": action}, headers=PAGE)
    assert answer.status_code == 200, answer.text
    world.settle()
    return answer.text


def open_page(world: World, path: str) -> str:
    answer = world.client.get(path, headers=PAGE)
    assert answer.status_code == 200
    return answer.text


def test_a_page_goes_by_email_and_opening_its_link_acknowledges_nothing(world: World, server: MailServer) -> None:
    world.fire()
    path = link_in(server)

    page = open_page(world, path)

    assert "Disk full on db1" in page
    assert "Bob Nguyen" in page, "who is next"
    assert world.alert().status is AlertStatus.TRIGGERED
    world.advance(minutes=5)
    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT"])
def test_link_previews_acknowledge_nothing(world: World, server: MailServer, method: str) -> None:
    world.fire()
    path = link_in(server)

    world.client.request(method, path)
    world.client.post(path)

    assert world.alert().status is AlertStatus.TRIGGERED
    press(world, path, "resolve")


def test_the_button_acknowledges_for_the_person_who_was_paged(world: World, server: MailServer) -> None:
    world.fire()
    path = link_in(server)

    page = press(world, path, "acknowledge")

    assert "#1 acknowledged: Disk full on db1" in page
    assert "You have it" in page
    assert 'value="acknowledge"' not in page
    assert "+0 Email to Alice Archer sent" in world.story()
    assert "+0 Acknowledged by Alice Archer by email link" in world.story()
    world.advance(hours=1)


def test_a_button_pressed_twice_escalates_once(world: World, server: MailServer) -> None:
    world.fire()
    path = link_in(server)
    page = open_page(world, path)

    said = [press(world, path, "escalate", page) for _ in range(2)]

    assert all("#1 escalated to Bob Nguyen: Disk full on db1" in page for page in said)
    assert world.numbers_texted() == [BOB]
    press(world, path, "resolve")


def test_what_is_over_has_no_buttons_and_says_so(world: World, server: MailServer) -> None:
    world.fire()
    path = link_in(server)
    before = open_page(world, path)
    world.clear()

    assert "nothing left to answer" in open_page(world, path)
    assert Forms(open_page(world, path)).found == {}
    assert "This alert is resolved" in press(world, path, "acknowledge", before)


def test_a_link_that_was_changed_opens_nothing(world: World, server: MailServer) -> None:
    world.fire()
    world.fire("Another", key="another")
    number, _, signature = links_in(server)[0].removeprefix("/answer/").partition(".")
    for token in (f"{int(number) + 1}.{signature}", number, f"{number}.", f"x.{signature}", "9" * 30, f"²{signature}"):
        for answer in (world.client.get(f"/answer/{token}"), world.client.post(f"/answer/{token}")):
            assert answer.status_code == 404
            assert "Open it again from the message" in answer.json()["detail"]
    for key in ("disk-db1", "another"):
        world.clear(key)


def test_an_old_link_says_so_and_acts_no_more(world: World, server: MailServer) -> None:
    world.fire()
    path = link_in(server)
    page = open_page(world, path)
    world.clear()
    world.clock.now += LASTS + timedelta(minutes=1)

    answer = world.client.get(path)
    late = world.client.post(path, data={**Forms(page).found[path], "action": "escalate"})

    assert (answer.status_code, late.status_code) == (410, 410)
    assert answer.json()["detail"] == "This link worked for 7 days. Sign in to see alert #1."


def test_a_viewer_who_was_paged_may_act(world: World, server: MailServer) -> None:
    world.apply("users: [{handle: alice, role: viewer}]")
    world.fire()

    assert "#1 acknowledged" in press(world, link_in(server), "acknowledge")


def test_without_a_public_address_no_link_is_promised(settings: Settings, server: MailServer) -> None:
    mail = {"smtp_url": SecretStr(f"smtp://127.0.0.1:{server.port}"), "email_from": "oncall@example.com"}
    with World(settings.model_copy(update=mail)) as world:
        world.settings = world.settings.model_copy(update={"public_url": ""})
        world.restart_engine()
        world.apply(BY_MAIL)
        world.fire()
        assert "http" not in server.take()[0].get_body(("plain",)).get_content()
        world.clear()


def test_an_address_that_does_not_exist_is_not_used_again_and_the_next_person_is_paged(
    world: World, server: MailServer
) -> None:
    server.refuse = {"RCPT": "550 5.1.1 No such user"}
    world.fire()

    assert world.numbers_texted() == [BOB]
    method = world.ask(lambda session: session.exec(select(ContactMethod).where(ContactMethod.kind == "email")).one())
    assert method.disabled_reason == "The mail server refused the address (550)"
    world.reply(BOB, "ack")


def test_a_letter_that_the_server_can_not_take_now_is_sent_later(world: World, server: MailServer) -> None:
    server.refuse = {"RCPT": "451 4.7.1 Greylisted"}
    world.fire()
    server.refuse = {}
    world.advance(seconds=3)

    reason = "The mail server did not take the address for now (451)"
    assert f"+0 Email to Alice Archer failed for now, trying again: {reason}" in world.story()
    press(world, link_in(server), "acknowledge")


def test_a_lost_answer_means_the_same_letter_once_more(world: World, server: MailServer) -> None:
    """The mail server can't be asked; programs show what has one Message-ID once."""
    world.fire()
    (first,) = server.take()
    with world.database.transaction() as session:
        delivery = session.get_one(Delivery, 1)
        delivery.state, delivery.due_at, delivery.unsure_since = DeliveryState.SENDING, world.clock(), world.clock()
    world.settle()

    (second,) = server.take()
    assert first["Message-ID"] == second["Message-ID"]
    world.clear()


def test_a_shadow_gets_no_link(world: World, server: MailServer) -> None:
    world.apply(ERIN)
    with world.database.transaction() as session:
        erin, now = find_user(session, "erin"), world.clock()
        follows = NewShadow("L1", erin, now, now + timedelta(days=1), ShadowKind.SHADOW)
        shadows.add_shadow(session, find_user(session, "carol"), find_schedule(session, "dev"), follows, now)
    world.settle()
    server.take()
    world.fire()

    letters = {letter["To"]: letter.get_body(("plain",)).get_content() for letter in server.take()}
    assert "/answer/" in letters["alice@example.com"]
    assert "/answer/" not in letters["erin@example.com"]
    assert "there is nothing to do for you" in letters["erin@example.com"]
    world.clear()

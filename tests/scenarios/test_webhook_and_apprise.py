"""Pages to addresses of people's own: a webhook, and a service that Apprise knows."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from standardwebhooks import Webhook

from notifiers.webhook_signature import as_secret
from oncall.delivery.accounts import webhook_key
from oncall.lifecycle.alert import AlertStatus
from oncall.settings import Settings
from tests.scenarios.world import ALICE, BOB, PUBLIC_URL, World
from tests.web.pages.browser import Forms
from tests.web_receiver import WebReceiver, web_receiver

PAGE = {"accept": "text/html"}


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with web_receiver() as running:
        yield running


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with World(settings.model_copy(update={"allow_private_addresses": True})) as world:
        yield world


def reached_by(world: World, kind: str, address: str, *, and_text: bool = False) -> None:
    """Alice, who is L1, by this alone, or by text beside it."""
    text = f'- {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}' if and_text else ""
    world.apply(f"""
users:
  - handle: alice
    contact_methods:
      - {{name: other, kind: {kind}, address: "{address}", verified: true}}
      {text}
    notification_rules:
      - {{urgency: high, after: 0m, contact_method: other}}
""")


def acknowledge(world: World, url: str) -> None:
    path = urlsplit(url).path
    fields = Forms(world.client.get(path, headers=PAGE).text).found[path]
    assert world.client.post(path, data={**fields, "action": "acknowledge"}, headers=PAGE).status_code == 200


def test_a_webhook_gets_a_signed_page_that_can_be_answered_by_its_link(world: World, receiver: WebReceiver) -> None:
    reached_by(world, "webhook", receiver.url)
    world.fire()

    (posted,) = receiver.take()
    sent = json.loads(posted.body)
    assert (sent["data"]["summary"], sent["data"]["alert"]) == ("Disk full on db1", 1)
    assert "+0 Webhook to Alice Archer delivered" in world.story()
    assert sent["data"]["answer_url"].startswith(f"{PUBLIC_URL}/answer/")
    acknowledge(world, sent["data"]["answer_url"])
    assert "+0 Acknowledged by Alice Archer by webhook link" in world.story()


def test_its_signature_is_made_with_the_installation_s_secret(world: World, receiver: WebReceiver) -> None:
    reached_by(world, "webhook", receiver.url)
    world.fire()

    (posted,) = receiver.take()
    checker = Webhook(as_secret(webhook_key(world.settings, world.runtime.signer)))
    signed = checker.sign(posted.headers["webhook-id"], world.clock(), posted.body.decode())
    assert posted.headers["webhook-signature"] == signed
    world.clear()


def test_a_webhook_that_asks_for_patience_is_tried_again_with_the_same_id(world: World, receiver: WebReceiver) -> None:
    reached_by(world, "webhook", receiver.url)
    receiver.answer = (429, {"Retry-After": "60"})
    world.fire()
    receiver.answer = (204, {})
    world.advance(seconds=59)
    (first,) = receiver.take()
    world.advance(seconds=2)

    (second,) = receiver.take()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    world.clear()


def test_a_webhook_that_asks_for_more_patience_than_a_page_has_is_given_up(world: World, receiver: WebReceiver) -> None:
    reached_by(world, "webhook", receiver.url, and_text=True)
    receiver.answer = (503, {"Retry-After": "86400"})
    world.fire()

    assert world.numbers_texted() == [ALICE]
    world.clear()


@pytest.mark.parametrize("status", [404, 410, 302])
def test_a_webhook_that_refuses_means_the_next_way_at_once(world: World, receiver: WebReceiver, status: int) -> None:
    reached_by(world, "webhook", receiver.url, and_text=True)
    receiver.answer = (status, {"Location": receiver.url})
    world.fire()

    page, *notices = (text for _, text in world.texts())
    assert page.startswith("CRITICAL web: Disk full on db1")
    assert len(notices) == (status == 410), "whose address is gone is told so"
    world.advance(seconds=1)
    world.fire("Another", key="another")
    assert len(receiver.take()) == (1 if status == 410 else 2), "what is gone is not asked again"
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack all")


def test_a_webhook_into_our_own_network_is_refused(settings: Settings, receiver: WebReceiver) -> None:
    with World(settings) as world:
        reached_by(world, "webhook", receiver.url.replace("http:", "https:"), and_text=True)
        world.fire()

        assert receiver.take() == []
        assert world.numbers_texted() == [ALICE]
        assert any("private network" in line for line in world.story())
        world.clear()


def test_an_apprise_service_carries_a_page_with_its_link(world: World, receiver: WebReceiver) -> None:
    receiver.answer = (200, {})
    reached_by(world, "apprise", f"json://127.0.0.1:{receiver.port}/secret-path")
    world.fire()

    (posted,) = receiver.take()
    acknowledge(world, json.loads(posted.body)["message"].rsplit("\n", 1)[1])
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    assert "+0 Apprise message to Alice Archer sent" in world.story()
    assert not any("secret-path" in line for line in world.story())


def test_an_apprise_service_that_is_away_escalates(world: World) -> None:
    reached_by(world, "apprise", "json://127.0.0.1:9/secret-path")
    world.fire()
    world.advance(minutes=5)

    assert world.numbers_texted() == [BOB]
    world.reply(BOB, "ack")

"""Canaries: sent on a schedule like a page, measured, and loud when one does not arrive."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from oncall.auth.tokens import create_token
from oncall.cli.overrides import OPERATOR
from oncall.errors import SetupError
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import Alert, CanaryAccount, Delivery, User
from oncall.settings import Settings, load_settings
from oncall.setup.deletion_of_services import delete_service
from tests.client import TestClient
from tests.scenarios.world import ALICE, World

CANARY = "+12025550199"
HOURLY = {"canary_to": f"sms:{CANARY}", "canary_every": 3600.0, "canary_service": "web"}


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    with World(sqlite_settings.model_copy(update=HOURLY)) as world:
        yield world


def tick(world: World) -> None:
    world.engine.jobs.follow_canaries()
    world.settle()


def arrive(world: World) -> list[tuple[str, str]]:
    """What was texted reaches the phone."""
    texts = world.twilio.take_messages()
    assert [world.twilio.deliver(text) for text in texts] == [204] * len(texts)
    return [(text.to, text.body) for text in texts]


def canary(world: World) -> CanaryAccount:
    found: CanaryAccount = world.ask(lambda session: session.exec(select(CanaryAccount)).one())
    return found


def messages(world: World) -> list[Delivery]:
    own = select(Delivery).where(col(Delivery.canary_id).is_not(None)).order_by(col(Delivery.id))
    found: list[Delivery] = world.ask(lambda session: session.exec(own).all())
    return found


def test_one_goes_at_the_start_and_then_every_hour(world: World) -> None:
    for _ in range(3):
        tick(world)
    assert arrive(world) == [
        (CANARY, "This is oncall, trying out whether it can page by text through twilio: message 1."),
    ]
    world.advance(minutes=59)
    tick(world)
    assert world.texts() == []
    world.advance(minutes=1)
    tick(world)
    assert world.numbers_texted() == [CANARY]


def test_the_next_waits_until_it_is_known_what_became_of_the_last(sqlite_settings: Settings) -> None:
    """Else none would ever be late where they are sent more often than a receipt may take."""
    with World(sqlite_settings.model_copy(update=HOURLY | {"canary_every": 60.0})) as world:
        tick(world)
        world.advance(minutes=10)
        tick(world)
        assert len(arrive(world)) == 1
        tick(world)
        assert len(arrive(world)) == 1


def test_another_engine_does_not_send_it_again(settings: Settings) -> None:
    with World(settings.model_copy(update=HOURLY)) as world:
        tick(world)
        world.restart_engine()
        tick(world)
        assert world.numbers_texted() == [CANARY]


def test_how_long_it_took_is_told_by_api_and_metrics(world: World) -> None:
    tick(world)
    (text,) = world.twilio.take_messages()
    world.clock.now += timedelta(seconds=3)
    assert world.twilio.deliver(text) == 204
    (told,) = _get(world, "/api/v1/canaries")["items"]
    assert (told["kind"], told["address"], told["failing_since"]) == ("sms", "…0199", None)
    last = told["last"]
    assert (last["state"], last["accepted_after"], last["delivered_after"]) == ("delivered", 0.0, 3.0)
    said = world.client.get("/metrics").text
    assert 'oncall_canary_seconds{account="twilio",canary="1",kind="sms",until="delivered"} 3.0' in said
    assert 'oncall_canary_failing{account="twilio",canary="1",kind="sms"} 0.0' in said
    assert CANARY not in said


def test_one_that_fails_raises_an_alert_once_and_the_next_that_arrives_resolves_it(world: World) -> None:
    world.twilio.fail_next(status=400, code=21211)
    for _ in range(3):
        tick(world)
    (alert,) = world.ask(lambda session: session.exec(select(Alert)).all())
    assert alert.summary.startswith("Pages by text through twilio may not arrive, the canary failed: ")
    assert CANARY not in alert.summary
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")
    assert canary(world).failing_since == world.clock()
    world.advance(hours=1)
    tick(world)
    assert arrive(world)[0][0] == CANARY
    tick(world)
    assert world.alert().status is AlertStatus.RESOLVED
    assert canary(world).failing_since is None


def test_one_that_no_provider_takes_for_five_minutes_has_failed(world: World) -> None:
    world.twilio.fail_next(1000, status=503)
    tick(world)
    world.advance(minutes=5)
    tick(world)
    assert world.ask(lambda session: session.exec(select(Alert)).all()) == []
    world.advance(minutes=1)
    world.twilio.work_again()
    tick(world)
    assert "not taken by the provider for 5 min" in world.alert().summary
    assert messages(world)[0].state is DeliveryState.PENDING
    assert world.numbers_texted() == [ALICE]
    world.reply(ALICE, "ack")


def test_one_that_fails_raises_nothing_on_a_service_that_was_deleted(world: World) -> None:
    without = world.settings.model_copy(update={"canary_every": 0.0})
    with world.database.transaction() as session:
        delete_service(session, without, OPERATOR, "web", world.clock(), confirm=True)
    world.twilio.fail_next(status=400, code=21211)
    for _ in range(2):
        tick(world)
    assert canary(world).failing_since == world.clock()
    assert world.ask(lambda session: session.exec(select(Alert)).all()) == []


def test_old_ones_are_forgotten(world: World) -> None:
    tick(world)
    world.clock.now += timedelta(days=91)
    world.engine.jobs.keep_house()
    assert messages(world) == []
    assert world.numbers_texted() == [CANARY]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"canary_to": "sms:12"}, 'ONCALL_CANARY_TO: "12" '),
        ({"canary_to": "pigeon:12"}, 'ONCALL_CANARY_TO: "pigeon" is no kind of contact method'),
        ({"canary_to": CANARY}, "must be a kind and an address, such as sms:+12025550101"),
        ({"canary_every": 5}, "ONCALL_CANARY_EVERY: must be 60 or more, or 0 for none"),
        ({"canary_every": 60}, "canary_every needs canary_to and canary_service beside it"),
    ],
)
def test_a_setting_that_can_not_be_meant_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SetupError) as error:
        load_settings(_env_file=None, **given)
    assert said in str(error.value)


def _get(world: World, path: str) -> Any:
    with world.database.transaction() as session:
        user = session.exec(select(User).where(User.handle == "bob")).one()
        _, token = create_token(session, user, "test", world.clock())
    client: TestClient = world.client
    return client.get(path, headers={"Authorization": f"Bearer {token}"}).json()

"""A watcher outside and load balancers hear that we are well while we can page; else nothing, or the reason."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from oncall.errors import SetupError
from oncall.models import EngineProcess
from oncall.pulse.outside import OutsideWatcher
from oncall.settings import Settings, load_settings
from tests.conftest import Contents
from tests.postgres import PostgresServer
from tests.scenarios.world import BEGINS, COMPANY, World
from tests.web_receiver import WebReceiver, web_receiver


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY,))


@pytest.fixture
def watcher() -> Iterator[WebReceiver]:
    with web_receiver() as receiver:
        yield receiver


@pytest.fixture
def world(sqlite_settings: Settings, watcher: WebReceiver) -> Iterator[World]:
    with World(sqlite_settings.model_copy(update={"heartbeat_url": SecretStr(watcher.url)}), COMPANY) as world:
        pass_lately(world)
        yield world


def pass_lately(world: World) -> None:
    now = world.clock()
    with world.database.transaction() as session:
        session.merge(EngineProcess(id="e", host="h", pid=1, version="0", started_at=now, last_pass_at=now))


def ours(world: World) -> OutsideWatcher:
    return OutsideWatcher(world.database, world.settings, world.clock)


def test_it_is_told_while_we_can_page(world: World, watcher: WebReceiver) -> None:
    ours(world).tell()
    assert [each.path for each in watcher.take()] == ["/hooks/secret-path"]


def test_not_while_no_engine_makes_its_passes(world: World, watcher: WebReceiver) -> None:
    world.clock.now += timedelta(seconds=16)
    telling = ours(world)
    telling.tell()
    assert watcher.take() == []
    pass_lately(world)
    telling.tell()
    assert len(watcher.take()) == 1


def test_not_while_a_delivery_is_overdue(world: World, watcher: WebReceiver) -> None:
    world.fire()
    world.texts()
    world.clock.now += timedelta(minutes=3, seconds=1)  # the call was due 61 s ago
    pass_lately(world)
    ours(world).tell()
    assert watcher.take() == []
    world.settle()
    world.calls()
    ours(world).tell()
    assert len(watcher.take()) == 1


def test_not_while_nothing_can_be_stored(
    postgres: PostgresServer, postgres_settings: Settings, watcher: WebReceiver
) -> None:
    with World(postgres_settings.model_copy(update={"heartbeat_url": SecretStr(watcher.url)}), COMPANY) as world:
        pass_lately(world)
        only_reading(postgres, world)
        ours(world).tell()
        assert watcher.take() == []


def test_a_problem_is_logged_when_it_begins_and_when_it_ends(world: World, watcher: WebReceiver) -> None:
    telling = ours(world)
    with capture_logs() as logs:
        watcher.answer = (500, {})
        for _ in range(3):
            telling.tell()
        watcher.answer = (204, {})
        for _ in range(2):
            telling.tell()
    assert [(each["event"], each.get("problem")) for each in logs] == [
        ("heartbeat.not_sent", "The watcher answered 500."),
        ("heartbeat.sent_again", None),
    ]


def test_a_watcher_that_can_not_be_reached_is_logged_without_its_address(world: World) -> None:
    nowhere = world.settings.model_copy(update={"heartbeat_url": SecretStr("http://127.0.0.1:9/secret-path")})
    with capture_logs() as logs:
        OutsideWatcher(world.database, nowhere, world.clock).tell()
    assert [each["event"] for each in logs] == ["heartbeat.not_sent"]
    assert "secret-path" not in str(logs)


def test_an_address_that_is_none_is_refused_and_not_shown() -> None:
    with pytest.raises(SetupError) as error:
        load_settings(_env_file=None, heartbeat_url="secret-path")
    assert "ONCALL_HEARTBEAT_URL: must begin with http:// or https://" in str(error.value)
    assert "secret-path" not in str(error.value)


def only_reading(postgres: PostgresServer, world: World) -> None:
    """From here on the database answers, and stores nothing: as a replica does, or a server whose disk is full."""
    name = world.database.engine.url.database
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    world.database.engine.dispose()


def test_a_process_whose_database_can_only_be_read_is_not_ready(
    postgres: PostgresServer, postgres_settings: Settings
) -> None:
    with World(postgres_settings) as world:
        pass_lately(world)
        assert world.client.get("/health/ready").status_code == 200
        only_reading(postgres, world)
        world.clock.now += timedelta(seconds=4)  # it is asked anew
        answer = world.client.get("/health/ready")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "nothing can be stored" in answer.json()["detail"]


def test_a_process_without_an_engine_anywhere_is_not_ready(world: World) -> None:
    world.clock.now += timedelta(seconds=16)
    answer = world.client.get("/health/ready")
    assert answer.status_code == 503
    assert "No engine has completed a pass lately" in answer.json()["detail"]
    pass_lately(world)
    assert world.client.get("/health/ready").json()["status"] == "ok"

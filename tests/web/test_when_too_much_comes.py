"""When the database is away or full, or too much comes at once: a sender is told so, and never a false 202."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from structlog.testing import capture_logs

from oncall.models import EngineProcess
from oncall.settings import Settings
from tests.client import TestClient
from tests.postgres import PostgresServer
from tests.scenarios.world import ALERTMANAGER_KEY, World
from tests.web.test_ingest import TRIGGER, stored


def test_a_database_that_is_full_means_503_and_never_a_false_202(sqlite_settings: Settings) -> None:
    with World(sqlite_settings) as world:
        database = world.database

        def limit_pages(connection: Any, _record: object, _proxy: object) -> None:
            connection.execute(f"PRAGMA max_page_count={pages}")

        with database.read() as session:
            pages = session.execute(sa.text("PRAGMA page_count")).scalar_one()
        sa.event.listen(database.engine, "checkout", limit_pages)
        large = TRIGGER["payload"] | {"custom_details": "x" * 5000}
        with capture_logs() as logs:
            answers = [
                world.client.post("/v2/enqueue", json=TRIGGER | {"dedup_key": str(n), "payload": large})
                for n in range(20)
            ]
        accepted = [answer for answer in answers if answer.status_code == 202]
        refused = [answer for answer in answers if answer.status_code == 503]
        assert len(accepted) + len(refused) == 20
        assert refused
        assert refused[0].headers["retry-after"] == "5"
        told = {line["cause"] for line in logs if line["event"] == "ingest.not_stored"}
        assert told == {"database or disk is full"}
        assert stored(world) == len(accepted)


def test_a_database_that_is_away_means_503_with_retry_after_until_it_is_back(
    postgres: PostgresServer, postgres_settings: Settings
) -> None:
    name = sa.make_url(postgres_settings.database_url).database
    with World(postgres_settings) as world:
        assert world.client.post("/v2/enqueue", json=TRIGGER).status_code == 202
        postgres.execute(
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        answer = world.client.post("/v2/enqueue", json=TRIGGER)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert world.client.get("/health/ready").status_code == 503
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert world.client.post("/v2/enqueue", json=TRIGGER).status_code == 202
        assert world.alert().event_count == 2


def test_a_database_that_only_reads_means_503_so_that_the_event_is_sent_again(
    postgres: PostgresServer, postgres_settings: Settings
) -> None:
    """As a standby does, between a failover and the next."""
    name = sa.make_url(postgres_settings.database_url).database
    with World(postgres_settings) as world:
        postgres.execute(
            f"ALTER DATABASE {name} SET default_transaction_read_only = on",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        answer = world.client.post("/v2/enqueue", json=TRIGGER)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_process_that_can_no_longer_store_events_is_not_ready(sqlite_settings: Settings) -> None:
    with World(sqlite_settings) as world:
        now = world.clock()
        with world.database.transaction() as session:
            session.add(EngineProcess(id="e", host="h", pid=1, version="0", started_at=now, last_pass_at=now))
        assert world.client.get("/health/ready").status_code == 200
        world.runtime.writer.stop()
        answer = world.client.get("/health/ready")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert "stores events has stopped" in answer.json()["detail"]
        assert world.client.post("/v2/enqueue", json=TRIGGER).status_code == 503


def _hold_the_database(world: World, pool: ThreadPoolExecutor) -> tuple[threading.Event, "Future[None]"]:
    """Nothing is stored until the event is set; returns once that is so."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with world.database.transaction():
            held.set()
            release.wait(10)

    holding = pool.submit(hold)
    held.wait()
    return release, holding


def test_when_too_many_wait_the_rest_get_503_at_once(sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update={"ingest_queue": 3})
    with World(settings) as world, ThreadPoolExecutor(12) as pool:
        release, holding = _hold_the_database(world, pool)
        answers = [pool.submit(_send, world.client, number) for number in range(9)]
        refused = _wait_for(lambda: [a for a in answers if a.done() and a.result() == 503])
        release.set()
        holding.result()
        assert len(refused) >= 3  # three wait in the queue, and up to three more are with the writer
        assert sum(a.result() == 202 for a in answers) == stored(world)


def _send(client: TestClient, number: int) -> int:
    return client.post("/v2/enqueue", json=TRIGGER | {"dedup_key": str(number)}).status_code


def _wait_for(condition: Callable[[], list[Any]]) -> list[Any]:
    pause = threading.Event()
    for _ in range(300):
        if len(found := condition()) >= 3:
            return found
        pause.wait(0.01)
    return condition()


def test_a_key_that_sends_too_much_is_told_to_wait_in_its_protocol_s_own_words(sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update={"ingest_rate": 0.1})  # 6 at once
    with World(settings) as world:
        answers = [world.client.post("/v2/enqueue", json=TRIGGER) for _ in range(7)]
        other = [world.client.post(f"/ingest/alertmanager/{ALERTMANAGER_KEY}", json={}) for _ in range(7)]

        assert [answer.status_code for answer in answers] == [202] * 6 + [429]
        assert answers[-1].json()["status"] == "throttle exceeded"
        assert int(answers[-1].headers["retry-after"]) <= 10
        assert [answer.status_code for answer in other] == [400] * 6 + [429]
        assert other[-1].headers["content-type"] == "application/problem+json"
        assert "ONCALL_INGEST_RATE" in other[-1].json()["detail"]
        assert "retry-after" in other[-1].headers
        assert world.alert().event_count == 6


def test_a_key_that_floods_us_leaves_room_for_another(sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update={"ingest_queue": 6})
    with World(settings) as world, ThreadPoolExecutor(24) as pool:
        release, holding = _hold_the_database(world, pool)
        flood = [pool.submit(_send, world.client, number) for number in range(15)]
        _wait_for(lambda: [a for a in flood if a.done() and a.result() == 503])
        firing = {"alerts": [{"status": "firing", "labels": {"alertname": "Quiet"}}]}
        quiet = pool.submit(world.client.post, f"/ingest/alertmanager/{ALERTMANAGER_KEY}", json=firing)
        _wait_for(lambda: [quiet] * 3 if quiet.done() or world.runtime.writer.waiting > 3 else [])
        release.set()
        holding.result()
        assert quiet.result().status_code == 202

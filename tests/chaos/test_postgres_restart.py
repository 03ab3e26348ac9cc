"""PostgreSQL restarted, and away for a while, under load: nothing accepted is lost, nothing false is accepted, and
paging goes on by itself as soon as it is back.
"""

import signal
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from oncall.schema import migrate
from oncall.settings import Settings
from tests.chaos.fleet import Fleet
from tests.chaos.monitoring import Monitoring
from tests.chaos.provider import provider
from tests.chaos.reckoning import reckon, set_up, wait_until_all_is_sent
from tests.conftest import make_settings
from tests.postgres import PostgresServer, running_server

DURABLE = {"full_page_writes": "on", "synchronous_commit": "on"}
"""Here the server itself is stopped as by a crash; the machine is not, so what was written need not be on its disk."""
RESUMES_WITHIN = 2.0


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with running_server(DURABLE) as server:
        server.execute("CREATE DATABASE oncall")
        yield server


@pytest.fixture
def of_the_server(server: PostgresServer) -> Settings:
    settings = make_settings(server.url("oncall"))
    migrate.upgrade(settings)
    return settings


def test_postgres_restart(
    is_long: bool,
    server: PostgresServer,
    of_the_server: Settings,
    free_port: Callable[[], int],
    figure: Callable[[str], None],
) -> None:
    before, away = (10.0, 60.0) if is_long else (1.0, 2.0)
    with provider() as twilio:
        settings = [twilio.settings(of_the_server, free_port()) for _ in range(2)]
        set_up(settings[0])
        with Fleet(settings) as fleet, Monitoring(fleet.ports, every=0.1) as monitoring:
            time.sleep(before)
            server.stop(signal.SIGQUIT)
            server.start()
            restarted = _resumed(lambda: len(twilio.messages()))
            time.sleep(before)
            server.stop(signal.SIGQUIT)
            gone, used = time.monotonic(), fleet.seconds_of_processor()
            time.sleep(away)
            falsely, used = monitoring.asked_and_accepted(gone, time.monotonic()), fleet.seconds_of_processor() - used
            server.start()
            returned = _resumed(lambda: len(twilio.messages()))
            time.sleep(before)
            monitoring.stop()
            wait_until_all_is_sent(settings[0])
            connections = _connections(server)
        found = reckon(settings[0], [twilio], monitoring)
    statuses = ", ".join(f"{count} × {status or 'broken off'}" for status, count in monitoring.answers.items())
    figure(
        f"PostgreSQL restarted: paging again {restarted:.2f} s after it was back; away {away:g} s: {returned:.2f} s; "
        f"{statuses}; {found}; {used:.1f} s of processor while away; {connections} connections at the end"
    )
    found.assert_nothing_lost()
    assert falsely == [], "accepted while there was no database"
    assert monitoring.without_retry_after == 0
    assert monitoring.answers.keys() <= {202, 503}
    assert max(restarted, returned) < RESUMES_WITHIN
    assert found.twice == 0, "the provider was not asked"


def _resumed(texts: Callable[[], int]) -> float:
    """Seconds until a text comes in that was not there before."""
    began, had = time.monotonic(), texts()
    while texts() == had:
        assert time.monotonic() - began < 30, "paging does not go on"
        time.sleep(0.01)
    return time.monotonic() - began


def _connections(server: PostgresServer) -> int:
    with psycopg.connect(server.url("postgres")) as connection:
        row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'oncall'").fetchone()
        assert row is not None
        return int(row[0])

"""Everything works through PgBouncer in session mode: migrations and their lock, limits of a session, prepared
statements, wake-ups by LISTEN and NOTIFY, and processes that are killed.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from oncall.clock import system_clock
from oncall.db.database import Database
from oncall.db.postgres import SESSION_LIMITS
from oncall.ingest import pagerduty
from oncall.ingest.store import Submission, store
from oncall.process.listener import reaches_others
from oncall.schema import migrate
from oncall.settings import Settings
from tests.chaos.fleet import Fleet
from tests.chaos.monitoring import Monitoring, event
from tests.chaos.pgbouncer import pgbouncer
from tests.chaos.provider import Provider, provider
from tests.chaos.reckoning import reckon, set_up, wait_until_all_is_sent
from tests.conftest import make_settings
from tests.postgres import PostgresServer
from tests.scenarios.world import KEY
from tests.system import needs

pytestmark = needs("pgbouncer")

LIMITS = {name: value for name, value in SESSION_LIMITS.items() if not name.startswith("tcp_")}
"""Those of TCP mean nothing on a socket of this machine."""
TICK = 20.0
"""Seconds. So long that nothing but a wake-up makes an engine look in time."""
WOKEN_WITHIN = 5.0


def _by_way_of(bouncer: PostgresServer, url: str) -> Settings:
    return make_settings(bouncer.url(urlsplit(url).path.removeprefix("/")))


@pytest.fixture
def bounced(postgres: PostgresServer) -> Iterator[Settings]:
    with postgres.database() as url, pgbouncer(postgres) as bouncer:
        yield _by_way_of(bouncer, url)


def test_pgbouncer(
    is_long: bool, bounced: Settings, free_port: Callable[[], int], figure: Callable[[str], None]
) -> None:
    chance, kills = random.Random(5), 30 if is_long else 4
    with ThreadPoolExecutor(3) as processes:  # the lock is a session's, and so is its end
        list(processes.map(migrate.upgrade, [bounced] * 3))
    assert _limits(bounced) == LIMITS
    with provider() as twilio:
        settings = [twilio.settings(bounced, free_port(), engine_tick=tick) for tick in (TICK, 1.0, 1.0)]
        set_up(settings[0])
        with Fleet(settings[:1]) as fleet:
            monitoring = Monitoring(fleet.ports, every=0.05)
            woken = _woken_by_another_process(settings[0], twilio, monitoring)
        with Fleet(settings[1:]) as fleet:
            monitoring.ports = fleet.ports
            with monitoring:
                for _ in range(kills):
                    time.sleep(chance.uniform(0.2, 0.6))
                    number = chance.randrange(2)
                    fleet.wait_for(number)
                    fleet.kill(number)
                    fleet.start(number)
            wait_until_all_is_sent(settings[0])
        found = reckon(settings[0], [twilio], monitoring)
    figure(f"PgBouncer: woken after {woken:.2f} s; {kills} kills of 2: {len(monitoring.accepted)} accepted, {found}")
    found.assert_nothing_lost()
    assert found.twice == 0, "the provider was not asked"


@pytest.mark.parametrize("pool_mode", ["session", "transaction"])
def test_doctor_notices_a_pooler_that_loses_wake_ups(postgres: PostgresServer, pool_mode: str) -> None:
    with postgres.database() as url, pgbouncer(postgres, pool_mode) as bouncer:
        database = Database(_by_way_of(bouncer, url))
        assert reaches_others(database) == (pool_mode == "session")
        database.close()


def _limits(settings: Settings) -> dict[str, str]:
    """As a session of ours has them."""
    database = Database(settings)
    with database.read() as session:
        found = {name: str(session.execute(sa.text(f"SHOW {name}")).scalar_one()) for name in LIMITS}
    database.close()
    return found


def _woken_by_another_process(settings: Settings, twilio: Provider, monitoring: Monitoring) -> float:
    """Seconds from a commit here to the text that the only engine sends."""
    body = json.dumps(event("woken")).encode()
    database, began = Database(settings), time.monotonic()
    with database.transaction() as session:
        submission = Submission(KEY, "pagerduty", lambda _options: [pagerduty.read(body).event()])
        store(session, [submission], system_clock())
    monitoring.accepted["woken"] = began
    while not twilio.messages():
        assert time.monotonic() - began < WOKEN_WITHIN, "nothing woke the engine"
        time.sleep(0.01)
    database.close()
    return time.monotonic() - began

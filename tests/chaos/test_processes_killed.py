"""kill -9 of any process at any moment loses no accepted alert and no page, and makes no page twice.

The provider takes its time over each text, so that most kills find some of them under way.
"""

import random
import time
from collections.abc import Callable

from oncall.settings import Settings
from tests.chaos.fleet import Fleet
from tests.chaos.monitoring import Monitoring
from tests.chaos.provider import provider
from tests.chaos.reckoning import reckon, set_up, wait_until_all_is_sent

KILLS = 30
TIME_OF_THE_PROVIDER = 0.1
"""Seconds that it looks at a text."""


def test_one_process_on_sqlite(
    sqlite_settings: Settings, free_port: Callable[[], int], figure: Callable[[str], None]
) -> None:
    """SQLite has one engine: what nobody has finished, the next process finds."""
    chance = random.Random(9)
    with provider() as twilio:
        twilio.control("hang", TIME_OF_THE_PROVIDER)
        settings = twilio.settings(sqlite_settings, free_port())
        set_up(settings)
        with Fleet([settings]) as fleet, Monitoring(fleet.ports, every=0.02) as monitoring:
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.0, 0.25))
                fleet.kill()
                fleet.start()
                fleet.wait_for()
            monitoring.stop()
            wait_until_all_is_sent(settings)
        found = reckon(settings, [twilio], monitoring)
        figure(f"SQLite: {KILLS} kills: {len(monitoring.accepted)} accepted, {monitoring.refused} not, {found}")
        found.assert_nothing_lost()
        assert found.twice == 0, "the provider was not asked"


def test_three_processes_on_postgresql(
    is_long: bool, postgres_settings: Settings, free_port: Callable[[], int], figure: Callable[[str], None]
) -> None:
    chance = random.Random(3)
    alerts, pause = (1002, 2.0) if is_long else (5000, 0.1)
    with provider() as twilio:
        twilio.control("hang", TIME_OF_THE_PROVIDER)
        settings = [twilio.settings(postgres_settings, free_port()) for _ in range(3)]
        set_up(settings[0])
        kills = 0
        with Fleet(settings) as fleet, Monitoring(fleet.ports, every=0.05, at_most=alerts, senders=3) as monitoring:
            while kills < KILLS or (is_long and monitoring.is_sending):
                time.sleep(chance.uniform(pause / 2, pause * 3 / 2))
                number = chance.randrange(3)
                fleet.wait_for(number)
                fleet.kill(number)
                fleet.start(number)
                kills += 1
            monitoring.stop()
            wait_until_all_is_sent(settings[0])
        found = reckon(settings[0], [twilio], monitoring)
        figure(
            f"PostgreSQL: {kills} kills of 3: {len(monitoring.accepted)} accepted, {monitoring.refused} not, {found}"
        )
        found.assert_nothing_lost()
        assert found.twice == 0, "the provider was not asked"

"""Engines are woken by what other processes commit; beside an engine that is awake already they may take their time."""

from collections.abc import Iterator
from contextlib import closing
from queue import Queue

import pytest

from oncall.db.database import Database, notify_engines
from oncall.process.listener import OTHERS_WITHIN, Listener
from oncall.process.wake import Wake
from oncall.settings import Settings


class Told(Wake):
    """Keeps within how many seconds it was asked to wake the engine."""

    def __init__(self) -> None:
        super().__init__()
        self.within: Queue[float] = Queue()

    def set(self, within: float = 0.0) -> None:
        super().set(within)
        self.within.put(within)


@pytest.fixture
def told(postgres_settings: Settings) -> Iterator[Told]:
    """In the process of the engine called "ours"."""
    wake = Told()
    with closing(Database(postgres_settings)) as database:
        database.engine_name = "ours"
        listener = Listener(database, wake)
        listener.start()
        assert wake.within.get(timeout=10) == 0.0, "it listens, and looks what came before"
        yield wake
        listener.stop()
    assert wake.within.empty()


def commit(settings: Settings, engine_name: str) -> None:
    with closing(Database(settings)) as database:
        database.engine_name = engine_name
        with database.transaction() as session:
            notify_engines(session)


def test_what_is_committed_where_no_engine_runs_wakes_the_others_at_once(
    told: Told, postgres_settings: Settings
) -> None:
    commit(postgres_settings, "")
    assert told.within.get(timeout=10) == 0.0


def test_beside_an_engine_that_is_awake_the_others_take_their_time(told: Told, postgres_settings: Settings) -> None:
    commit(postgres_settings, "theirs")
    assert told.within.get(timeout=10) == OTHERS_WITHIN


def test_what_is_committed_here_has_woken_the_engine_here(told: Told, postgres_settings: Settings) -> None:
    commit(postgres_settings, "ours")
    commit(postgres_settings, "theirs")  # comes behind it
    assert told.within.get(timeout=10) == OTHERS_WITHIN


def test_where_no_engine_runs_every_commit_elsewhere_is_news_for_pages(postgres_settings: Settings) -> None:
    wake = Told()
    with closing(Database(postgres_settings)) as database:
        listener = Listener(database, wake)
        listener.start()
        assert wake.within.get(timeout=10) == 0.0
        commit(postgres_settings, "")
        assert wake.within.get(timeout=10) == 0.0
        commit(postgres_settings, "theirs")
        assert wake.within.get(timeout=10) == OTHERS_WITHIN
        listener.stop()


def test_whoever_follows_is_told_whenever_the_engine_is_woken() -> None:
    wake, told = Wake(), []
    wake.follow(lambda: told.append("woken"))

    wake.set()
    wake.set(within=1.0)

    assert told == ["woken", "woken"]

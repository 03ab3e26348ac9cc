"""What is old and over is deleted, with all that hangs on it; what is open, or reports need, stays."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, func, select

from oncall.alerts import retention
from oncall.models import Alert, Delivery, Page, PastPage, ReceivedRequest, TimelineEntry
from oncall.reports.burden import burdens
from oncall.settings import Settings
from tests.conftest import Contents
from tests.scenarios.world import BEGINS, COMPANY, World


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY,))


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with World(settings) as world:
        yield world


def delete_old(world: World, days: int = 365) -> int:
    return retention.delete_old(world.database, days, world.clock, lambda _seconds: False)


def count(world: World, table: type[SQLModel]) -> int:
    found: int = world.ask(lambda session: session.exec(select(func.count()).select_from(table)).one())
    return found


def over(world: World, key: str) -> None:
    """An alert that paged, and was resolved."""
    world.fire(key=key)
    world.clear(key)
    world.texts()


def pages_taken(world: World) -> dict[str, int]:
    def ask(session: Any) -> dict[str, int]:
        window = world.clock() - timedelta(days=500), world.clock()
        return {each.handle: each.pages for each in burdens(session, *window) if each.pages}

    found: dict[str, int] = world.ask(ask)
    return found


def test_an_alert_goes_a_year_after_it_was_resolved_and_who_was_paged_stays_known(world: World) -> None:
    over(world, "long ago")
    world.clock.now += timedelta(days=366)
    before = pages_taken(world)

    assert before == {"alice": 1}
    assert delete_old(world) == 1

    assert [count(world, table) for table in (Alert, TimelineEntry, Page, Delivery)] == [0, 0, 0, 0]
    assert count(world, PastPage) == 1
    assert pages_taken(world) == before


def test_a_quiet_year_after_which_nothing_was_left_is_followed_by_others(world: World) -> None:
    """SQLite gives the numbers of deleted pages out again."""
    for key in ("before", "after"):
        over(world, key)
        world.clock.now += timedelta(days=366)
        assert delete_old(world) == 1
    assert count(world, PastPage) == 2


def test_two_engines_that_delete_at_once_do_not_hinder_each_other(postgres_settings: Settings) -> None:
    with World(postgres_settings) as world:
        over(world, "long ago")
        world.clock.now += timedelta(days=366)
        with world.database.transaction() as session:
            retention.delete_some(session, world.clock(), 0)
            assert delete_old(world) == 0
        assert (count(world, Alert), count(world, PastPage)) == (0, 1)


def test_open_alerts_and_those_resolved_lately_stay(world: World) -> None:
    world.fire(key="open for long")
    world.texts()
    world.fire(key="resolved lately")
    world.texts()
    with world.database.transaction() as session:
        for alert in session.exec(select(Alert)):
            alert.next_step_at = None
            session.add(alert)
    world.clock.now += timedelta(days=364)
    world.clear("resolved lately")
    world.clock.now += timedelta(days=364)

    assert delete_old(world) == 0
    assert count(world, Alert) == 2
    world.calls()  # which were planned before the clock was moved


def test_however_many_there_are_each_transaction_is_small(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(5):
        over(world, f"disk-{number}")
    world.clock.now += timedelta(days=366)
    over(world, "new")
    rests: list[float] = []

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        return False

    assert retention.delete_old(world.database, 365, world.clock, rest) == 5
    assert len(rests) == 3
    assert count(world, Alert) == 1


def test_it_stops_when_the_process_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(5):
        over(world, f"disk-{number}")
    world.clock.now += timedelta(days=366)

    assert retention.delete_old(world.database, 365, world.clock, lambda _seconds: True) == 2


def test_where_all_is_to_be_kept_none_is_deleted(world: World) -> None:
    over(world, "long ago")
    world.clock.now += timedelta(days=4000)

    assert delete_old(world, days=0) == 0


def test_requests_that_were_looked_into_go_after_a_month(world: World) -> None:
    world.fire()
    world.texts()
    world.runtime.journal.write()
    assert count(world, ReceivedRequest) == 1

    world.clock.now += timedelta(days=31)
    world.engine.jobs.delete_old()

    assert count(world, ReceivedRequest) == 0


def test_how_much_there_is_is_known(world: World) -> None:
    over(world, "one")

    stored = world.ask(retention.stored)

    assert (stored.alerts, stored.since) == (1, world.clock())
    assert stored.megabytes > 0.1

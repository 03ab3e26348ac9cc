"""Databases in which the company of `world.py` is set up, made once and copied for each test."""

from collections.abc import Iterator

import pytest

from oncall.settings import Settings
from tests.conftest import Contents
from tests.fake_slack import FakeSlack
from tests.scenarios.world import BEGINS, COMPANY, World


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY,))


ON_BOTH = {
    "test_canaries_of_accounts",
    "test_delivery",
    "test_nothing_stops_paging",
    "test_real_alertmanager",
    "test_storms",
}
"""The path of a page runs on each database; what is built on it runs on SQLite, which is set up ten times as fast."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "settings" in metafunc.fixturenames:
        is_on_both = metafunc.module.__name__.rpartition(".")[2] in ON_BOTH
        metafunc.parametrize("settings", ["sqlite", "postgresql"] if is_on_both else ["sqlite"], indirect=True)


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    chosen: Settings = request.getfixturevalue("sqlite_settings" if request.param == "sqlite" else "postgres_settings")
    return chosen


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    """A whole installation."""
    with World(settings) as world:
        yield world


@pytest.fixture
def slack(world: World) -> FakeSlack:
    """Of a world with Slack."""
    assert world.slack is not None
    return world.slack

"""Databases in which the company of `world.py` is set up, made once and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall.db import Database
from oncall.settings import Settings
from tests.conftest import WithConfig, make_settings
from tests.postgres import TEMPLATE, PostgresServer
from tests.scenarios.world import BEGINS, COMPANY, World, set_up

COMPANY_TEMPLATE = "oncall_company"


@pytest.fixture(scope="session")
def postgres_company(postgres: PostgresServer) -> str:
    postgres.execute(f"CREATE DATABASE {COMPANY_TEMPLATE} TEMPLATE {TEMPLATE}")
    database = Database(make_settings(postgres.url(COMPANY_TEMPLATE)))
    set_up(database)
    database.close()
    return COMPANY_TEMPLATE


@pytest.fixture
def sqlite_settings(with_config: WithConfig, tmp_path: Path) -> Settings:
    return make_settings(f"sqlite:///{shutil.copy(with_config(COMPANY, BEGINS), tmp_path / 'oncall.db')}")


@pytest.fixture
def postgres_settings(postgres: PostgresServer, postgres_company: str) -> Iterator[Settings]:
    with postgres.database(postgres_company) as url:
        yield make_settings(url)


ON_BOTH = {"test_delivery", "test_nothing_stops_paging", "test_real_alertmanager", "test_storms"}
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

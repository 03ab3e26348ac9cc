"""What is sent from outside is sent to the company of the scenarios, unless a test says otherwise."""

from collections.abc import Iterator

import pytest

from oncall.settings import Settings
from tests.client import TestClient
from tests.conftest import Contents
from tests.scenarios.world import BEGINS, COMPANY, World


@pytest.fixture
def contents() -> Contents | None:
    return Contents(BEGINS, (COMPANY,))


@pytest.fixture
def world(sqlite_settings: Settings) -> Iterator[World]:
    """Without engine passes: only what is stored matters here."""
    with World(sqlite_settings) as world:
        yield world


@pytest.fixture
def client(world: World) -> TestClient:
    return world.client

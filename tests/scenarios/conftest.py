from collections.abc import Iterator

import pytest

from oncall.settings import Settings
from tests.scenarios.world import World


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    """A whole installation on each database."""
    with World(settings) as world:
        yield world

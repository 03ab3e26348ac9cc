"""What is sent from outside is sent to the company of the scenarios, unless a test says otherwise."""

import pytest

from tests.conftest import Contents
from tests.scenarios.world import BEGINS, COMPANY


@pytest.fixture
def contents() -> Contents | None:
    return Contents(BEGINS, (COMPANY,))

"""One database a module with the example in it; each test's changes to it are thrown away."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from oncall.db.database import Database
from tests.config.company import BEFORE, EXAMPLE, NOW
from tests.conftest import Contents


@pytest.fixture(scope="module")
def begins_with() -> Contents | None:
    """What the module's database holds, unless the module says otherwise."""
    return Contents(NOW, (BEFORE, EXAMPLE))


@pytest.fixture
def company(lasting: Database) -> Iterator[Session]:
    with lasting.trial() as session:
        yield session

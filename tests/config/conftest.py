"""One database a module with design.md's example in it; each test's changes to it are thrown away."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from oncall.db import Database
from tests.config.company import BEFORE, EXAMPLE, NOW
from tests.conftest import Contents, make_settings


@pytest.fixture(scope="module")
def begins_with() -> Contents | None:
    """What the module's database holds, unless the module says otherwise."""
    return Contents(NOW, (BEFORE, EXAMPLE))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, begins_with: Contents | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Of a database of the module's own."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("sqlite_holding")(begins_with)
        yield f"sqlite:///{shutil.copy(file, tmp_path_factory.mktemp('config') / 'oncall.db')}"
    else:
        holding: str = request.getfixturevalue("postgres_holding")(begins_with)
        with request.getfixturevalue("postgres").database(holding) as address:
            yield address


@pytest.fixture(scope="module")
def example(url: str) -> Iterator[Database]:
    opened = Database(make_settings(url))
    yield opened
    opened.close()


@pytest.fixture
def company(example: Database) -> Iterator[Session]:
    with example.trial() as session:
        yield session

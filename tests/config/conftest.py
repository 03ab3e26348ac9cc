"""One database a module with design.md's example in it; each test's changes to it are thrown away."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from oncall.db import Database
from tests.config.company import BEFORE, EXAMPLE, applied
from tests.conftest import make_settings
from tests.postgres import TEMPLATE


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a migrated, empty database."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield f"sqlite:///{shutil.copy(template, tmp_path_factory.mktemp('config') / 'oncall.db')}"
    else:
        with request.getfixturevalue("postgres").database(TEMPLATE) as address:
            yield address


@pytest.fixture(scope="module")
def example(url: str) -> Iterator[Database]:
    opened = Database(make_settings(url))
    with opened.transaction() as session:
        applied(session, BEFORE)
        applied(session, EXAMPLE)
    yield opened
    opened.close()


@pytest.fixture
def company(example: Database) -> Iterator[Session]:
    with example.trial() as session:
        yield session

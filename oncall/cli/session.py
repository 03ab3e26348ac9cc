"""What a command works with: the settings, and the database, which must be there and of this version."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from oncall import logs
from oncall.db.database import Database
from oncall.errors import SetupError
from oncall.process.shared_clock import clock_of
from oncall.schema.schema_version import migrate, misfit
from oncall.settings import Settings, load_settings
from oncall.setup.audit import Acting, act


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a command does its work. `now` is read once."""

    settings: Settings
    session: Session
    now: datetime


@contextmanager
def reading(*, at_one_moment: bool = False) -> Iterator[Desk]:
    """`at_one_moment`: see `Database.read`."""
    with _database() as (settings, database), database.read(at_one_moment=at_one_moment) as session:
        yield Desk(settings, session, clock_of(database)())


@contextmanager
def writing() -> Iterator[Desk]:
    """Commits when the block ends."""
    with _database() as (settings, database), database.transaction() as session:
        desk = Desk(settings, session, clock_of(database)())
        act(session, Acting(None, "on the command line", desk.now))
        yield desk


@contextmanager
def trying() -> Iterator[Desk]:
    """Whatever the block changes is thrown away."""
    with _database() as (settings, database), database.trial() as session:
        yield Desk(settings, session, clock_of(database)())


@contextmanager
def trying_anywhere() -> Iterator[Desk]:
    """The same; where there is no database, on an empty one that is thrown away too."""
    settings = load_settings()
    logs.set_up("WARNING")
    with tempfile.TemporaryDirectory() as folder:
        if not _exists(settings):
            settings = settings.model_copy(update={"database_url": f"sqlite:///{folder}/empty.db"})
            migrate(settings)
        with _opened(settings) as database, database.trial() as session:
            yield Desk(settings, session, clock_of(database)())


@contextmanager
def _database() -> Iterator[tuple[Settings, Database]]:
    settings = load_settings()
    logs.set_up("WARNING")
    check_exists(settings)
    with _opened(settings) as database:
        yield settings, database


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings)
    try:
        if sentence := misfit(database):
            raise SetupError(sentence)
        yield database
    finally:
        database.close()


def check_exists(settings: Settings) -> None:
    """Raises SetupError where connecting would make a new file in some folder."""
    if not _exists(settings):
        raise SetupError(
            f"There is no database at {settings.sqlite_file}: run “oncall migrate” to make one, "
            "or set ONCALL_DATABASE_URL."
        )


def _exists(settings: Settings) -> bool:
    """A server is taken to have it."""
    return not settings.is_sqlite or os.path.exists(settings.sqlite_file)  # Path.exists raises in a closed folder

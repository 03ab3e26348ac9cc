"""Commands that stay, and the one that must come before them."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from oncall import logs
from oncall.auth.signing import Signer
from oncall.clock import system_clock
from oncall.db.database import Database
from oncall.demo import demo as demo_company
from oncall.errors import SetupError
from oncall.misspelt_settings import warn_of_misspelt
from oncall.running import serve as server
from oncall.schema import schema_version
from oncall.settings import Settings, load_settings
from oncall.setup.first_run import code_of, nobody_is_here


def serve() -> None:
    """Run web and engine in one process: all that a small team needs. Migrates first."""
    _serve(with_engine=True)


def web() -> None:
    """Run the web part alone; an engine must run elsewhere. Migrates first."""
    _serve(with_engine=False)


def engine() -> None:
    """Run an engine alone; over HTTP it tells health and metrics, on ONCALL_ENGINE_PORT.

    On PostgreSQL any number share the work. Migrates first."""
    settings = load_settings()
    logs.set_up(settings.log_level)
    warn_of_misspelt()
    server.run_engine(settings, lambda: typer.echo("The engine is running. Ctrl-C ends it."))


def demo() -> None:
    """Run the reference company in ./demo.db, with a page Phone in place of real phones."""
    settings = demo_company.demo_settings()
    logs.set_up("WARNING" if "log_level" not in settings.model_fields_set else settings.log_level)
    server.listen(settings).close()  # before the work of a minute on a slow machine
    welcome = demo_company.prepare(settings, system_clock())
    server.serve(settings, with_engine=True, when_ready=lambda: typer.echo(str(welcome)))


def migrate() -> None:
    """Bring the database to the form that this version needs. Safe to run at any time, from anywhere."""
    settings = load_settings()
    logs.set_up(settings.log_level)
    schema_version.migrate(settings)
    with closing(Database(settings)) as database:
        found = schema_version.current(database)
    newer = ", of a newer version of oncall, which this one can still work with"
    typer.echo(f"The database is at {found}{newer if found != schema_version.newest() else ''}.")


def copy_from(
    file: Annotated[Path, typer.Argument(help="Of SQLite, such as oncall.db. Nothing may be running on it.")],
) -> None:
    """Copy everything from a SQLite file into the empty PostgreSQL database that ONCALL_DATABASE_URL names."""
    from oncall.schema.copying import copy_all  # here: alembic would stay in the memory of whatever serves

    settings = load_settings()
    logs.set_up(settings.log_level)
    if not file.is_file():
        raise SetupError(f"There is no file {file}.")
    schema_version.migrate(settings)
    rows = copy_all(settings.model_copy(update={"database_url": f"sqlite:///{file}"}), settings)
    typer.echo(f"{rows:,} rows copied. Start oncall with this ONCALL_DATABASE_URL, and never again on {file}.")


def _serve(*, with_engine: bool) -> None:
    settings = load_settings()
    logs.set_up(settings.log_level)
    warn_of_misspelt()
    address = server.address(settings)
    server.serve(settings, with_engine=with_engine, when_ready=lambda: typer.echo(_welcome(settings, address)))


def _welcome(settings: Settings, address: str) -> str:
    ready = f"Ready at {address}. Ctrl-C ends it."
    with closing(Database(settings)) as database, database.transaction() as session:
        if not nobody_is_here(session):
            return ready
        code = code_of(Signer.of(session, settings))
    return f"{ready}\nNobody is here yet. Begin at {settings.public_url or address}/setup?code={code}"

"""Which form the tables have, and bringing them to the form that this version needs.

Without alembic: every process asks at its start, and alembic and what it brings would stay in its memory, some 8 MB.
"""

import sysconfig
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from pkgutil import resolve_name

import sqlalchemy as sa
import structlog

from oncall.db.database import Database
from oncall.models import SchemaSupport
from oncall.settings import Settings

log = structlog.get_logger(__name__)

MIGRATION = "oncall.schema.migrate:upgrade"
"""Named, not imported, for the sake of the memory."""

_revisions = sa.table("alembic_version", sa.column("version_num", sa.String))


def bring_up(settings: Settings) -> None:
    """Run the migrations that are missing, in a process that ends with them.

    Raises SetupError when this version can't work with the tables.
    """
    with closing(Database(settings)) as database:
        if not fits(database):
            with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
                elsewhere.submit(migrate, settings).result()
        if (found := current(database)) != newest():
            log.warning("database.newer", found=found, needs=newest())


def migrate(settings: Settings) -> None:
    """Run the migrations that are missing, here. Raises SetupError as `bring_up` does."""
    resolve_name(MIGRATION)(settings)


def current(database: Database) -> str | None:
    """The revision that the database has; None for an empty one."""
    with database.read() as session:
        if not sa.inspect(session.connection()).has_table(_revisions.name):
            return None
        return session.scalar(sa.select(_revisions.c.version_num))


def newest() -> str:
    """The revision that this version of oncall needs."""
    return max(revisions())


@cache
def revisions() -> frozenset[str]:
    """All that this version knows: each migration's file begins with its own, and they count up."""
    return frozenset(file.name.partition("_")[0] for file in folder().glob("versions/*.py"))


def fits(database: Database) -> bool:
    """Whether this version of oncall works with the tables: they are its own, or a newer one's that still lets it."""
    return not misfit(database)


def misfit(database: Database) -> str:
    """Why it does not, and what to do; empty where it does."""
    found = current(database)
    if found == newest():
        return ""
    if found is None:
        return "The database has no tables yet: run “oncall migrate” first."
    if found in revisions():
        return f"The database is at {found}, and this version of oncall needs {newest()}: run “oncall migrate” first."
    with database.read() as session:
        is_ours = sa.inspect(session.connection()).has_table(SchemaSupport.__tablename__)
        support = session.get(SchemaSupport, 1) if is_ours else None
    if support is None:
        return f"The database is another program's (its tables are at {found}): see ONCALL_DATABASE_URL."
    if support.oldest_revision <= newest():
        return ""
    return (
        f"The database is at {found}, of a newer version of oncall, and this one knows no more than {newest()}: "
        "run the newer one, or restore a backup from before the upgrade."
    )


def folder() -> Path:
    """`alembic/` of the checkout; in an installed wheel, where its data files went."""
    checkout = Path(__file__).parents[2] / "alembic"
    return checkout if (checkout / "env.py").exists() else Path(sysconfig.get_path("data"), "share/oncall/alembic")

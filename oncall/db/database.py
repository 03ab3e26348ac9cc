"""The database: sessions and what they promise, the same on SQLite and PostgreSQL.

`Database.read()` gives a session for questions; `Database.transaction()` one that commits when its block ends. Only
shells open them (an HTTP request, an engine pass); everything else is handed a Session and at most flushes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import Any

import pydantic_core
import sqlalchemy as sa
from sqlalchemy.orm import configure_mappers
from sqlmodel import Session

from oncall.db import sqlite
from oncall.settings import Settings
from oncall.waiting_line import WaitingLine

WAKE_CHANNEL = "oncall_wake"
"""PostgreSQL NOTIFY channel on which a commit wakes the engines of all processes."""

AWAKE, PLANNED, BEHIND, COMMITTED = "awake", "planned", "behind", "committed"
"""In `info` of a transaction's session: the engine that is awake, whether it is planned once, what ends with its
statements, and whom to tell once it is committed."""

OUTAGES = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.InternalError,  # a standby that only reads, a session that the server ended
    sa.exc.TimeoutError,  # no connection was free
)

TRIALS_IN_LINE, TRIAL_WAITS = 8, 5.0
"""Of one process: how many wait for another's trial to end, and for how many seconds."""
TOO_MANY_TRIALS = "Others are trying something out at this moment. Try again in a few seconds."

DEADLOCK, LOCK_TIMEOUT, IN_FAILED_TRANSACTION, READ_ONLY = "40P01", "55P03", "25P02", "25006"
"""Numbers of PostgreSQL's errors (`sqlstate`)."""


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's number of an error; empty, where it has none.

    Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def is_outage(error: BaseException) -> bool:
    """Whether the database is away, full or locked, so that the same will work later."""
    if sqlstate(error) == IN_FAILED_TRANSACTION:
        return False  # what went wrong was the statement before
    return isinstance(error, OUTAGES) or (isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated)


class _Questions(Session):
    """Refuses to write: on PostgreSQL it would stay."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        if self.new or self.deleted or any(self.is_modified(row) for row in self.dirty):
            raise AssertionError("a session for questions does not write: open a transaction")


class Database:
    """One engine and its connection pool. Safe to share between threads; not between processes."""

    def __init__(self, settings: Settings) -> None:
        configure_mappers()  # or the first alert waits half a second for it
        self.is_sqlite = settings.is_sqlite
        self.engine_name = ""
        """Of the engine in this very process, which is woken by whoever commits; empty: there is none."""
        self.engine: sa.Engine
        self._writer: sa.Engine
        self._often: sa.Engine
        self._still: sa.Engine
        """Of which a session sees the database as it was at its first question. On SQLite each does."""
        if self.is_sqlite:
            self.engine = self._still = sqlite.make_engine(settings.database_url, settings.sqlite_file, **SHARED)
            self._writer = self._often = self.engine.execution_options(oncall_begin="BEGIN IMMEDIATE")
        else:
            from oncall.db import postgres  # here, as below: without its driver, a process on SQLite takes 9 MB less

            self.engine = postgres.make_engine(settings.database_url, **SHARED)
            self._writer = postgres.in_transactions(self.engine, postgres.LIMIT)
            self._often = postgres.in_transactions(self.engine, {**postgres.LIMIT, **postgres.PLANNED_ONCE})
            self._still = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._trials = WaitingLine(1, TRIALS_IN_LINE, TRIAL_WAITS, TOO_MANY_TRIALS)
        self._turns = sqlite.Turns() if self.is_sqlite else None

    @contextmanager
    def read(self, *, at_one_moment: bool = False) -> Iterator[Session]:
        """A session for questions, in which a change is our mistake.

        On PostgreSQL each question stands alone, as it does inside a transaction too at READ COMMITTED: BEGIN and
        ROLLBACK would be two more to wait for, and after a rollback psycopg forgets what it has prepared.
        `at_one_moment`: where answers must fit each other, whatever is committed between them.
        """
        engine = self._still if at_one_moment else self.engine
        with _Questions(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def transaction(self, *, planned_once: bool = False) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        `planned_once`: for what is done all the time and finds its rows by an index; see PLANNED_ONCE.
        It holds its connection until all is answered: a commit that was sent behind other statements may still be on
        its way when the session is done, and nobody else may have the connection before.
        """
        with (
            self._turn(planned_once),
            (self._often if planned_once else self._writer).connect() as connection,
            Session(connection, expire_on_commit=False) as session,
            ExitStack() as session.info[BEHIND],
        ):
            session.info[AWAKE], session.info[PLANNED] = self.engine_name, planned_once
            yield session
            session.commit()
        for tell in session.info.get(COMMITTED, ()):
            tell()

    @contextmanager
    def trial(self) -> Iterator[Session]:
        """A session in which changes are tried out: it writes as a transaction does, and they are thrown away.

        On SQLite whoever else writes waits meanwhile, so it is for what can't be told without writing, and one at a
        time: an event waits for one trial at most, however many are asked for. Raises Unavailable for too many.
        """
        with self._trials.turn(), self._turn(False), Session(self._writer, expire_on_commit=False) as session:
            yield session

    def _turn(self, is_often: bool) -> AbstractContextManager[None]:
        return self._turns.turn(is_often=is_often) if self._turns else nullcontext()

    @property
    def conninfo(self) -> str:
        """For a connection of one's own to PostgreSQL, as libpq reads it."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def close(self) -> None:
        self.engine.dispose()


def json_text(value: Any) -> str:
    """As JSON. Faster than the standard library's, which shows when thousands of events are stored a second.

    A number that JSON can't write (1e999 is read as infinity) becomes null: PostgreSQL would refuse the whole event.
    """
    return pydantic_core.to_json(value, inf_nan_mode="null").decode()


SHARED: dict[str, Any] = {
    "hide_parameters": True,
    "json_serializer": json_text,
    "json_deserializer": pydantic_core.from_json,
    "pool_size": 20,
    "max_overflow": 40,
    "pool_timeout": 5,
}
"""How SQLAlchemy works with either database."""


def may_take_long(session: Session) -> None:
    """For a change of hundreds of schedules, which holds no alert."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            sa.text("SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'")
        )


@contextmanager
def by_narrow_index(session: Session) -> Iterator[None]:
    """For many counts of stretches whose ends PostgreSQL can't know: it takes them for long, and reads a wider index.

    Of the connection, since a question has no transaction that would end it.
    """
    is_postgres = session.get_bind().dialect.name == "postgresql"
    if is_postgres:
        session.execute(sa.text("SET enable_bitmapscan = off"))
    try:
        yield
    finally:
        if is_postgres:
            with suppress(sa.exc.InternalError):  # a transaction that has failed takes the setting with it
                session.execute(sa.text("RESET enable_bitmapscan"))


def hand_over(session: Session, statement: str, parameters: Any = None) -> Any:
    """Have PostgreSQL's driver do a statement in this transaction: gives its cursor.

    For what is done in every commit of a storm: SQLAlchemy takes several times as long to hand it over. Values come and
    go as the driver has them. Raises what SQLAlchemy would.
    """
    from oncall.db import postgres

    return postgres.do(session.connection(), statement, parameters)


def once_committed(session: Session, tell: Callable[[], object]) -> None:
    """Call it when this transaction has committed: what is rolled back and done again is counted once."""
    session.info.setdefault(COMMITTED, []).append(tell)


def send_behind(session: Session) -> None:
    """From here to the commit nobody waits for answers: on PostgreSQL, statements go out one behind the other.

    For statements whose results are not looked at. What goes wrong with one of them is raised by the commit.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        from oncall.db import postgres

        settings = {} if session.info[PLANNED] else postgres.PLANNED_ONCE
        driver = connection.connection.driver_connection
        session.info[BEHIND].enter_context(postgres.behind_each_other(driver, settings))


def notify_engines(session: Session) -> None:
    """Wake the engines of other processes when this transaction commits, and tell them which one is awake already.

    On SQLite there is only ours.
    """
    if session.get_bind().dialect.name == "postgresql":
        hand_over(session, f"NOTIFY {WAKE_CHANNEL}, '{session.info.get(AWAKE, '')}'")

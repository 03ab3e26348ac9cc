"""The database: engine, sessions and column types, the same on SQLite and PostgreSQL.

`Database.read()` gives a session for questions; `Database.transaction()` one that commits when its block ends. Only
shells open them (an HTTP request, an engine pass); everything else is handed a Session and at most flushes.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
import pydantic_core
import sqlalchemy as sa
from psycopg.errors import InFailedSqlTransaction
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import configure_mappers
from sqlmodel import Session, SQLModel

from oncall import postgres
from oncall.errors import SetupError
from oncall.settings import Settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

WAKE_CHANNEL = "oncall_wake"
"""PostgreSQL NOTIFY channel on which a commit wakes the engines of all processes."""

Json = sa.JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC datetimes on both databases; SQLite would drop the zone. A naive value is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is not UTC:
            if value.tzinfo is None:
                raise ValueError(f"a stored time must be aware, got {value!r}")
            value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(sa.types.TypeDecorator[StrEnum]):
    """A StrEnum kept as its text: readable in psql, and a new member needs no migration."""

    impl = sa.String(20)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(value if type(value) is self.kind else self.kind(value))

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


OUTAGES = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.InternalError,  # a standby that only reads, a session that the server ended
    sa.exc.TimeoutError,  # no connection was free
    psycopg.OperationalError,  # as it comes when the answers to what was sent behind are waited for
)


def is_outage(error: BaseException) -> bool:
    """Whether the database is away, full or locked, so that the same will work later."""
    if isinstance(getattr(error, "orig", error), InFailedSqlTransaction):
        return False  # what went wrong was the statement before
    return isinstance(error, OUTAGES) or (isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated)


WITHOUT_DIGITS, DIGITS = "without_digits", b"0123456789"
"""A function of ours in SQLite, which has no regular expressions: of a text as a blob, what is left without them."""


class Turn:
    """A lock that is given to whoever has waited longest.

    SQLite has one writer. Its own busy handler sleeps and polls, and a plain lock lets the thread that has just
    released it take it again, so that a busy engine would starve the events that come in.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        gate.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()  # still taken, by the next
            else:
                self._taken = False


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
        self.engine = (
            _sqlite_engine(settings) if self.is_sqlite else postgres.make_engine(settings.database_url, **SHARED)
        )
        self._writer: sa.Engine
        self._often: sa.Engine
        if self.is_sqlite:
            self._writer = self._often = self.engine.execution_options(oncall_begin="BEGIN IMMEDIATE")
        else:
            self._writer = postgres.in_transactions(self.engine, postgres.LIMIT)
            self._often = postgres.in_transactions(self.engine, {**postgres.LIMIT, **postgres.PLANNED_ONCE})
        self._turn: AbstractContextManager[object] = Turn() if self.is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for questions, in which a change is our mistake.

        On PostgreSQL each question stands alone, as it does inside a transaction too at READ COMMITTED: BEGIN and
        ROLLBACK would be two more to wait for, and after a rollback psycopg forgets what it has prepared.
        """
        with _Questions(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def transaction(self, *, planned_once: bool = False) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        `planned_once`: for what is done all the time and finds its rows by an index; see PLANNED_ONCE.
        It holds its connection until all is answered: a commit that was sent behind other statements may still be on
        its way when the session is done, and nobody else may have the connection before.
        """
        with (
            self._turn,
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

        On SQLite whoever else writes waits meanwhile, so it is for what can't be told without writing.
        """
        with self._turn, Session(self._writer, expire_on_commit=False) as session:
            yield session

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


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The database can't be kept in {folder} ({error.strerror}): set ONCALL_DATABASE_URL."
        ) from None


def _sqlite_engine(settings: Settings) -> sa.Engine:
    _make_folder(settings.sqlite_file.parent)
    connect_args = {"timeout": 10, "check_same_thread": False}
    engine = sa.create_engine(settings.database_url, connect_args=connect_args, **SHARED)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin for us: see _begin
        connection.create_function(WITHOUT_DIGITS, 1, lambda text: text.translate(None, DIGITS), deterministic=True)
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes the lock at once: a reader that turns writer can't wait for it and fails.
        connection.exec_driver_sql(connection.get_execution_options().get("oncall_begin", "BEGIN"))

    return engine


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


COMMITTED = "committed"


def once_committed(session: Session, tell: Callable[[], object]) -> None:
    """Call it when this transaction has committed: what is rolled back and done again is counted once."""
    session.info.setdefault(COMMITTED, []).append(tell)


BEHIND, PLANNED = "behind", "planned"


def send_behind(session: Session) -> None:
    """From here to the commit nobody waits for answers: on PostgreSQL, statements go out one behind the other.

    For statements whose results are not looked at. What goes wrong with one of them is raised by the commit.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        settings = {} if session.info[PLANNED] else postgres.PLANNED_ONCE
        driver = connection.connection.driver_connection
        session.info[BEHIND].enter_context(postgres.behind_each_other(driver, settings))


AWAKE = "awake"


def notify_engines(session: Session) -> None:
    """Wake the engines of other processes when this transaction commits, and tell them which one is awake already.

    On SQLite there is only ours.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(f"NOTIFY {WAKE_CHANNEL}, '{session.info.get(AWAKE, '')}'"))

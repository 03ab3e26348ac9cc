"""The database: engine, sessions and column types, the same on SQLite and PostgreSQL.

`Database.read()` gives a session for questions; `Database.transaction()` one that commits when its block ends. Only
shells open them (an HTTP request, an engine pass); everything else is handed a Session and at most flushes.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import psycopg
import pydantic_core
import sqlalchemy as sa
from psycopg.errors import InFailedSqlTransaction
from psycopg.pq import TransactionStatus
from psycopg.waiting import Ready, Wait
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import configure_mappers
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel

from oncall.clock import monotonic
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
        self.engine = _sqlite_engine(settings) if self.is_sqlite else _postgres_engine(settings)
        self._writer = self.engine.execution_options(oncall_begin="BEGIN IMMEDIATE")
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turn: AbstractContextManager[object] = Turn() if self.is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for questions, in which a change is our mistake.

        On PostgreSQL each question stands alone, as it does inside a transaction too at READ COMMITTED: BEGIN and
        ROLLBACK would be two more to wait for, and after a rollback psycopg forgets what it has prepared.
        """
        with _Questions(self._reader, expire_on_commit=False) as session:
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
            self._writer.connect() as connection,
            Session(connection, expire_on_commit=False) as session,
            ExitStack() as session.info[BEHIND],
        ):
            _open(connection, PLANNED_ONCE if planned_once else ())
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


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The database can't be kept in {folder} ({error.strerror}): set ONCALL_DATABASE_URL."
        ) from None


def _sqlite_engine(settings: Settings) -> sa.Engine:
    _make_folder(settings.sqlite_file.parent)
    engine = sa.create_engine(
        settings.database_url,
        hide_parameters=True,
        json_serializer=json_text,
        json_deserializer=pydantic_core.from_json,
        connect_args={"timeout": 10, "check_same_thread": False},
        pool_size=20,
        max_overflow=40,
        pool_timeout=5,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin for us: see _begin
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


CONNECT: dict[str, Any] = {
    "connect_timeout": 5,
    "application_name": "oncall",
    # a server that has vanished is noticed by the kernel, not waited for until TCP gives up
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""How PostgreSQL is connected to, as libpq has it."""
PING_AFTER = 1.0
"""Seconds without use after which a connection is asked whether it still lives."""
SESSION_LIMITS = {
    # A process that froze or vanished must not hold alerts that others could page, nor the events behind them.
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "3s",
    "statement_timeout": "30s",
    # A plan made while the tables were empty would read them from end to end in the first storm.
    "plan_cache_mode": "force_custom_plan",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}


PLANNED_ONCE = ("plan_cache_mode = force_generic_plan", "enable_seqscan = off")
"""For what is done all the time, and for many rows, each of whose foreign keys is looked up by a statement:
SESSION_LIMITS would have it planned anew every time, which takes longer than doing it. By an index, whatever the tables
hold when it is planned."""
PLANNED = "planned once"
HAS_TRANSACTION_TIMEOUT = 170_000
"""PostgreSQL 17."""


def _postgres_engine(settings: Settings) -> sa.Engine:
    engine = sa.create_engine(
        settings.database_url,
        hide_parameters=True,
        json_serializer=json_text,
        json_deserializer=pydantic_core.from_json,
        connect_args=dict(CONNECT),
        pool_size=20,
        max_overflow=40,
        pool_timeout=5,
        pool_use_lifo=True,  # the connection used last has its statements prepared
    )
    _ping_when_idle(engine)

    @event.listens_for(engine, "connect")
    def _limit(connection: Any, _record: object) -> None:
        connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in SESSION_LIMITS.items()))
        connection.commit()

    @event.listens_for(engine, "commit")
    def _send_all_first(connection: sa.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if driver.pgconn.pipeline_status:
            with suppress(psycopg.Error):  # the commit says what is wrong
                driver.wait(_all_sent(driver.pgconn))

    return engine


def _ping_when_idle(engine: sa.Engine) -> None:
    """Ask a connection whether it still lives before it is used again, unless it did a moment ago.

    SQLAlchemy's own `pool_pre_ping` asks every time, which a page would wait for several times over.
    """

    @event.listens_for(engine, "checkin")
    def _remember(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if monotonic() - record.info.get("used_at", 0.0) > PING_AFTER:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.Error as error:
                raise sa.exc.DisconnectionError from error  # the pool brings another


def _open(connection: sa.Connection, settings: Sequence[str]) -> None:
    """Goes with BEGIN, so that nobody waits for it.

    A process that freezes between statements that go out together is not idle to the server: SESSION_LIMITS would let
    it hold its alerts for ever.
    """
    if connection.dialect.name == "postgresql":
        driver = cast(psycopg.Connection[Any], connection.connection.driver_connection)
        with driver.pipeline():
            if driver.info.server_version >= HAS_TRANSACTION_TIMEOUT:
                driver.execute("SET LOCAL transaction_timeout = '10s'")
            for setting in settings:
                driver.execute(f"SET LOCAL {setting}")


def may_take_long(session: Session) -> None:
    """For a change of hundreds of schedules, which holds no alert."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            sa.text("SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'")
        )


COMMITTED = "committed"


def once_committed(session: Session, tell: Callable[[], object]) -> None:
    """Call it when this transaction has committed: what is rolled back and done again is counted once."""
    session.info.setdefault(COMMITTED, []).append(tell)


BEHIND = "behind"


def send_behind(session: Session) -> None:
    """From here to the commit nobody waits for answers: on PostgreSQL, statements go out one behind the other.

    For statements whose results are not looked at. What goes wrong with one of them is raised by the commit.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        settings = () if session.info[PLANNED] else PLANNED_ONCE
        session.info[BEHIND].enter_context(_pipeline(connection.connection.driver_connection, settings))


@contextmanager
def _pipeline(connection: Any, settings: Sequence[str]) -> Iterator[None]:
    """In psycopg's words. When a statement fails, the server passes over those behind it, the commit among them."""
    try:
        with connection.pipeline():
            for setting in settings:
                connection.execute(f"SET LOCAL {setting}")
            yield
    finally:
        if connection.info.transaction_status is TransactionStatus.INERROR:
            connection.rollback()  # SQLAlchemy thinks that a commit, even one that fails, has ended the transaction


def _all_sent(pgconn: Any) -> Generator[Wait, Ready, None]:
    """Until everything has left, with room for a commit behind it.

    To commit, psycopg waits for answers without sending what is left: where statements of many rows have filled the
    socket of a server that is busy, both sides would wait for each other.
    """
    while True:
        is_left = pgconn.flush()
        ready = yield Wait.RW
        if ready & Ready.R:
            pgconn.consume_input()
        if ready & Ready.W and not is_left:
            return


AWAKE = "awake"


def notify_engines(session: Session) -> None:
    """Wake the engines of other processes when this transaction commits, and tell them which one is awake already.

    On SQLite there is only ours.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(f"NOTIFY {WAKE_CHANNEL}, '{session.info.get(AWAKE, '')}'"))

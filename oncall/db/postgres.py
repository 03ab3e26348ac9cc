"""PostgreSQL: how it is connected to, what its sessions are limited to, and statements that go out together.

Source: https://www.psycopg.org/psycopg3/docs/advanced/pipeline.html
and https://www.postgresql.org/docs/current/runtime-config-client.html
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from psycopg.waiting import Ready, Wait
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from oncall.clock import monotonic

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


PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
"""For what is done all the time, and for many rows, each of whose foreign keys is looked up by a statement:
SESSION_LIMITS would have it planned anew every time, which takes longer than doing it. By an index, whatever the tables
hold when it is planned."""
LIMIT = {"transaction_timeout": "10s"}
"""A process that freezes between statements that go out together is not idle to the server: SESSION_LIMITS would let it
hold its alerts for ever."""
HAS_TRANSACTION_TIMEOUT = 170_000
"""PostgreSQL 17."""


def make_engine(url: str, **options: Any) -> sa.Engine:
    """`options`: those that both databases share. A question stands alone; see `in_transactions`."""
    # last in, first out: the connection used last has its statements prepared
    engine = sa.create_engine(
        url, connect_args=dict(CONNECT), pool_use_lifo=True, isolation_level="AUTOCOMMIT", **options
    )
    _ping_when_in_doubt(engine)
    _begin_with_settings(engine)

    @event.listens_for(engine, "connect")
    def _limit(connection: Any, _record: object) -> None:
        connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in SESSION_LIMITS.items()))

    @event.listens_for(engine, "commit")
    def _send_all_first(connection: sa.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if driver.pgconn.pipeline_status:
            with suppress(psycopg.Error):  # the commit says what is wrong
                driver.wait(_all_sent(driver.pgconn))

    return engine


def _ping_when_in_doubt(engine: sa.Engine) -> None:
    """Ask a connection whether it still lives before it is used again, unless it did a moment ago, and none was lost
    since: what ends one (a restart, a failover) ends them all.

    SQLAlchemy's own `pool_pre_ping` asks every time, which a page would wait for several times over.
    """
    lost_at = 0.0

    @event.listens_for(engine, "checkin")
    def _remember(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = monotonic()

    @event.listens_for(engine, "invalidate")
    def _doubt(_connection: Any, _record: ConnectionPoolEntry, _error: BaseException | None) -> None:
        nonlocal lost_at
        lost_at = monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        used_at = record.info.get("used_at", 0.0)
        if used_at <= lost_at or monotonic() - used_at > PING_AFTER:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.Error as error:
                raise sa.exc.DisconnectionError from error  # the pool brings another


def in_transactions(engine: sa.Engine, settings: Mapping[str, str]) -> sa.Engine:
    """The same engine, whose connections begin a transaction, with settings that hold until it ends."""
    return engine.execution_options(oncall_settings=settings)


def _begin_with_settings(engine: sa.Engine) -> None:
    """In one message with BEGIN, so that they cost nothing."""

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        settings = connection.get_execution_options().get("oncall_settings")
        if settings is None:
            return
        driver: Any = connection.connection.driver_connection
        unknown = () if driver.info.server_version >= HAS_TRANSACTION_TIMEOUT else LIMIT
        chosen = [f"SET LOCAL {name} = '{value}'" for name, value in settings.items() if name not in unknown]
        do(connection, "; ".join(["BEGIN", *chosen]), prepare=False)


@contextmanager
def _as_sqlalchemy_has_it() -> Iterator[None]:
    """What goes wrong in psycopg, where SQLAlchemy does not see it."""
    try:
        yield
    except psycopg.Error as error:
        raise _wrapped(error) from error


def _wrapped(error: psycopg.Error) -> Exception:
    return sa.exc.DBAPIError.instance("", None, error, psycopg.Error, hide_parameters=True)


def do(
    connection: sa.Connection, statement: str, parameters: Any = None, *, prepare: bool | None = None
) -> psycopg.Cursor[Any]:
    """See `db.hand_over`. `prepare` None: as psycopg sees fit."""
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(statement, parameters, prepare=prepare)  # type: ignore[no-any-return]
    except psycopg.Error as error:
        if driver.closed:
            connection.invalidate(error)  # SQLAlchemy has not seen it: it would roll back, and log that it can't
        raise _wrapped(error) from error


def _set_locally(settings: Mapping[str, str]) -> str:
    """All in one statement. Until the transaction ends."""
    return "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())


@contextmanager
def behind_each_other(driver: Any, settings: Mapping[str, str]) -> Iterator[None]:
    """Nobody waits for answers. When a statement fails, the server passes over those behind it, the commit too."""
    with _as_sqlalchemy_has_it():
        try:
            with driver.pipeline():
                if settings:
                    driver.execute(_set_locally(settings))
                yield
        finally:
            if driver.info.transaction_status is TransactionStatus.INERROR:
                driver.rollback()  # SQLAlchemy thinks that a commit, even one that fails, has ended the transaction


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

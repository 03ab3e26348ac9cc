"""SQLite: how it is opened, what it lacks, and whose turn it is to write."""

import fcntl
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy import event

from oncall.clock import monotonic
from oncall.errors import SetupError

BUSY_SECONDS, POLL_SECONDS = 10, 0.02
"""How long a connection waits for another that writes."""
ONLY_OURS = 0o600
WITHOUT_DIGITS, DIGITS = "without_digits", b"0123456789"
"""A function of ours in SQLite, which has no regular expressions: of a text as a blob, what is left without them."""


class Turns:
    """A lock that two lines get in turn, and in each of them whoever has waited longest.

    SQLite has one writer. Its own busy handler sleeps and polls, and a plain lock lets the thread that has just
    released it take it again, so that a busy engine would starve the events that come in. In one line with what people
    ask for, one of them who asks for much would.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._lines: tuple[deque[threading.Lock], deque[threading.Lock]] = deque(), deque()
        self._served = False

    @contextmanager
    def turn(self, *, is_often: bool) -> Iterator[None]:
        """`is_often`: the line of events and of the engine's passes."""
        self._take(is_often)
        try:
            yield
        finally:
            self._give()

    def _take(self, is_often: bool) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken, self._served = True, is_often
                return
            gate = threading.Lock()
            gate.acquire()
            self._lines[is_often].append(gate)
        gate.acquire()

    def _give(self) -> None:
        with self._guard:
            self._served = not self._served if self._lines[not self._served] else self._served
            if self._lines[self._served]:
                self._lines[self._served].popleft().release()  # still taken, by the next
            else:
                self._is_taken = False


def make_engine(url: str, file: Path, **options: Any) -> sa.Engine:
    """`options`: those that both databases share. Raises SetupError where its folder can't be made."""
    _make_folder(file.parent)
    connect_args = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=connect_args, **options)

    @event.listens_for(engine, "do_connect")
    def _keep_from_others(*_: object) -> None:
        """Whoever reads it has all phone numbers and keys, and the secret that makes them an admin. What SQLite puts
        beside it has the same permissions.
        """
        with suppress(OSError):  # it is there already, or can't be made, which SQLite says
            os.close(os.open(file, os.O_CREAT | os.O_EXCL, ONLY_OURS))

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin for us: see _begin
        connection.create_function(WITHOUT_DIGITS, 1, lambda text: text.translate(None, DIGITS), deterministic=True)
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        write_ahead(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes the lock at once: a reader that turns writer can't wait for it and fails.
        connection.exec_driver_sql(connection.get_execution_options().get("oncall_begin", "BEGIN"))

    return engine


def write_ahead(cursor: sqlite3.Cursor) -> None:
    """Of two processes that open a new file at once, SQLite refuses the second at once, whatever its busy time-out."""
    give_up_at = monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > give_up_at:
                raise
        time.sleep(POLL_SECONDS)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The database can't be kept in {folder} ({error.strerror}): set ONCALL_DATABASE_URL."
        ) from None


def only_engine(database_file: Path) -> IO[str]:
    """Hold the lock that says an engine works on this file. Raises SetupError when another does."""
    lock = Path(f"{database_file}.engine").open("w")  # noqa: SIM115 held as long as the process lives
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise SetupError(
            f"Another engine already works on {database_file}. Stop it first, set ONCALL_DATABASE_URL to another file, "
            "or use PostgreSQL (ONCALL_DATABASE_URL=postgresql://…), on which any number of engines share the work."
        ) from None
    lock.write(str(os.getpid()))
    lock.flush()
    return lock

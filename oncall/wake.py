"""How a commit wakes the engine, and whoever tells pages, at once: a condition in this process, LISTEN/NOTIFY between
processes."""

import threading
from collections.abc import Callable

import psycopg
import sqlalchemy as sa
import structlog

from oncall.clock import monotonic
from oncall.db import WAKE_CHANNEL, Database
from oncall.postgres import CONNECT

log = structlog.get_logger(__name__)

OTHERS_WITHIN = 0.05
"""Seconds until we look at what was committed beside another engine, which looks at once: if all did, each alert would
cost every process a pass.
"""
TRIAL_CHANNEL, TRIAL_SECONDS = "oncall_trial", 2.0


class Wake:
    """Set by whoever commits something that is due; waited on by the engine. Many sets make one wake-up."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._at: float | None = None
        self._followers: list[Callable[[], None]] = []

    def follow(self, tell: Callable[[], None]) -> None:
        """Have `tell` called at every `set`, in whichever thread that is: it must be quick."""
        self._followers.append(tell)

    def set(self, within: float = 0.0) -> None:
        """Wake the engine now; or for what is not urgent, `within` so many seconds, together with what is."""
        with self._changed:
            at = monotonic() + within
            self._at = at if self._at is None else min(at, self._at)
            self._changed.notify()
        for tell in self._followers:
            tell()

    def wait(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; True when woken. Clears it, so that a set during a pass causes another."""
        give_up_at = monotonic() + timeout
        with self._changed:
            while (left := (give_up_at if self._at is None else min(give_up_at, self._at)) - monotonic()) > 0:
                self._changed.wait(left)
            woken = self._at is not None and self._at <= monotonic()
            self._at = None if woken else self._at
        return woken


def reaches_others(database: Database) -> bool:
    """Whether PostgreSQL's notifications arrive: not where a pooler gives each transaction another session."""
    with psycopg.connect(database.conninfo, autocommit=True, **CONNECT) as connection:
        connection.execute(f"LISTEN {TRIAL_CHANNEL}")
        with database.transaction() as session:
            session.execute(sa.text(f"NOTIFY {TRIAL_CHANNEL}"))
        return any(True for _ in connection.notifies(timeout=TRIAL_SECONDS, stop_after=1))


class Listener:
    """Turns PostgreSQL notifications into `wake.set()`. Reconnects; ticks cover the time in between."""

    RETRY_SECONDS = 1.0
    POLL_SECONDS = 0.5

    def __init__(self, database: Database, wake: Wake) -> None:
        self._database, self._wake = database, wake
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-listen", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.warning("database.listen_lost", error=type(error).__name__)
                self._stop.wait(self.RETRY_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(self._database.conninfo, autocommit=True, **CONNECT) as connection:
            connection.execute(f"LISTEN {WAKE_CHANNEL}")
            self._wake.set()  # something may have been committed while nobody listened
            while not self._stop.is_set():
                for notice in connection.notifies(timeout=self.POLL_SECONDS):
                    # without an engine of our own, what one of another process has committed is news as well
                    if not self._database.engine_name or notice.payload != self._database.engine_name:
                        self._wake.set(within=OTHERS_WITHIN if notice.payload else 0.0)

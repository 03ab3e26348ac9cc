"""How a commit wakes the engines of other processes, and whoever tells pages there: PostgreSQL's LISTEN and NOTIFY."""

import threading

import psycopg
import sqlalchemy as sa
import structlog

from oncall.db.database import WAKE_CHANNEL, Database
from oncall.db.postgres import CONNECT
from oncall.process.wake import Wake

log = structlog.get_logger(__name__)

OTHERS_WITHIN = 0.05
"""Seconds until we look at what was committed beside another engine, which looks at once: if all did, each alert would
cost every process a pass.
"""
TRIAL_CHANNEL, TRIAL_SECONDS = "oncall_trial", 2.0


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

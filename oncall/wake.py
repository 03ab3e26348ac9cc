"""How a commit wakes the engine at once: a condition in this process, LISTEN/NOTIFY between processes."""

import threading

import psycopg
import structlog

from oncall.db import WAKE_CHANNEL

log = structlog.get_logger(__name__)


class Wake:
    """Set by whoever commits something that is due; waited on by the engine. Many sets make one wake-up."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def wait(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; True when woken. Clears it, so that a set during a pass causes another."""
        woken = self._event.wait(timeout)
        self._event.clear()
        return woken


class Listener:
    """Turns PostgreSQL notifications into `wake.set()`. Reconnects; ticks cover the time in between."""

    RETRY_SECONDS = 1.0
    POLL_SECONDS = 0.5

    def __init__(self, conninfo: str, wake: Wake) -> None:
        self._conninfo, self._wake = conninfo, wake
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
        with psycopg.connect(self._conninfo, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {WAKE_CHANNEL}")
            self._wake.set()  # something may have been committed while nobody listened
            while not self._stop.is_set():
                for _ in connection.notifies(timeout=self.POLL_SECONDS):
                    self._wake.set()

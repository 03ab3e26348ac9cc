"""What a process remembers for a moment of how the installation stands, so that many may ask."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from oncall.clock import Clock
from oncall.db.database import Database
from oncall.pulse.fitness import prove_writable
from oncall.pulse.vitals import Vitals, last_pass, vitals
from oncall.settings import Settings

T = TypeVar("T")

ASKED_EVERY = timedelta(seconds=3)
"""Whoever asks more often is told the same again: a storm must not be slowed down by those who watch it."""


class _Remembered(Generic[T]):
    """Safe for many threads: one asks, the others wait for its answer. What fails is not remembered."""

    def __init__(self, ask: Callable[[datetime], T]) -> None:
        self._ask, self._lock = ask, Lock()
        self._known: tuple[datetime, T] | None = None

    def at(self, now: datetime) -> T:
        with self._lock:
            if self._known is None or abs(now - self._known[0]) >= ASKED_EVERY:
                self._known = None
                self._known = now, self._ask(now)
            return self._known[1]


class Pulse:
    """One per process. Both raise what the database does when it is away."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._vitals = _Remembered(self._ask_vitals)
        self._written = _Remembered(self._write)

    def vitals(self) -> Vitals:
        return self._vitals.at(self._clock())

    def proven_writable(self) -> datetime | None:
        """Proves that something can be stored, and gives when any engine last made its passes."""
        now = self._clock()
        self._written.at(now)
        with self._database.read() as session:
            return last_pass(session)

    def _ask_vitals(self, now: datetime) -> Vitals:
        with self._database.read() as session:
            return vitals(session, self._settings, now)

    def _write(self, now: datetime) -> None:
        with self._database.transaction() as session:
            prove_writable(session, now)

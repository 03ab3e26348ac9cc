"""The only place that reads the time. Shells take a Clock; pure code takes `now`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment as an aware UTC datetime."""

_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def system_clock() -> datetime:
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never run backwards, for measuring how long something took; also while the machine sleeps."""
    return time.clock_gettime(_SINCE_BOOT)


STOOD_STILL = 0.5


class ClockWatch:
    """Notices when a clock is set, by the seconds that never run backwards."""

    def __init__(self, clock: Clock, seconds: Callable[[], float] = monotonic) -> None:
        self._clock, self._seconds = clock, seconds
        self._began = self._beginning()

    def moved(self) -> timedelta:
        """How far it was set since the last `follow`: less than nothing when it was set back."""
        return self._beginning() - self._began

    def follow(self) -> None:
        self._began = self._beginning()

    def _beginning(self) -> datetime:
        """When the seconds began to be counted, as this clock has it."""
        while True:
            before, now = self._seconds(), self._clock()
            if self._seconds() - before < STOOD_STILL:  # or the two were read at different moments
                return now - timedelta(seconds=before)

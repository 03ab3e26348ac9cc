"""The only place that reads the time. Shells take a Clock; pure code takes `now`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment as an aware UTC datetime."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never run backwards, for measuring how long something took."""
    return time.monotonic()

"""How many requests a second each integration key may send: a loop that has run away is told to slow down.

Each process counts by itself and in memory, so several behind a balancer let through as many times the rate.
"""

import math
from collections.abc import Callable

from oncall.clock import monotonic
from oncall.errors import TooManyRequests

WINDOW = 60.0
"""Seconds over which the rate is an average: so much may come at once. A storm is over by then, a loop is not."""
MOST_KEYS = 10_000
"""Remembered at once; those that have rested are forgotten first."""
LONGEST_KEY = 100
"""Characters. A longer one is nobody's, and not worth the memory."""


class RateLimit:
    """A token bucket of `per_second * WINDOW` for each key, kept as the time at which it will be full again.

    For one thread: the event loop's.
    """

    def __init__(self, per_second: float, seconds: Callable[[], float] = monotonic) -> None:
        """`per_second` 0: no limit."""
        self._per_second, self._seconds = per_second, seconds
        self._full_at: dict[str, float] = {}

    def take(self, key: str) -> None:
        """Count one request. Raises TooManyRequests, and counts nothing, when there were too many."""
        if not self._per_second or len(key) > LONGEST_KEY:
            return
        now = self._seconds()
        full_at = max(now, self._full_at.get(key, now))
        wait = full_at + 1 / self._per_second - now - WINDOW
        if wait > 0:
            raise TooManyRequests(
                f"This key may send {self._per_second:g} requests a second (ONCALL_INGEST_RATE). "
                "Nothing of this one was stored; send it again later.",
                retry_after=math.ceil(wait),
            )
        self._full_at[key] = full_at + 1 / self._per_second
        if len(self._full_at) > MOST_KEYS:
            self._full_at = {each: at for each, at in self._full_at.items() if at > now}

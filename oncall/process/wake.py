"""How a commit wakes the engine, and whoever tells pages, at once, in this process; `listener.py` between processes."""

import threading
from collections.abc import Callable

from oncall.clock import monotonic


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

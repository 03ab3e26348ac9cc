"""Work that is slow, or keeps others waiting, a few at a time. Each that waits takes a thread that a page could be
acknowledged with, so only a few wait, and not for long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from oncall.errors import Unavailable


class WaitingLine:
    def __init__(self, at_once: int, in_line: int, longest_wait: float, busy: str) -> None:
        """`longest_wait`: in seconds. `busy`: what is said to whoever comes when too many are here."""
        self._at_work = threading.BoundedSemaphore(at_once)
        self._let_in = threading.BoundedSemaphore(at_once + in_line)
        self._longest_wait, self._busy = longest_wait, busy

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Held while it is worked. Raises Unavailable where the line is full, or takes too long."""
        if not self._let_in.acquire(blocking=False):
            raise Unavailable(self._busy)
        try:
            if not self._at_work.acquire(timeout=self._longest_wait):
                raise Unavailable(self._busy)
            try:
                yield
            finally:
                self._at_work.release()
        finally:
            self._let_in.release()

"""The server's flood limit, kept: a burst of lines, then one line in so many seconds."""

import asyncio

BURST = 5


def next_line(full_at: float, now: float, line_seconds: float) -> tuple[float, float]:
    """Pure: how long a line must wait, and the new `full_at`: the moment until which lines have been spent."""
    wait = max(0.0, full_at - now - (BURST - 1) * line_seconds)
    return wait, max(full_at, now) + line_seconds


class FloodLimit:
    """`take` before each line. Whoever asked first goes first."""

    def __init__(self, line_seconds: float) -> None:
        self._line_seconds = line_seconds
        self._full_at = 0.0
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        async with self._turn:
            wait, full_at = next_line(self._full_at, asyncio.get_running_loop().time(), self._line_seconds)
            await asyncio.sleep(wait)  # one that is given up while it waits has spent nothing
            self._full_at = full_at

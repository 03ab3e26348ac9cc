"""One limit for a whole exchange over the network, however slowly the other side trickles.

A socket's own time-out begins anew with every byte; this cuts the connection itself.
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Deadline:
    """`with Deadline(10) as deadline:` shuts every socket that it is told to `watch` when the seconds are over.

    What waits for such a socket then gets an OSError, or the end of the stream: ask `has_passed` what it means.
    """

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            for watched in self._sockets:
                watched.close()
            self._sockets.clear()

    def watch(self, connection: socket.socket) -> None:
        """Before TLS takes the socket over: a duplicate is kept, which stays good."""
        with self._lock:
            self._sockets.append(connection.dup())
            if self.has_passed:
                self._shut()

    def _cut(self) -> None:
        with self._lock:
            self.has_passed = True
            self._shut()

    def _shut(self) -> None:
        for watched in self._sockets:
            with suppress(OSError):  # the other side was faster
                watched.shutdown(socket.SHUT_RDWR)

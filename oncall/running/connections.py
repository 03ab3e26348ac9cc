"""HTTP connections, and how long one may keep us waiting: uvicorn waits for ever for a request that does not end.

A request must have arrived whole within `Patience.seconds` of its first byte, however its bytes drip, and an answer
must be read as fast; its head ends within LONGEST_HEAD. Where there are more connections than `Patience.most`, or they
have sent more of unfinished bodies than `Patience.most_bytes`, the one that has kept us waiting longest gives way, so
that whoever opens thousands and ends none drives out their own.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from oncall.metrics import CONNECTIONS_CUT
from oncall.running.offered_protocols import Parser

LATE = "oncall.late"
"""In the scope of a request whose body did not arrive in time."""
TOO_SLOW = "The request did not arrive in time. Send it again, whole."
LONGEST_HEAD = 65_536
"""Bytes, about, of what is no body: a head, or what may stand around the pieces of a body. httptools keeps them all."""
MOST_HEADERS = 200
"""Each takes some hundred bytes of memory, however short it is."""
TOO_LONG = f"The request's address and headers are longer than {LONGEST_HEAD} bytes."

KEPT_FOR = 75
"""Seconds between two requests after which a connection is closed. A proxy must do so first, as nginx does after 60:
one that sends by it as we close it can't know whether its request was taken, and tells its own sender 502."""


OTHER_FILES = 500
"""That a process may have open beside HTTP connections: the database's, providers', mails, what it reads."""


def most_connections(wanted: int, files: int) -> int:
    """`files`: how many may be open at once. Strangers must leave some for the database and the providers."""
    return min(wanted, max(files - OTHER_FILES, files // 2))


@dataclass(slots=True)
class Patience:
    """Of all connections of a process. `waiting`: those at whose requests nobody works, the oldest first."""

    seconds: float
    most: int
    most_bytes: int = 256_000_000
    linger: float = 1.0
    """Seconds that a connection stays open when the process ends, for what a proxy has just sent by it."""
    waiting: "dict[Connection, None]" = field(default_factory=dict)
    unfinished: int = 0
    """Bytes of bodies that have not arrived whole."""

    def make_room(self, connections: int) -> None:
        if self.waiting and (connections > self.most or self.unfinished > self.most_bytes):
            oldest = next(iter(self.waiting))
            del self.waiting[oldest]
            oldest.cut("crowded")


class Joined:
    """A transport that sends the head of an answer together with the body that follows at once: uvicorn writes one
    after the other, which takes the system twice as long, and wakes whoever reads it twice.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self.is_closing = transport.is_closing
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
            self._transport.write(data)
        else:
            self._held = data
            self._loop.call_soon(self._send)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held = self._held, b""
        if held and not self.is_closing():
            self._transport.write(held)


class Connection(HttpToolsProtocol):
    """One connection. Between two requests KEPT_FOR holds."""

    def __init__(self, patience: Patience, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self.parser: Parser = Parser(self)
        self.timeout_keep_alive = KEPT_FOR
        self._patience = patience
        self._at_work = 0
        """Requests that have arrived whole and are not answered."""
        self._is_in_head = False
        self._is_arriving = True
        """The request that is awaited, or has begun, is not here whole."""
        self._without_end = 0
        """Bytes that have come since a head, a piece of a body or a request was complete."""
        self._is_ending = False
        self._unfinished = 0
        self._arrival: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Joined(transport, self.loop))  # type: ignore[arg-type]
        self._await_request()
        self._expect_the_rest()
        self._patience.make_room(len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.waiting.pop(self, None)
        self._finish()
        self._expect_nothing()
        self._is_read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._without_end += len(data)
        super().data_received(data)
        if self._without_end > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse_head(431, TOO_LONG, "long") if self._is_in_head else self.cut("long")
        elif self._at_work:
            self._patience.waiting.pop(self, None)
            self._expect_nothing()
        elif self._is_arriving or self.transport.is_closing():
            self._expect_the_rest()
        else:  # it was answered before it had arrived: what ended uvicorn's time for keep-alive begins it anew
            self._expect_nothing()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whoever says that they send no more, as `nc -N` does, reads on: what has come whole is answered."""
        is_awaited = self._at_work > 0 and not self._is_arriving and not self.cycle.response_started
        if is_awaited:
            self.cycle.keep_alive = False
        return is_awaited

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = self._is_arriving = True
        self._expect_nothing()  # its time begins with these bytes

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        if len(self.headers) > MOST_HEADERS:
            raise ValueError("too many headers")  # the parser makes it an error of its own, which uvicorn answers

    def on_headers_complete(self) -> None:
        self._without_end = 0
        if self.parser.is_offered_another:  # it is read once more
            return
        self._is_in_head = False
        super().on_headers_complete()
        if self._is_ending:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._without_end = 0
        if not self.cycle.response_complete:  # else it is dropped
            self._unfinished += len(body)
            self._patience.unfinished += len(body)
            self._patience.make_room(len(self.connections))

    def on_message_complete(self) -> None:
        self._without_end = 0
        if self.parser.is_offered_another:
            return
        self._finish()
        self._is_arriving = False
        if not self.cycle.response_complete:
            self._at_work += 1
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._at_work = max(0, self._at_work - 1)  # some are answered before they have arrived whole
        if not self._at_work:
            self._await_request()
        super().on_response_complete()
        self._expect_to_be_read()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._expect_to_be_read()

    def shutdown(self) -> None:
        """The process ends: the request that is under way is the last, or the next, should one be on its way."""
        self._is_ending = True
        if self.cycle is not None:
            self.cycle.keep_alive = False
        self.loop.call_later(self._patience.linger, self._leave)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading = self.loop.call_later(self._patience.seconds, self.cut, "unread")

    def resume_writing(self) -> None:
        self._is_read()
        super().resume_writing()

    def cut(self, why: str) -> None:
        CONNECTIONS_CUT.labels(why).inc()
        self._finish()
        self.transport.abort()

    def _finish(self) -> None:
        self._patience.unfinished -= self._unfinished
        self._unfinished = 0

    def _leave(self) -> None:
        if not self._is_in_head and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()

    def _await_request(self) -> None:
        self._patience.waiting[self] = None

    def _expect_the_rest(self) -> None:
        if self._arrival is None:
            self._arrival = self.loop.call_later(self._patience.seconds, self._lose_patience)

    def _expect_to_be_read(self) -> None:
        """A connection that we close is open until what we said last has been taken."""
        if self.transport.is_closing():
            self._expect_the_rest()

    def _expect_nothing(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None

    def _is_read(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _lose_patience(self) -> None:
        self._arrival = None
        if self.transport.is_closing():
            self.cut("unread")
        elif self.flow.read_paused:  # it is we who don't read
            self._expect_the_rest()
        elif self._is_in_head:
            self._refuse_head(408, TOO_SLOW, "late")
        elif self.cycle is None or self.cycle.response_started:
            self.cut("late")
        else:
            self._tell_application()

    def _refuse_head(self, status: int, text: str, why: str) -> None:
        """In plain text, as uvicorn refuses what it can't read: whose form of an error is meant, nobody can say."""
        CONNECTIONS_CUT.labels(why).inc()
        headers = f"content-type: text/plain\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + headers.encode() + text.encode())
        self.transport.close()
        self._expect_to_be_read()

    def _tell_application(self) -> None:
        """It answers in the form of the address. The connection is closed behind the answer."""
        CONNECTIONS_CUT.labels("late").inc()
        self.scope[LATE] = True  # type: ignore[literal-required]
        self.cycle.keep_alive = False
        self.cycle.message_event.set()

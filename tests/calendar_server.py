"""A web server on loopback that gives calendars, well and badly."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CALENDAR = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:rome
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260107
DTEND;VALUE=DATE:20260108
SUMMARY:Holiday in Rome
END:VEVENT
END:VCALENDAR
"""


@dataclass
class Answer:
    status: int = 200
    body: bytes = CALENDAR
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    """Seconds between the bytes."""


@dataclass
class CalendarServer:
    """Set `answer`; see in `asked` the headers of each request."""

    base: str
    answer: Answer = field(default_factory=Answer)
    asked: list[dict[str, str]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.base}/private-0123456789/basic.ics"


@contextmanager
def calendar_server() -> Iterator[CalendarServer]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 20

        def do_GET(self) -> None:
            served.asked.append(dict(self.headers))
            given = served.answer
            etag = given.headers.get("ETag")
            unchanged = etag is not None and self.headers.get("If-None-Match") == etag
            self.send_response(304 if unchanged else given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # the client may have had enough
                self._send(b"" if unchanged else given.body, given.drip)

        def _send(self, body: bytes, drip: float) -> None:
            if not drip:
                self.wfile.write(body)
                return
            for byte in body:
                self.wfile.write(bytes([byte]))
                if served.stopping.wait(drip):
                    return

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = CalendarServer(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            served.stopping.set()
            server.shutdown()
            thread.join()

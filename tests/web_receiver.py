"""A web server on this machine that keeps what is posted to it, and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Posted:
    path: str
    headers: Message
    body: bytes


@dataclass
class WebReceiver:
    """`answer` is the status and its headers; `drip` the seconds between the bytes of the answer."""

    port: int
    answer: tuple[int, dict[str, str]] = (204, {})
    drip: float = 0.0
    posted: list[Posted] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/secret-path"

    def take(self) -> list[Posted]:
        """What came since this was asked last."""
        posted, self.posted = self.posted, []
        return posted


@contextmanager
def web_receiver() -> Iterator[WebReceiver]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 20

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            served.posted.append(Posted(self.path, self.headers, body))
            with suppress(OSError):  # the client may have had enough
                self._drip() if served.drip else self._answer()

        def do_GET(self) -> None:
            served.posted.append(Posted(self.path, self.headers, b""))
            self._answer()

        def _answer(self) -> None:
            status, headers = served.answer
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def _drip(self) -> None:
            for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000:
                self.wfile.write(bytes([byte]))
                if served.stopping.wait(served.drip):
                    return

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = WebReceiver(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            served.stopping.set()
            server.shutdown()
            thread.join()

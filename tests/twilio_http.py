"""The HTTP side of the fake Twilio: addresses, credentials, Twilio's forms of answers and errors."""

import base64
import json
import os
import re
import socket
import struct
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.twilio_resources import Fields, Sent, page_of_numbers


class Api(Protocol):
    """What the account does with a request."""

    account_sid: str
    auth_token: str
    prefix: str
    connections: int
    account: dict[str, Any]
    number: dict[str, Any]

    def accept(self, kind: str, form: Fields) -> tuple[Sent, bool]: ...

    def check_up(self) -> None: ...

    def find(self, kind: str, sid: str) -> Sent: ...

    def listed(self, kind: str, path: str, query: Fields) -> dict[str, Any]: ...

    def overview(self) -> dict[str, Any]: ...

    def control(self, name: str, arguments: list[Any]) -> None: ...


class Refused(Exception):
    """An answer in Twilio's error form: https://www.twilio.com/docs/usage/twilios-response#exceptions"""

    def __init__(self, status: int, code: int, message: str = "The request failed") -> None:
        super().__init__(message)
        self.status = status
        more_info = f"https://www.twilio.com/docs/errors/{code}"
        self.body = {"code": code, "message": message, "more_info": more_info, "status": status}


class TwilioHttp(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = False
    block_on_close = True

    def __init__(self, address: tuple[str, int], twilio: Api) -> None:
        self.twilio = twilio
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        self.twilio.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends kept-alive connections, so that their threads do."""
        for request in list(self._open):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: TwilioHttp

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/_control/messages":
            self._answer(200, self.server.twilio.overview())
        else:
            self._serve(self._get)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self.path.startswith("/_control/"):
            self.server.twilio.control(self.path.removeprefix("/_control/"), json.loads(body))
            self._answer(200, {})
            return
        form = parse_qs(body, keep_blank_values=True)
        self._serve(lambda kind, sid: self._create(kind, form))

    def _serve(self, method: Callable[[str, str], None]) -> None:
        twilio = self.server.twilio
        try:
            twilio.check_up()
            self._check_credentials()
            path = urlsplit(self.path).path
            folder = rf"{re.escape(twilio.prefix)}/2010-04-01/Accounts/{twilio.account_sid}"
            found = re.fullmatch(rf"{folder}(?:/(Messages|Calls|IncomingPhoneNumbers)(?:/(\w+))?)?\.json", path)
            if not found:
                raise Refused(404, 20404, f"The requested resource {path} was not found")
            method(found[1] or "", found[2] or "")
        except Refused as refused:
            self._answer(refused.status, refused.body)

    def _check_credentials(self) -> None:
        twilio = self.server.twilio
        expected = base64.b64encode(f"{twilio.account_sid}:{twilio.auth_token}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {expected}":
            raise Refused(401, 20003, "Authenticate")

    def _create(self, kind: str, form: Fields) -> None:
        try:
            sent, is_answered = self.server.twilio.accept(kind, form)
        except ConnectionResetError:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())  # without a linger: the other end sees a reset, not an end
            self.close_connection = True
            return
        if is_answered:
            self._answer(201, sent.as_json(self.server.twilio.account_sid))
        else:
            self.close_connection = True

    def _get(self, kind: str, sid: str) -> None:
        twilio, parts = self.server.twilio, urlsplit(self.path)
        if not kind:
            self._answer(200, twilio.account)
        elif kind == "IncomingPhoneNumbers":
            self._answer(200, page_of_numbers(twilio.number, parse_qs(parts.query)))
        elif sid:
            self._answer(200, twilio.find(kind, sid).as_json(twilio.account_sid))
        else:
            self._answer(200, twilio.listed(kind, parts.path.removeprefix(twilio.prefix), parse_qs(parts.query)))

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

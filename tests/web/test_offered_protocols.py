"""What a client that knows HTTP/2 sends where there is no TLS: over sockets, as Java's own client does."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.application import listening
from tests.scenarios.world import World
from tests.web.test_ingest import TRIGGER, stored

OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAAAA\r\n"
PLAIN, CHUNKED = b"Content-Length: %d\r\n\r\n%s", b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
LAST = b"GET /health/live HTTP/1.1\r\nHost: oncall\r\nConnection: close\r\n\r\n"


@pytest.fixture
def sender(world: World) -> Iterator[socket.socket]:
    with listening(world.client.app) as url:
        address = urlsplit(url)
        with closing(socket.create_connection((address.hostname, address.port), timeout=10)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield connection


def request(body: bytes, key: str, offer: bytes = OFFER) -> bytes:
    message = json.dumps(TRIGGER | {"dedup_key": key}).encode()
    return b"POST /v2/enqueue HTTP/1.1\r\nHost: oncall\r\n" + offer + body % (len(message), message)


def statuses(sender: socket.socket) -> list[bytes]:
    with sender.makefile("rb") as answers:
        return re.findall(rb"HTTP/1\.1 (\d+)", answers.read())


@pytest.mark.parametrize("body", [PLAIN, CHUNKED], ids=["plain", "chunked"])
@pytest.mark.parametrize("pieces", [1, 2, 7], ids=lambda pieces: f"{pieces} pieces")
def test_http2_may_be_offered_and_the_body_is_read(
    body: bytes, pieces: int, world: World, sender: socket.socket
) -> None:
    sent = request(body, "web1") + LAST
    length = -(-len(sent) // pieces)
    for begin in range(0, len(sent), length):
        sender.sendall(sent[begin : begin + length])
    assert statuses(sender) == [b"202", b"200"]
    assert world.alert().summary == "Disk full"


def test_each_of_many_requests_at_once_may_offer_it(world: World, sender: socket.socket) -> None:
    sender.sendall(b"".join(request(PLAIN, f"web{number}") for number in range(50)) + LAST)
    assert statuses(sender) == [b"202"] * 50 + [b"200"]
    assert stored(world) == 50


def test_any_other_protocol_is_no_hindrance(world: World, sender: socket.socket) -> None:
    sender.sendall(request(PLAIN, "web1", b"connection: upgrade\r\nupgrade: websocket\r\n") + LAST)
    assert statuses(sender) == [b"202", b"200"]


def test_a_tunnel_is_not_made(world: World, sender: socket.socket) -> None:
    sender.sendall(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n")
    sender.shutdown(socket.SHUT_WR)
    assert b"200" not in statuses(sender)

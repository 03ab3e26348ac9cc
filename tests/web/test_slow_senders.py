"""Senders that keep us waiting: over sockets, to a server that waits a quarter of a second."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from urllib.parse import urlsplit

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from oncall.metrics import REGISTRY
from oncall.running.connections import LONGEST_HEAD, MOST_HEADERS, Patience
from tests.application import listening
from tests.processes import wait_for
from tests.scenarios.world import KEY, World
from tests.web.test_ingest import TRIGGER, stored

SECONDS, MOST, MOST_BYTES = 0.25, 5, 100_000
LARGE = 20_000_000
MESSAGE = json.dumps(TRIGGER).encode()
HEAD = b"POST %s HTTP/1.1\r\nHost: oncall\r\nAuthorization: GenieKey %s\r\nContent-Length: %d\r\n\r\n"
LIVE = b"GET /health/live HTTP/1.1\r\nHost: oncall\r\n\r\n"
Connect = Callable[[], socket.socket]


def head(path: str, length: int = len(MESSAGE)) -> bytes:
    return HEAD % (path.encode(), KEY.encode(), length)


@pytest.fixture
def seconds() -> float:
    return SECONDS


UNHURRIED = pytest.mark.parametrize("seconds", [30.0])


@pytest.fixture
def connect(world: World, seconds: float) -> Iterator[Connect]:
    with listening(world.client.app, patience=Patience(seconds, MOST, MOST_BYTES)) as url:
        kept: list[socket.socket] = []

        def connect() -> socket.socket:
            kept.append(opened(url))
            return kept[-1]

        yield connect
        for each in kept:
            each.close()


def opened(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=10)


def cut(why: str) -> float:
    """How many connections were, by this process."""
    return REGISTRY.get_sample_value("oncall_http_connections_cut_total", {"why": why}) or 0.0


def all_of(connection: socket.socket) -> str:
    """What is answered, to the end of the connection."""
    with closing(connection), connection.makefile("rb") as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v2/enqueue", {"status": "error", "message": "Too slow"}),
        ("/v2/alerts", {"message": "The request did not arrive in time. Send it again, whole."}),
        ("/integrations/generic/20131114/alert/key/team", {"result": "failure"}),
        ("/ingest/generic/key", {"status": 408, "title": "Too slow"}),
        ("/v2/change/enqueue", {"status": "error", "message": "Too slow"}),
        ("/ping/key", {"status": 408, "title": "Too slow"}),
        ("/api/v1/alerts", {"status": 408, "title": "Too slow"}),
        ("/callbacks/slack/commands", {"status": 408, "title": "Too slow"}),
    ],
)
def test_a_body_that_does_not_come_is_a_408_in_the_form_of_the_address(
    path: str, said: dict[str, object], world: World, connect: Connect
) -> None:
    sender = connect()
    sender.sendall(head(path) + MESSAGE[:-1])
    answered, _, body = all_of(sender).partition("\r\n\r\n")
    assert answered.startswith("HTTP/1.1 408 ")
    assert said.items() <= json.loads(body).items()
    assert stored(world) == 0


@pytest.mark.parametrize("sent", [LIVE[:-2] + b"X: ", head("/v2/enqueue", 1000)], ids=["head", "body"])
def test_bytes_that_drip_buy_no_time(sent: bytes, world: World, connect: Connect) -> None:
    sender = connect()
    sender.sendall(sent)
    with closing(sender):
        assert drip(sender).startswith(b"HTTP/1.1 408 ")
    assert stored(world) == 0


def drip(connection: socket.socket) -> bytes:
    """Until something is answered, or for forty times as long as there is. Gives the beginning of the answer: a byte
    that crosses it finds the connection closed, which ends what is read after it by a reset.
    """
    connection.settimeout(SECONDS / 5)
    for _ in range(200):
        connection.sendall(b"a")
        with suppress(TimeoutError):
            return connection.recv(1000)
    return b""


def test_what_follows_an_early_answer_buys_no_time_either(connect: Connect) -> None:
    sender = connect()
    sender.sendall(head("/v2/enqueue", 10_000_000))
    time.sleep(SECONDS / 5)
    sender.sendall(b"a")  # ends uvicorn's own time for keep-alive
    answers = all_of(sender)
    assert answers.startswith("HTTP/1.1 413 ")
    assert answers.count("HTTP/1.1 ") == 1


@pytest.mark.parametrize("seconds", [1.0])  # a busy machine takes a quarter of one to send five bytes
def test_what_arrives_whole_behind_an_early_answer_leaves_the_connection_for_others(
    connect: Connect, seconds: float
) -> None:
    """A load balancer sends somebody else's event on it."""
    sender, late = connect(), cut("late")
    with sender.makefile("rb") as answers:
        sender.sendall(b"POST /nowhere HTTP/1.1\r\nHost: oncall\r\nContent-Length: 5\r\n\r\n")
        assert answers.readline().startswith(b"HTTP/1.1 404 ")
        sender.sendall(b"hello")
        time.sleep(1.5 * seconds)
        sender.sendall(LIVE)
        assert any(b"HTTP/1.1 200 " in line for line in answers)
    assert cut("late") == late


@pytest.mark.parametrize("sent", [b"", b"\r\n"], ids=["nothing", "no request"])
def test_who_sends_nothing_is_not_waited_for(sent: bytes, connect: Connect) -> None:
    sender = connect()
    sender.sendall(sent)
    assert all_of(sender) == ""


def test_a_request_in_time_is_answered_however_many_come_on_one_connection(connect: Connect) -> None:
    sender = connect()
    with sender.makefile("rb") as answers:
        for _ in range(3):
            sender.sendall(LIVE)
            assert answers.readline().startswith(b"HTTP/1.1 200 ")
            while answers.readline() != b"\r\n":
                pass
            assert answers.read(15) == b'{"status":"ok"}'
            time.sleep(SECONDS / 2)


@pytest.mark.parametrize("begun", [b"", LIVE[:10]], ids=["a whole one", "the rest of one"])
def test_a_request_that_comes_while_the_process_ends_is_answered_and_is_the_last(begun: bytes, world: World) -> None:
    with ThreadPoolExecutor(1) as beside, ExitStack() as serving:
        url = serving.enter_context(listening(world.client.app, patience=Patience(30.0, MOST, linger=60.0)))
        with closing(opened(url)) as proxy:
            proxy.sendall(LIVE + begun)
            wait_for(lambda: proxy.recv(10_000, socket.MSG_PEEK).endswith(b'{"status":"ok"}'))
            proxy.recv(10_000)
            ended = beside.submit(serving.close)
            wait_for(lambda: is_refused(url))
            proxy.sendall(LIVE[len(begun) :])
            answer = all_of(proxy)
        ended.result(20)
    assert answer.startswith("HTTP/1.1 200 ")
    assert "connection: close\r\n" in answer


def is_refused(url: str) -> bool:
    try:
        opened(url).close()
    except OSError:
        return True
    return False


def test_a_connection_by_which_nothing_comes_keeps_no_process_from_its_end(world: World) -> None:
    with listening(world.client.app, patience=Patience(30.0, MOST, linger=SECONDS)) as url:
        proxy = opened(url)
        proxy.sendall(LIVE)
        wait_for(lambda: proxy.recv(10_000, socket.MSG_PEEK).endswith(b'{"status":"ok"}'))
    assert all_of(proxy).endswith('{"status":"ok"}')


CHUNKED = head("/v2/enqueue").replace(b"Content-Length: %d" % len(MESSAGE), b"Transfer-Encoding: chunked")


@UNHURRIED
@pytest.mark.parametrize("begun", [b"GET /", LIVE[:-2] + b"X-Header: "])
def test_a_head_that_is_too_long_is_refused(begun: bytes, connect: Connect) -> None:
    sender = connect()
    sender.sendall(begun.ljust(LONGEST_HEAD + 1, b"a"))
    assert all_of(sender).startswith("HTTP/1.1 431 ")


@UNHURRIED
@pytest.mark.parametrize("begun", [CHUNKED + b"1;", CHUNKED + b"0\r\nX-Header: "], ids=["within", "behind"])
def test_what_stands_around_the_pieces_of_a_body_has_an_end(begun: bytes, connect: Connect) -> None:
    before, sender = cut("long"), connect()
    with suppress(OSError):  # that it is ended
        sender.sendall(begun)
        sender.sendall(b"a" * 2_000_000)
    wait_for(lambda: cut("long") > before)


@UNHURRIED
@pytest.mark.parametrize("begun", [LIVE[:-2], CHUNKED + b"0\r\n"], ids=["head", "behind a body"])
def test_there_are_not_too_many_headers(begun: bytes, connect: Connect) -> None:
    sender = connect()
    sender.sendall(begun + b"X: 1\r\n" * (MOST_HEADERS + 1))
    assert all_of(sender).startswith("HTTP/1.1 400 ")


def test_who_sends_no_more_is_answered(world: World, connect: Connect) -> None:
    sender = connect()
    sender.sendall((head("/v2/enqueue") + MESSAGE) * 3)
    sender.shutdown(socket.SHUT_WR)
    assert all_of(sender).count("HTTP/1.1 202 ") == 3
    assert stored(world) == 1


@pytest.mark.parametrize("path", ["/v2/enqueue", "/ping/key", "/v2/alerts"])
def test_whoever_leaves_in_the_middle_is_no_fault_of_ours(path: str, connect: Connect) -> None:
    with capture_logs() as logs:
        sender = connect()
        sender.sendall(head(path) + MESSAGE[:-1])
        sender.close()
        asking = connect()
        asking.sendall(LIVE[:-2] + b"Connection: close\r\n\r\n")
        assert all_of(asking).startswith("HTTP/1.1 200 ")
    assert logs == []


def test_who_does_not_read_the_answer_is_ended() -> None:
    before = cut("unread")
    with listening(large, patience=Patience(SECONDS, MOST)) as url, closing(opened(url)) as reader:
        reader.sendall(LIVE)
        wait_for(lambda: cut("unread") > before)
        assert len(all_of(reader)) < LARGE


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """More than a system keeps for somebody who does not read."""
    await Response(b" " * LARGE)(scope, receive, send)


@UNHURRIED
def test_where_there_are_too_many_whoever_has_kept_us_waiting_longest_gives_way(connect: Connect) -> None:
    waiting = [connect() for _ in range(MOST)]
    for each in waiting:
        each.sendall(LIVE[:-2])
    asking = connect()
    for each in [asking, *waiting[1:]]:
        each.sendall(LIVE[:-2] * (each is asking) + b"Connection: close\r\n\r\n")
        assert all_of(each).startswith("HTTP/1.1 200 ")
    assert all_of(waiting[0]) == ""


@UNHURRIED
def test_of_bodies_without_an_end_no_more_is_kept_than_there_is_room_for(world: World, connect: Connect) -> None:
    first, second = connect(), connect()
    for each in (first, second):
        each.sendall(head("/v2/enqueue", 70_000) + MESSAGE.ljust(60_000))
    assert all_of(first) == ""
    second.sendall(b" " * 10_000)
    assert second.recv(12) == b"HTTP/1.1 202"
    assert stored(world) == 1

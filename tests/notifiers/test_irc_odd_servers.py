"""Our bot on servers that do odd things: what is no use is passed over, what ends the connection is come back from."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from notifiers.irc_account import IrcAccount
from notifiers.irc_bot import IrcBot
from notifiers.irc_session import Said

CHANNEL = "#warroom"


class OddServer:
    """Lets everybody in, knows every nick, and says something odd, once, after the line that begins with `after`."""

    def __init__(self, after: str, says: bytes, *, then_closes: bool = False) -> None:
        self._after, self._says, self._closes = after, says, then_closes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.came = 0
        self.was_odd = threading.Event()
        self.heard: list[str] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.came += 1
                with connection, suppress(OSError):
                    self._speak(connection)

    def _speak(self, connection: socket.socket) -> None:
        for raw in connection.makefile("rb"):
            line = raw.decode().rstrip()
            self.heard.append(line)
            connection.sendall(self._answer(*line.split(" ")[:2]))
            if line.startswith(self._after) and not self.was_odd.is_set():
                connection.sendall(self._says)
                self.was_odd.set()
                if self._closes:
                    connection.shutdown(socket.SHUT_RDWR)
                    return

    @staticmethod
    def _answer(command: str, about: str = "") -> bytes:
        answers = {
            "USER": ":odd.test 001 oncall :Welcome",
            "JOIN": f":oncall!o@h JOIN {CHANNEL}\r\n:odd.test 366 oncall {CHANNEL} :End",
            "WHOIS": f":odd.test 311 oncall {about} u h * :x\r\n:odd.test 318 oncall {about} :End",
            "PING": f":odd.test PONG odd.test {about}",
        }
        return f"{answers[command]}\r\n".encode() if command in answers else b""


class Ears:
    def is_for_us(self, said: Said) -> bool:
        return said.text.startswith("!")

    def answer(self, said: Said, identity: str) -> str:
        return "heard"

    def changed(self) -> None:
        pass


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not is_so():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.01)


@contextmanager
def bot_on(server: OddServer) -> Iterator[IrcBot]:
    account = IrcAccount("127.0.0.1", server.port, "oncall", CHANNEL, tls=False)
    bot = IrcBot(replace(account, identified_only=False, line_seconds=0.0, timeout_seconds=3.0))
    bot.listener = Ears()
    bot.connect()
    try:
        yield bot
    finally:
        bot.close()
        server.close()


@pytest.mark.parametrize(
    ("after", "says"),
    [
        pytest.param("JOIN", b":\xff\xfe!x@y PRIVMSG #warroom :!\xff\xfa\r\n", id="no UTF-8"),
        pytest.param("JOIN", b":mallory!a@b PRIVMSG #warroom :!" + b"x" * 9_000 + b"\r\n", id="more than 8191 bytes"),
        pytest.param(
            "JOIN", b":s 999\r\n:s 301\r\n:s 311\r\n:s 330 a\r\n:s 005 TOPICLEN=x\r\n318\r\n", id="half numerics"
        ),
        pytest.param("JOIN", b"KICK\r\nPART\r\nNICK\r\n:oncall PRIVMSG\r\n:s TOPIC\r\nPONG\r\n", id="half commands"),
        pytest.param("JOIN", b"\r\n   \r\n\0\0\r\n:\r\n@\r\n@a=b\r\n", id="no lines at all"),
        pytest.param(
            "JOIN", b":op KICK #elsewhere oncall :out\r\n:oncall PART #elsewhere\r\n", id="of another channel"
        ),
        pytest.param("CAP", b"001\r\n", id="a welcome for nobody"),
        pytest.param("CAP", b":s 421 * CAP :Unknown command\r\n", id="it knows no capabilities"),
        pytest.param("CAP", b":s CAP\r\n:s CAP * LS\r\n:s CAP * NAK :sasl\r\n", id="capabilities that are none"),
    ],
)
def test_what_is_no_use_is_passed_over(after: str, says: bytes) -> None:
    server = OddServer(after, says)
    with bot_on(server) as bot:
        wait_until(lambda: bot.is_connected and server.was_odd.is_set())
        bot.deliver("alice", "Disk full", by_name=False)
        assert "PRIVMSG alice :Disk full" in server.heard
        assert server.came == 1


@pytest.mark.parametrize(
    ("ping", "pong"),
    [
        (b"PING", "PONG :"),
        (b"PING ::x", "PONG ::x"),
        (b"PING :a b  c", "PONG :a b  c"),
        (b"PING :" + b"x" * 600, "PONG " + "x" * 505),
    ],
)
def test_a_ping_is_answered_whatever_it_says(ping: bytes, pong: str) -> None:
    server = OddServer("JOIN", ping + b"\r\n")
    with bot_on(server):
        wait_until(lambda: pong in server.heard)


@pytest.mark.parametrize(
    ("says", "then_closes"),
    [
        pytest.param(b"ERROR :Closing Link\r\n", True, id="ERROR"),
        pytest.param(b":alice PRIVMSG #war", True, id="half a line"),
        pytest.param(b":op KICK #warroom oncall :out\r\n", False, id="kicked out"),
        pytest.param(b":oncall!o@h PART #warroom :by the services\r\n", False, id="taken out"),
        pytest.param(b":mallory PRIVMSG #warroom :" + b"x" * 200_000, True, id="a line without end"),
    ],
)
def test_it_comes_back_after(says: bytes, then_closes: bool) -> None:
    server = OddServer("JOIN", says, then_closes=then_closes)
    with bot_on(server) as bot:
        wait_until(lambda: server.came == 2 and bot.is_connected)
        bot.deliver("alice", "Disk full", by_name=False)
        assert "PRIVMSG alice :Disk full" in server.heard

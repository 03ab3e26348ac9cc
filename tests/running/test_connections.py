"""How many HTTP connections a process holds. What becomes of slow ones is tried in `tests/web/test_slow_senders.py`."""

import asyncio
from typing import cast

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from oncall.running.connections import OTHER_FILES, Connection, Joined, Patience, most_connections


@pytest.mark.parametrize(
    ("wanted", "files", "held"),
    [(4000, 20_000, 4000), (4000, 4000 + OTHER_FILES, 4000), (4000, 1024, 524), (4000, 256, 128)],
)
def test_files_are_left_for_the_database_and_the_providers(wanted: int, files: int, held: int) -> None:
    assert most_connections(wanted, files) == held


async def no_application(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Nobody asks it."""


def test_a_proxy_closes_an_idle_connection_before_we_do() -> None:
    with asyncio.Runner() as runner:
        state, config, loop = ServerState(), uvicorn.Config(no_application), runner.get_loop()
        connection = Connection(Patience(30.0, 1), config=config, server_state=state, app_state={}, _loop=loop)

    assert connection.timeout_keep_alive > 60  # which is nginx's, and that of Amazon's load balancers


class Wire:
    """What goes out, and when it was closed."""

    def __init__(self) -> None:
        self.sent: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def is_closing(self) -> bool:
        return "closed" in self.sent

    def close(self) -> None:
        self.sent.append("closed")

    abort = close


@pytest.mark.parametrize(
    ("done", "sent"),
    [
        pytest.param([b"head ", b"body", b"head ", b"body"], [b"head body", b"head body"], id="together"),
        pytest.param([b"head ", "turn", b"body", "turn"], [b"head ", b"body"], id="a head whose body comes later"),
        pytest.param([b"goodbye", "close", "turn"], [b"goodbye", "closed"], id="what was said last"),
        pytest.param([b"head ", "abort", "turn"], ["closed"], id="a connection that is cut"),
    ],
)
def test_what_is_written_at_once_is_sent_together(done: list[bytes | str], sent: list[bytes | str]) -> None:
    wire = Wire()

    async def talk() -> None:
        transport = Joined(cast(asyncio.Transport, wire), asyncio.get_running_loop())
        for step in done:
            if isinstance(step, bytes):
                transport.write(step)
            elif step == "turn":
                await asyncio.sleep(0)
            else:
                getattr(transport, step)()

    asyncio.run(talk())
    assert wire.sent == sent

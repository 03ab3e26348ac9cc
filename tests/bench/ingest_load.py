"""Loads of events of every shape, each sent from a process of its own: how many keys, one event a request or a batch,
new alerts or the same again, as fast as answers come or at a rate.
"""

import asyncio
import itertools
import json
import math
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import uvloop

BATCH = 64
"""Alerts in a notification of Alertmanager's."""


@dataclass(frozen=True)
class Load:
    """`rate` None: each of the connections sends its next request when it has its answer."""

    ports: Sequence[int]
    keys: Sequence[str]
    is_batch: bool
    is_new: bool
    name: str
    seconds: float
    connections: int = 64
    rate: float | None = None
    requests: int | None = None
    """So many, and then it ends."""
    pids: Sequence[int] = ()
    """Processes that are stopped before and after."""

    @property
    def events_a_request(self) -> int:
        return BATCH if self.is_batch else 1

    def following(self) -> Callable[[], bytes]:
        """Gives one after the other, the keys in turn. Of duplicates there are 16 kinds a key."""
        numbers, keys = itertools.count(), itertools.cycle(self.keys)
        make = _batch if self.is_batch else _event

        def following() -> bytes:
            number = next(numbers)
            name = f"{self.name}-{number}" if self.is_new else f"{self.name}-{number // len(self.keys) % 16}"
            return make(next(keys), name)

        return following


@dataclass
class Answers:
    accepted: int = 0
    refused: int = 0
    seconds: float = 0.0
    waits: tuple[float, ...] = ()
    """Of those that were accepted, in ms: from when a request was to go to its answer."""

    @property
    def p99(self) -> float:
        waits = sorted(self.waits)
        return waits[int(len(waits) * 0.99)] if waits else 0.0

    @property
    def median(self) -> float:
        waits = sorted(self.waits)
        return waits[len(waits) // 2] if waits else 0.0


def _event(key: str, name: str) -> bytes:
    event = {
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": name,
        "payload": {
            "summary": "Error rate 12 % on checkout",
            "source": "web1",
            "severity": "critical",
            "custom_details": {"rate": 12, "host": "web1.example.com", "firing": "Labels:\n - alertname = Errors"},
        },
    }
    return _post("/v2/enqueue", event)


def _batch(key: str, name: str) -> bytes:
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "Errors", "severity": "critical", "instance": f"web{number}:9100"},
            "annotations": {"summary": f"Error rate 12 % on web{number}"},
            "startsAt": "2026-01-05T10:00:00Z",
            "generatorURL": "http://prometheus.example.com:9090/graph?g0.expr=errors",
            "fingerprint": f"{name}-{number}",
        }
        for number in range(BATCH)
    ]
    return _post(
        f"/ingest/alertmanager/{key}", {"version": "4", "status": "firing", "groupKey": name, "alerts": alerts}
    )


def _post(path: str, body: Any) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


class _Connection:
    """Keep-alive; one request under way."""

    def __init__(self, answers: Answers, waits: list[float]) -> None:
        self._answers, self._waits = answers, waits

    async def open(self, port: int) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)

    async def send(self, request: bytes, due: float) -> None:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        await self._reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
        if head.startswith(b"HTTP/1.1 202"):
            self._answers.accepted += 1
            self._waits.append((time.monotonic() - due) * 1000)
        else:
            self._answers.refused += 1

    def close(self) -> None:
        self._writer.close()


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


async def _run(load: Load) -> Answers:
    answers, waits, following = Answers(), list[float](), load.following()
    _signal(load.pids, signal.SIGCONT)
    connections = [_Connection(answers, waits) for _ in range(load.connections)]
    for connection, port in zip(connections, itertools.cycle(load.ports), strict=False):
        await connection.open(port)
    began = time.monotonic()
    ends = began + load.seconds
    numbers = itertools.count()

    async def work(connection: _Connection) -> None:
        while time.monotonic() < ends and (number := next(numbers)) < (load.requests or math.inf):
            due = began + number / load.rate if load.rate else time.monotonic()
            if due >= ends:
                return
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await connection.send(following(), due)

    await asyncio.gather(*(work(connection) for connection in connections))
    answers.seconds = time.monotonic() - began
    _signal(load.pids, signal.SIGSTOP)
    answers.waits = tuple(waits)
    for connection in connections:
        connection.close()
    return answers


def send_load(result: Connection, load: Load) -> None:
    """Give the Answers to `result`."""
    result.send(uvloop.run(_run(load)))


def send_loads(asked: Connection) -> None:
    """Give the Answers to one Load after the other, for as long as the process lasts."""
    while True:
        send_load(asked, asked.recv())

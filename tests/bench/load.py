"""A load of new alerts from a process of its own: keep-alive connections, each with one request under way."""

import asyncio
import itertools
import json
import time
from multiprocessing.connection import Connection
from typing import Any

import uvloop

KEY = "0123456789abcdef0123456789abcdef"


def request(dedup_key: str, summary: str = "Error rate 12 % on checkout") -> bytes:
    body = json.dumps(
        {
            "routing_key": KEY,
            "event_action": "trigger",
            "dedup_key": dedup_key,
            "payload": {
                "summary": summary,
                "source": "web1",
                "severity": "critical",
                "custom_details": {"rate": 12, "host": "web1.example.com", "firing": "Labels:\n - alertname = Errors"},
            },
        }
    ).encode()
    head = (
        f"POST /v2/enqueue HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Sender(asyncio.Protocol):
    """One connection. Counts answers 202 by `accepted`; anything else by `refused`."""

    numbers = itertools.count()

    def __init__(self, name: str) -> None:
        self.name, self.accepted, self.refused = name, 0, 0
        self.stopping = False
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

        self._send()

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, gap, body = self.received.partition(b"\r\n\r\n")
        if not gap or len(body) < int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]):
            return
        accepted = head.startswith(b"HTTP/1.1 202")
        self.accepted, self.refused = self.accepted + accepted, self.refused + (not accepted)
        self.received = b""
        self._send()

    def _send(self) -> None:
        if self.stopping:
            self.transport.close()
        else:
            self.transport.write(request(f"{self.name}-{next(self.numbers)}"))


async def _storm(port: int, connections: int, seconds: float, name: str) -> tuple[int, int, float]:
    loop = asyncio.get_running_loop()
    senders = [Sender(f"{name}-{number}") for number in range(connections)]
    began = time.monotonic()
    for sender in senders:
        await loop.create_connection(lambda sender=sender: sender, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    for sender in senders:
        sender.stopping = True
    await asyncio.sleep(0.3)
    return sum(s.accepted for s in senders), sum(s.refused for s in senders), took


def storm(result: Connection, port: int, connections: int, seconds: float, name: str) -> None:
    """Send as fast as answers come; give (accepted, refused, seconds) to `result`."""
    result.send(uvloop.run(_storm(port, connections, seconds, name)))


async def _steady(port: int, per_second: int, seconds: float, name: str, sender: int) -> dict[str, tuple[float, float]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: dict[str, tuple[float, float]] = {}
    began = time.monotonic()
    for number in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        sent = time.monotonic()
        writer.write(request(f"{name}-{number}", f"Failure no-{sender}-{number}"))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
        if head.startswith(b"HTTP/1.1 202"):
            times[f"no-{sender}-{number}"] = (sent, time.monotonic())
    writer.close()
    return times


def steady(result: Connection, port: int, per_second: int, seconds: float, name: str, sender: int = 0) -> None:
    """Send at a steady rate; give when each was sent and accepted (monotonic seconds), by its name.

    `sender` tells several of them apart.
    """
    result.send(uvloop.run(_steady(port, per_second, seconds, name, sender)))

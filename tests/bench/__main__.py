"""`make bench`: schedules; then taking in, event to provider and memory, on both databases. PARTS can be run alone."""

import itertools
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.schema import migrate
from oncall.settings import Settings
from tests.bench import delivery, feed, ingest, pages, rota, servers
from tests.bench.load import steady, storm
from tests.bench.running import BARE_PORT, DATABASES, PORT, TWILIO_PORT, New, ask_process, our_process, process, spawn
from tests.conftest import make_settings
from tests.fake_twilio import NUMBER, SID, TOKEN
from tests.postgres import PostgresServer, running_server
from tests.processes import ask, wait_until_ready
from tests.scenarios.world import COMPANY

ROUNDS, WARM_SECONDS, SECONDS, CONNECTIONS = 3, 1.0, 4.0, 64
STEADY_RATE, STEADY_SECONDS = 50, 20.0
PROVIDER_TAKES = 0.1
"""Seconds."""
TWILIO = {
    "twilio_account_sid": SID,
    "twilio_auth_token": SecretStr(TOKEN),
    "twilio_from": NUMBER,
    "twilio_base_url": f"http://127.0.0.1:{TWILIO_PORT}",
    "public_url": "https://oncall.example.com",  # else receipts and replies are asked for, which is more to do
}
LONG_WAITS = COMPANY.replace("wait: 5m", "wait: 24h").replace("after: 2m", "after: 20h")


def with_company(settings: Settings) -> Settings:
    migrate.upgrade(settings)
    database = Database(settings)
    with database.transaction() as session:
        apply(session, load(LONG_WAITS), system_clock())
    database.close()
    return settings


def throughput(name: str, fresh: Callable[[], Settings]) -> None:
    """Ours and the bare endpoint in turn, so that a drift of the machine meets both.

    Each has the machine to itself: ours is stopped before the bare one is measured, or its engine would go on paging.
    For the same reason each round has a database of its own.
    """
    ours, bares = [], []
    for number in range(ROUNDS):
        settings = fresh()
        with process(servers.run_twilio, TWILIO_PORT), our_process(settings):
            wait_until_ready(TWILIO_PORT, "/_control/messages")
            ours.append(rate(settings.port, f"{name}-{number}"))
        with process(servers.run_bare, BARE_PORT):
            wait_until_ready(BARE_PORT, "/docs")
            bares.append(rate(BARE_PORT, f"{name}-{number}"))
    ratios = [mine / bare for mine, bare in zip(ours, bares, strict=True)]
    print(
        f"{name}: {statistics.median(ours):,.0f} new alerts/s accepted and committed; bare endpoint "
        f"{statistics.median(bares):,.0f}/s; ratio {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f}–{max(ratios):.2f} over {ROUNDS} rounds)"
    )


def rate(port: int, name: str) -> float:
    """Once it runs: a process that has just begun still plans its statements and loads what it needs."""
    ask_process(storm, port, CONNECTIONS, WARM_SECONDS, f"{name}-warm")
    accepted, refused, took = ask_process(storm, port, CONNECTIONS, SECONDS, name)
    if refused:
        print(f"  {name}: {refused} requests were refused on port {port}")
    return float(accepted / took)


def latency(name: str, *processes: Settings) -> None:
    """STEADY_RATE events a second at each of the processes."""
    with process(servers.run_twilio, TWILIO_PORT), ExitStack() as running:
        wait_until_ready(TWILIO_PORT, "/_control/messages")
        for settings in processes:
            running.enter_context(our_process(settings))
        ports = [settings.port for settings in processes]
        steadily(ports, 2.0, "warm")
        before = len(ask(TWILIO_PORT, "GET", "/_control/messages").json()["messages"])
        times = steadily(ports, STEADY_SECONDS, "steady")
        time.sleep(2)
        arrived = ask(TWILIO_PORT, "GET", "/_control/messages").json()["messages"][before:]
    at = {match[0]: text["received_at"] for text in arrived if (match := re.search(r"no-[\d-]+", text["body"]))}
    for what, index in (("sent by monitoring", 0), ("accepted (202)", 1)):
        waits = sorted((at[key] - moments[index]) * 1000 for key, moments in times.items() if key in at)
        median, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
        print(
            f"{name}: event {what} → request at the provider, {STEADY_RATE * len(processes)}/s: "
            f"median {median:.1f} ms, p99 {p99:.1f} ms, {len(waits)} of {len(times)} measured"
        )


def steadily(ports: Sequence[int], seconds: float, name: str) -> dict[str, tuple[float, float]]:
    """At all ports at once: when each event was sent and accepted, by what it is called in the text."""
    times: dict[str, tuple[float, float]] = {}
    with ExitStack() as senders:
        pipes = []
        for number, port in enumerate(ports):
            ours, theirs = spawn.Pipe()
            senders.enter_context(process(steady, theirs, port, STEADY_RATE, seconds, f"{name}-{number}", number))
            pipes.append(ours)
        for pipe in pipes:
            times |= pipe.recv()
    return times


def burst(name: str, settings: Settings) -> None:
    """Everything is due before the process starts."""
    database = Database(settings)
    with database.transaction() as session:
        delivery.trigger(session, delivery.BURST)
    database.close()
    with process(servers.run_twilio, TWILIO_PORT, PROVIDER_TAKES), our_process(settings):
        wait_until_ready(TWILIO_PORT, "/_control/messages")
        took = delivery.wait_for_burst(TWILIO_PORT)
    at_once = settings.send_threads // 2  # what one kind gets
    bare = delivery.BURST * PROVIDER_TAKES / at_once
    print(
        f"{name}: {delivery.BURST:,} due texts to a provider that takes {PROVIDER_TAKES * 1000:.0f} ms: {took:.1f} s; "
        f"the requests alone, {at_once} at a time: {bare:.1f} s; ratio {took / bare:.1f}"
    )


def idle_memory(name: str, settings: Settings) -> None:
    with our_process(settings) as served:
        time.sleep(5)
        status = Path(f"/proc/{served.pid}/status").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]
    print(f"{name}: idle memory of the serving process: {resident:.0f} MB resident")


class Installations:
    """Each call makes one with a database of its own, kept until the bench ends."""

    def __init__(self, folder: Path, postgres: PostgresServer, kept: ExitStack) -> None:
        self._folder, self._postgres, self._kept = folder, postgres, kept
        self._numbers = itertools.count()

    def new(self, name: str, **settings: Any) -> Settings:
        if name == "SQLite":
            url = f"sqlite:///{self._folder}/{next(self._numbers)}.db"
        else:
            url = self._kept.enter_context(self._postgres.database())
        return with_company(make_settings(url, port=PORT, log_level="ERROR", **TWILIO, **settings))


def main() -> None:
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    durable = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    with tempfile.TemporaryDirectory() as folder, running_server(durable) as postgres, ExitStack() as kept:
        installations = Installations(Path(folder), postgres, kept)
        for part in (part for part in PARTS if only in part.__name__):
            part(installations.new)


def schedules(_new: New) -> None:
    rota.main()
    feed.main()


def accepted(new: New) -> None:
    for name in DATABASES:
        throughput(name, partial(new, name))


def provider(new: New) -> None:
    # every page by itself: it is found at the provider by its words
    for name in DATABASES:
        latency(name, new(name, hold_seconds=0))
    one = new("PostgreSQL", hold_seconds=0)
    latency("PostgreSQL, two processes", one, one.model_copy(update={"port": PORT + 10}))


def due_at_once(new: New) -> None:
    for name in DATABASES:
        burst(name, new(name, hold_seconds=0))


def idle(new: New) -> None:
    for name in DATABASES:
        idle_memory(name, new(name))
    delivery.pass_cost(new("PostgreSQL"))


PARTS = (
    schedules,
    pages.pages,
    accepted,
    ingest.taking_single_events,
    ingest.taking_batches,
    ingest.fairness,
    ingest.storm,
    ingest.memory,
    provider,
    due_at_once,
    idle,
)


if __name__ == "__main__":
    main()

"""Benchmark of pages: how long the server takes for each, with years of alerts (see `large`)."""

import http.client
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from oncall.clock import monotonic
from oncall.reports.registry import REPORTS
from tests.bench import large
from tests.bench.running import DATABASES, New, our_process
from web.edge import COOKIE

REPEATS = 40
NEWEST, A_CLOSED = large.CLOSED + large.OPEN, large.CLOSED // 2
PAGES = (
    "/health/live",  # nothing: what the machine makes of it just now
    "/",
    "/alerts",
    "/alerts?mine=1",
    "/alerts?service=s3",
    "/alerts?team=s3&urgency=high",
    "/alerts?q=shop+1000123",
    "/alerts?q=zebra",
    "/alerts?status=resolved",
    "/alerts?status=all&mine=1",
    "/alerts?status=all&service=s3",
    "/alerts?status=all&team=s3",
    "/alerts?status=all&q=zebra",
    "/alerts?status=all&label=cluster%3Dwest",
    "/alerts?status=all&until=2025-06-01T00:00&q=zebra",
    "/alerts?status=all&from=2025-06-01T00:00&until=2025-06-02T00:00",
    f"/alerts?status=all&before={A_CLOSED}",
    f"/alerts/{NEWEST}",
    f"/alerts/{A_CLOSED}",
    "/page",
    "/page?schedule=s3",
    "/schedules",
    "/schedules/s3",
    "/schedules/s3?view=quarter",
    "/schedules/s3/rotations/r",
    "/services",
    "/services/s3",
    "/policies",
    "/policies/s3",
    "/heartbeats",
    "/teams",
    "/teams/s3",
    "/would-page?service=s3",
    "/me",
    "/me/month",
    "/me/burden",
    "/me/reached",
    "/me/access",
    "/swaps",
    "/swaps/new",
    "/people",
    "/maintenance",
    "/burden",
    "/burden?window=last-365",
    "/burden?schedule=s3",
    "/reports",
    *(f"/reports/{name}" for name in REPORTS),
)


def pages(new: New) -> None:
    for name in DATABASES:
        settings = new(name, alerts_kept_days=0)  # or those of the first year would be deleted meanwhile
        token = large.make(settings)
        with our_process(settings) as served:
            print(f"{name}, {large.OPEN:,} open and {large.CLOSED:,} closed alerts, {REPEATS} times each:")
            measure(settings.port, token, served.pid)


@dataclass
class Measured:
    """Of one page: milliseconds of each request, those that the process computed, and its last answer."""

    times: list[float] = field(default_factory=list)
    computed: float = 0.0
    kilobytes: float = 0.0
    status: int = 0

    def __str__(self) -> str:
        first, *rest = self.times
        in_order = sorted(rest)
        median, p95 = in_order[len(rest) // 2], in_order[int(len(rest) * 0.95) - 1]
        waits = f"median {median:.0f} ms, p95 {p95:.0f} ms, first {first:.0f} ms"
        return f"{waits}, cpu {self.computed / len(self.times):.0f} ms, {self.kilobytes:.0f} kB ({self.status})"


def measure(port: int, token: str, pid: int, paths: Sequence[str] = PAGES) -> None:
    """One page after another, again and again: people don't ask for the same one, and what holds a machine up for a
    second is not of one page alone. `cpu` is what the process computed for each, its engine's ticks among it: the same
    on a busy machine.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = {path: Measured() for path in paths}
    for _ in range(REPEATS + 1):
        for path, measured in found.items():
            computed, began = _computed(pid), monotonic()
            connection.request("GET", path, headers={"cookie": f"{COOKIE}={token}", "accept": "text/html"})
            answer = connection.getresponse()
            measured.status, measured.kilobytes = answer.status, len(answer.read()) / 1000
            measured.times.append((monotonic() - began) * 1000)
            measured.computed += _computed(pid) - computed
    for path, measured in found.items():
        print(f"  {path}: {measured}")


def _computed(pid: int) -> float:
    """By a process since it began, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

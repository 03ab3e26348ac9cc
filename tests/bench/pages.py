"""Benchmark of pages: how long the server takes for each, with years of alerts (see `large`)."""

import http.client
import os
from collections.abc import Sequence
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


def measure(port: int, token: str, pid: int, paths: Sequence[str] = PAGES) -> None:
    """`cpu` is what the process computed for each, its engine's ticks among it: the same on a busy machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for path in paths:
        times, status, size, cpu = [], 0, 0, _computed(pid)
        for _ in range(REPEATS + 1):
            began = monotonic()
            connection.request("GET", path, headers={"cookie": f"{COOKIE}={token}", "accept": "text/html"})
            answer = connection.getresponse()
            status, size = answer.status, len(answer.read())
            times.append((monotonic() - began) * 1000)
        first, *rest = times
        median, p95 = sorted(rest)[REPEATS // 2], sorted(rest)[int(REPEATS * 0.95) - 1]
        cpu = (_computed(pid) - cpu) / (REPEATS + 1)
        waits = f"median {median:.0f} ms, p95 {p95:.0f} ms, first {first:.0f} ms, cpu {cpu:.0f} ms"
        print(f"  {path}: {waits}, {size / 1000:.0f} kB ({status})")


def _computed(pid: int) -> float:
    """By a process since it began, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""Monit's events, as captured from the real program and in the words of its table."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import monit
from oncall.ingest.reading import BadEvent, Inbound

CAPTURED = sorted((Path(__file__).parent.parent / "payloads" / "monit").glob("*.json"))

LIMITS = [
    (
        "mem usage of 6.7% matches resource limit [mem usage > 1.0%]",
        "mem usage check succeeded [current mem usage = 0.9%]",
    ),
    (
        "loadavg (1min) of 3.2 matches resource limit [loadavg (1min) > 2.0]",
        "loadavg (1min) check succeeded [current loadavg (1min) = 1.0]",
    ),
    (
        "cpu usage of 90.1% matches resource limit [cpu usage > 80.0%]",
        "cpu usage check succeeded [current cpu usage = 9.0%]",
    ),
    (
        "total cpu usage of 90.1% matches resource limit [cpu usage > 80.0%]",
        "total cpu usage check succeeded [current cpu usage = 9.0%]",
    ),
    (
        "space usage 97.6% matches resource limit [space usage > 90.0%]",
        "space usage test succeeded [current space usage = 50.0%]",
    ),
    (
        "inode usage 97.6% matches resource limit [inode usage > 90.0%]",
        "inode usage test succeeded [current inode usage = 50.0%]",
    ),
    (
        "filedescriptors usage of 4096 matches limit [filedescriptors > 4000]",
        "filedescriptors test succeeded [current filedescriptors usage = 12]",
    ),
]
PORTS = [
    (
        "failed protocol test [HTTP] at [web1]:80 [TCP/IP] -- Connection refused",
        "connection succeeded to [web1]:80 [TCP/IP]",
    ),
    (
        "failed protocol test [SSH] at [web1]:22 [TCP/IP] -- Connection refused",
        "connection succeeded to [web1]:22 [TCP/IP]",
    ),
    ("failed protocol test [MYSQL] at /run/mysqld.sock -- No such file", "connection succeeded to /run/mysqld.sock"),
]
"""As Monit 5.33 describes the beginning and the end of a problem with one service."""


def parse(event: str, **changes: Any) -> list[Any]:
    message = {"service": "nginx", "event": event, "description": "what happened", "host": "web1"}
    return monit.parse(Inbound(urlencode(message | changes).encode()))


def test_what_the_real_program_sent_triggers_and_resolves_the_same() -> None:
    failed, succeeded = (monit.parse(Inbound(json.loads(file.read_text())["body"].encode()))[0] for file in CAPTURED)
    assert (failed.action, succeeded.action) == (EventAction.TRIGGER, EventAction.RESOLVE)
    assert failed.dedup_key == succeeded.dedup_key
    assert failed.summary == "webhook_probe on vm: status failed (1) -- no output"


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("Connection failed", "Connection succeeded"),
        ("Does not exist", "Exists"),
        ("Resource limit matched", "Resource limit succeeded"),
        ("Timeout", "Timeout recovery"),
        ("Link down", "Link up"),
        ("Saturation exceeded", "Saturation ok"),
        ("Invalid type", "Type succeeded"),
        ("Data access error", "Data access succeeded"),
        ("Content match", "Content doesn't match"),
        ("Checksum changed", "Checksum not changed"),
    ],
)
def test_the_two_ends_of_a_problem_are_one_alert(begins: str, ends: str) -> None:
    (begin,), (end,) = parse(begins), parse(ends)
    assert (begin.action, end.action) == (EventAction.TRIGGER, EventAction.RESOLVE)
    assert begin.dedup_key == end.dedup_key


def test_one_check_that_succeeds_does_not_resolve_another_of_the_service() -> None:
    assert parse("Resource limit succeeded")[0].dedup_key != parse("Connection failed")[0].dedup_key


def test_each_limit_and_port_of_a_service_is_a_problem_of_its_own() -> None:
    """Monit's event is the same for all of them: which one it is about, only the description tells."""
    limits = [_keys("Resource limit matched", begin, "Resource limit succeeded", end) for begin, end in LIMITS]
    ports = [_keys("Connection failed", begin, "Connection succeeded", end) for begin, end in PORTS]
    assert all(begin == end for begin, end in limits + ports)
    assert len({begin for begin, _ in limits + ports}) == len(LIMITS) + len(PORTS)


def _keys(failed: str, of_failed: str, succeeded: str, of_succeeded: str) -> tuple[str, str]:
    return parse(failed, description=of_failed)[0].dedup_key, parse(succeeded, description=of_succeeded)[0].dedup_key


@pytest.mark.parametrize("event", ["Action done", "Monit instance changed"])
def test_what_monit_does_itself_is_no_problem(event: str) -> None:
    assert parse(event) == []


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        parse(" ", host="")
    assert refused.value.problems == ["'host' is missing or blank", "'event' is missing or blank"]

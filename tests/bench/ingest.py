"""Benchmarks of taking in: how much, from how many keys, how fair, in a storm, and in how much memory."""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from sqlmodel import col, func, select

from oncall.auth import sessions
from oncall.clock import monotonic, system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import Alert, IntegrationKey, User
from oncall.settings import Settings
from tests.bench import servers
from tests.bench.ingest_load import BATCH, Answers, Load, send_load, send_loads
from tests.bench.load import KEY
from tests.bench.running import BARE_PORT, DATABASES, TWILIO_PORT, New, ask_process, our_process, process, spawn
from tests.processes import ask, wait_until_ready
from web.edge import COOKIE

ROUNDS, SECONDS, WARM_SECONDS = 4, 3.0, 1.0
HOW_MANY_KEYS = (1, 50, 1000)
SHARE_OF_MAXIMUM = 0.8
STORM, STORM_SECONDS, HOSTS = 10_000, 10.0, 500
CONNECTIONS = 64
"""To each process: those of two that share a load of so many would share fewer commits than one alone."""
FLOODING, QUIET_RATE, FLOOD_SECONDS = 128, 20.0, 10.0
EVENTS = int(os.environ.get("EVENTS", "200000"))
LOOKS = 10
PROCESSES = {"SQLite": 1, "PostgreSQL": os.cpu_count() or 1}
OTHER = "k" * 32
OTHER_SERVICE = f"""
escalation_policies: [{{name: other, steps: [{{page: ["user:carol"], wait: 24h}}]}}]
services: [{{name: other, escalation_policy: other, integration_keys: [{{name: e, tool: pagerduty, key: {OTHER}}}]}}]
"""
UNLIMITED = {"ingest_rate": 0.0}


@dataclass(frozen=True)
class Processes:
    ports: list[int]
    pids: list[int]

    def stop(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def running(settings: Settings, count: int) -> Iterator[Processes]:
    """So many processes on one database, and the provider."""
    each = [settings.model_copy(update={"port": settings.port + 10 * number}) for number in range(count)]
    with process(servers.run_twilio, TWILIO_PORT), ExitStack() as kept:
        wait_until_ready(TWILIO_PORT, "/_control/messages")
        pids = [kept.enter_context(our_process(one)).pid for one in each]
        started = Processes([one.port for one in each], pids)
        try:
            yield started
        finally:
            started.go_on()  # to be ended


def with_keys(settings: Settings, count: int, tool: str) -> list[str]:
    """Keys of the service `web`."""
    keys = [f"{tool[:6]}-{number:025d}" for number in range(count)]
    database = Database(settings)
    with database.transaction() as session:
        for key in keys:
            session.add(IntegrationKey(service_id=1, name=key, tool=tool, key=key, created_at=system_clock()))
    database.close()
    return keys


def _rate(send: Callable[[Load], Answers], load: Load) -> float:
    """Events a second."""
    answers = send(load)
    if answers.refused:
        print(f"  {load.name}: {answers.refused} of {answers.accepted + answers.refused} requests were refused")
    return answers.accepted * load.events_a_request / answers.seconds


def taking_single_events(new: New) -> None:
    _taking(new, is_batch=False)


def taking_batches(new: New) -> None:
    _taking(new, is_batch=True)


def _taking(new: New, *, is_batch: bool) -> None:
    for name in DATABASES:
        for count in HOW_MANY_KEYS:
            settings = new(name, **UNLIMITED)
            keys = with_keys(settings, count, "alertmanager" if is_batch else "pagerduty")
            with _bare(PROCESSES[name]) as bare, running(settings, PROCESSES[name]) as ours, _sender() as send:
                _measure(f"{name}, {count:,} keys", keys, ours, bare, send, is_batch=is_batch)


@contextmanager
def _sender() -> Iterator[Callable[[Load], Answers]]:
    """One process for many loads: to start it takes longer than most of them."""
    asked, theirs = spawn.Pipe()

    def send(load: Load) -> Answers:
        asked.send(load)
        answers: Answers = asked.recv()
        return answers

    with process(send_loads, theirs):
        yield send


def _measure(
    what: str,
    keys: Sequence[str],
    ours: Processes,
    bare: Processes,
    send: Callable[[Load], Answers],
    *,
    is_batch: bool,
) -> None:
    """Ours and the bare endpoint in turn, some seconds each: a machine is not the same for longer.

    Each has the machine to itself. While the other answers ours is stopped, or its engine would go on paging: it has
    the rest to do when ours goes on.
    """
    ours.stop()
    _rate(send, _load(bare.ports, keys, is_batch, "warm", WARM_SECONDS))
    _rate(send, _load(ours.ports, keys, is_batch, "warm", WARM_SECONDS, ours.pids))
    new, again, shares, shares_again = list[float](), list[float](), list[float](), list[float]()
    for number in range(ROUNDS):
        of_bare = _rate(send, _load(bare.ports, keys, is_batch, f"bare-{number}"))
        load = _load(ours.ports, keys, is_batch, f"new-{number}", pids=ours.pids)
        new.append(_rate(send, load))
        again.append(_rate(send, replace(load, is_new=False)))
        shares.append(new[-1] / of_bare)
        shares_again.append(again[-1] / of_bare)
    steady = median(new) / load.events_a_request * SHARE_OF_MAXIMUM
    answers = send(replace(load, name="steady", rate=steady))
    how = f"batches of {BATCH}" if is_batch else "single events"
    each = f", {median(shares) * BATCH:.1f} for each request that it answers" if is_batch else ""
    print(
        f"{what}, {how}: {median(new):,.0f} new alerts/s ({_range(shares)} of the bare endpoint{each}), "
        f"{median(again):,.0f} duplicates/s ({_range(shares_again)}); at {SHARE_OF_MAXIMUM:.0%}: median "
        f"{answers.median:.0f} ms, p99 {answers.p99:.0f} ms",
        flush=True,
    )


def _range(figures: Sequence[float]) -> str:
    return f"{median(figures):.2f}, {min(figures):.2f}–{max(figures):.2f}"


@contextmanager
def _bare(count: int) -> Iterator[Processes]:
    """The bare endpoint, in as many processes."""
    ports = [BARE_PORT + 10 * number for number in range(count)]
    with ExitStack() as kept:
        pids = [kept.enter_context(process(servers.run_bare, port)).pid for port in ports]
        for port in ports:
            wait_until_ready(port, "/docs")
        yield Processes(ports, pids)


def _load(
    ports: Sequence[int],
    keys: Sequence[str],
    is_batch: bool,
    name: str,
    seconds: float = SECONDS,
    pids: Sequence[int] = (),
) -> Load:
    return Load(ports, keys, is_batch, True, name, seconds, CONNECTIONS * len(ports), pids=pids)


def fairness(new: New) -> None:
    """How long one key's single events wait for their 202 while another key sends all it can."""
    for name in DATABASES:
        settings = with_other(new(name, **UNLIMITED))
        (flood_key,) = with_keys(settings, 1, "pagerduty")
        with running(settings, 1) as served:
            quiet = Load(served.ports, [OTHER], False, True, "quiet", FLOOD_SECONDS / 2, 4, QUIET_RATE)
            alone: Answers = ask_process(send_load, quiet)
            flood = Load(served.ports, [flood_key], False, True, "flood", FLOOD_SECONDS, FLOODING)
            ours, theirs = spawn.Pipe()
            with process(send_load, theirs, flood):
                time.sleep(FLOOD_SECONDS / 4)
                beside: Answers = ask_process(send_load, quiet)
                flooded: Answers = ours.recv()
        print(
            f"{name}: a quiet key's 202 alone: median {alone.median:.0f} ms, p99 {alone.p99:.0f} ms; beside a key that "
            f"floods us ({flooded.accepted / flooded.seconds:,.0f} events/s over {FLOODING} connections): median "
            f"{beside.median:.0f} ms, p99 {beside.p99:.0f} ms, {beside.refused} refused",
            flush=True,
        )


def with_other(settings: Settings) -> Settings:
    """With another service, whose alerts page carol."""
    database = Database(settings)
    with database.transaction() as session:
        apply(session, load(OTHER_SERVICE), system_clock())
    database.close()
    return settings


def storm(new: New) -> None:
    for name in DATABASES:
        settings = with_other(new(name))
        _storm(name, settings, cookie_of(settings, "alice"))


def cookie_of(settings: Settings, handle: str) -> str:
    database = Database(settings)
    with database.transaction() as session:
        user = session.exec(select(User).where(User.handle == handle)).one()
        token = sessions.begin(session, user, system_clock(), hours=1)
    database.close()
    return token


def _storm(name: str, settings: Settings, cookie: str) -> None:
    """From HOSTS connections, through one key."""
    with running(settings, PROCESSES[name]) as served:
        load = Load(served.ports, [KEY], False, True, "storm", STORM_SECONDS, HOSTS, STORM / STORM_SECONDS)
        ours, theirs = spawn.Pipe()
        with process(send_load, theirs, load):
            time.sleep(STORM_SECONDS / 4)
            broke, pages = _meanwhile(served.ports[0], cookie, STORM_SECONDS / 2)
            answers: Answers = ours.recv()
        time.sleep(3)
        texts = ask(TWILIO_PORT, "GET", "/_control/messages").json()["messages"]
    people = Counter(text["to"] for text in texts if "elsewhere" not in text["body"])
    waits = [text["received_at"] - broke for text in texts if "elsewhere" in text["body"]]
    sent, stored = answers.accepted + answers.refused, _stored(settings, "storm-%")
    print(
        f"{name}: a storm of {sent:,} alerts in {answers.seconds:.1f} s from {HOSTS} hosts: {answers.accepted:,} "
        f"accepted, {stored:,} stored; 202 after {answers.median:.0f} ms (p99 {answers.p99:.0f}); "
        f"{max(people.values(), default=0)} texts to one person; the page of alerts in {median(pages):.2f} s, "
        f"{max(pages):.2f} at most; an alert on another service at the provider in "
        f"{', '.join(f'{wait:.2f} s' for wait in waits) or 'more time than that'}",
        flush=True,
    )


def _meanwhile(port: int, cookie: str, length: float) -> tuple[float, list[float]]:
    """Something breaks on another service, and somebody looks at the alerts again and again.

    Gives when it broke, and the seconds that each page took.
    """
    payload = {"summary": "Broken elsewhere", "source": "db", "severity": "critical"}
    broke, ends, took = monotonic(), monotonic() + length, list[float]()
    event = {"routing_key": OTHER, "event_action": "trigger", "dedup_key": "elsewhere", "payload": payload}
    assert ask(port, "POST", "/v2/enqueue", event).status == 202
    while (began := monotonic()) < ends:
        assert ask(port, "GET", "/alerts", headers={"Cookie": f"{COOKIE}={cookie}"}).status == 200
        took.append(monotonic() - began)
        time.sleep(0.3)
    return broke, took


def _stored(settings: Settings, like: str) -> int:
    database = Database(settings)
    with database.read() as session:
        stored = session.exec(select(func.count()).where(col(Alert.dedup_key).like(like))).one()
    database.close()
    return stored


def memory(new: New) -> None:
    """What one process has resident while it takes in EVENTS events: nine in ten are duplicates, most come in batches.

    `EVENTS=1000000 make bench ONLY=memory` is what it is held to: it ends within 50 MB of where it began.
    """
    for name in DATABASES:
        settings = new(name, **UNLIMITED)
        single = with_keys(settings, 50, "pagerduty")
        batches = with_keys(settings, 50, "alertmanager")
        with process(servers.run_twilio, TWILIO_PORT), our_process(settings) as served:
            time.sleep(5)
            resident = [_resident(served.pid)]
            for number in range(LOOKS):
                _feed(settings.port, single, batches, EVENTS // LOOKS, number)
                resident.append(_resident(served.pid))
            time.sleep(5)
            resident.append(_resident(served.pid))
        grown, lately = resident[-1] - resident[0], resident[-1] - resident[1]
        print(
            f"{name}: {EVENTS:,} events through one process: resident {resident[0]:.0f} MB at rest, then "
            f"{', '.join(f'{each:.0f}' for each in resident[1:])} MB; {grown:+.0f} MB, of which {lately:+.0f} MB "
            "since the first tenth",
            flush=True,
        )


def _feed(port: int, single: Sequence[str], batches: Sequence[str], events: int, number: int) -> None:
    """A fifth of the events come alone, the rest in batches; one in ten opens an alert."""
    for keys, is_batch, share in ((single, False, 0.2), (batches, True, 0.8)):
        requests = round(events * share / (BATCH if is_batch else 1))
        for is_new, part in ((True, 0.1), (False, 0.9)):
            name = f"{number}" if is_new else "again"
            load = Load([port], keys, is_batch, is_new, name, 3600.0, 32, requests=round(requests * part))
            answers: Answers = ask_process(send_load, load)
            if answers.refused:
                print(f"  {answers.refused} requests were refused")


def _resident(pid: int) -> float:
    """MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

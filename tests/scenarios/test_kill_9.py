"""kill -9 of the process at any moment loses no accepted alert and no page.

A real process takes events over HTTP and sends texts over HTTP while it is killed again and again at random moments and
started anew; then everything that was ever accepted is counted at the provider. The processes are forked from one that
has imported everything, so that a start takes little time; what is killed is a process with its own server and engine.
"""

import multiprocessing
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import SecretStr
from sqlmodel import select

from oncall import logs
from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db import Database
from oncall.models import Alert, Delivery, Page
from oncall.serve import serve
from oncall.settings import Settings
from tests.fake_twilio import NUMBER, SID, TOKEN, FakeTwilio
from tests.processes import ask, wait_until_ready
from tests.scenarios.world import COMPANY, KEY

KILLS = 30
LIFE = (0.0, 0.6)
"""Seconds that a process lives after it is ready, drawn at random."""
ALERTS_AT_MOST = 3000
LONG_WAITS = COMPANY.replace("wait: 5m", "wait: 24h")

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["oncall.serve", "web.app", "tests.scenarios.test_kill_9"])


@dataclass
class Monitoring:
    """Fires alert after alert, each with its own dedup key, and remembers which were accepted."""

    port: int
    accepted: list[str] = field(default_factory=list)
    refused: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, name: str) -> None:
        for number in range(ALERTS_AT_MOST):
            if self.stopping.is_set():
                return
            self._fire(f"{name}-{number}")
            self.stopping.wait(0.02)

    def _fire(self, dedup_key: str) -> None:
        payload = {"summary": f"Failure {dedup_key}", "source": "test", "severity": "critical"}
        event = {"routing_key": KEY, "event_action": "trigger", "dedup_key": dedup_key, "payload": payload}
        try:
            if ask(self.port, "POST", "/v2/enqueue", event).status == 202:
                self.accepted.append(dedup_key)
            else:
                self.refused += 1
        except OSError:
            self.refused += 1  # killed under us: not accepted, and a real sender would send it again
            self.stopping.wait(0.02)


def test_thirty_kills_lose_nothing(
    settings: Settings, free_port: Callable[[], int], figure: Callable[[str], None]
) -> None:
    chance = random.Random(9)
    with FakeTwilio() as twilio:
        settings = settings.model_copy(
            update={
                "port": free_port(),
                "public_url": "http://127.0.0.1",
                "twilio_account_sid": SID,
                "twilio_auth_token": SecretStr(TOKEN),
                "twilio_from": NUMBER,
                "twilio_base_url": twilio.base_url,
                "send_timeout": 0.5,
                "send_lease": 4.0,
                "send_threads": 4,
                "hold_seconds": 0,  # a text for each alert: they are counted
                "log_level": "CRITICAL",
            }
        )
        database = Database(settings)
        with database.transaction() as session:
            apply(session, load(LONG_WAITS), system_clock(), confirm=True)
        monitoring = Monitoring(settings.port)
        senders = [threading.Thread(target=monitoring.run, args=(f"sender{n}",)) for n in range(2)]
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            process = _started(settings)
            time.sleep(chance.uniform(*LIFE))
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
        monitoring.stopping.set()
        for sender in senders:
            sender.join()
        survivor = _started(settings)
        _wait_until_all_is_sent(database)
        survivor.terminate()
        survivor.join()
        name = "SQLite" if settings.is_sqlite else "PostgreSQL"
        figure(f"{name}: {_count(database, twilio, monitoring)}")
        database.close()


def _serve(settings: Settings) -> None:
    logs.set_up(settings.log_level)
    serve(settings, with_engine=True, when_ready=lambda: None)


def _started(settings: Settings) -> multiprocessing.process.BaseProcess:
    process = _forking.Process(target=_serve, args=(settings,), daemon=True)
    process.start()
    wait_until_ready(settings.port, "/health/live")
    return process


def _wait_until_all_is_sent(database: Database) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with database.read() as session:
            texts = session.exec(select(Delivery.state).where(Delivery.kind == "sms")).all()
            unpaged = session.exec(
                select(Alert.id).where(~select(Page.id).where(Page.alert_id == Alert.id).exists())
            ).all()
        if not unpaged and set(texts) <= {"sent", "delivered"}:
            return
        time.sleep(0.1)
    raise AssertionError(f"not everything was sent: {Counter(texts)}, {len(unpaged)} alerts without a page")


def _count(database: Database, twilio: FakeTwilio, monitoring: Monitoring) -> str:
    with database.read() as session:
        stored = {alert.dedup_key: alert.id for alert in session.exec(select(Alert))}
        pages = Counter(session.exec(select(Page.alert_id)).all())
    texts = Counter(int(match[1]) for sent in twilio.messages if (match := re.search(r"Reply (\d+)a", sent.body)))
    lost = [key for key in monitoring.accepted if key not in stored]
    unsent = [key for key in monitoring.accepted if key in stored and not texts[stored[key] or 0]]
    twice = sum(count - 1 for count in texts.values())
    assert lost == []
    assert unsent == []
    assert max(pages.values()) == 1, "an alert was stepped twice"
    assert twice <= KILLS, "more than one duplicate a kill"
    return (
        f"{KILLS} kills: {len(monitoring.accepted)} alerts accepted, {monitoring.refused} requests not accepted, "
        f"{len(lost)} lost, {len(unsent)} not paged, {sum(texts.values())} texts, {twice} of them twice"
    )

"""Benchmarks of delivery: a burst to a slow provider, and a pass of the engine beside a million closed alerts."""

import time
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from oncall.alerts.event import Event, EventAction
from oncall.clock import Clock, system_clock
from oncall.db.database import Database
from oncall.delivery.sender import Sender
from oncall.ingest.store import Submission, store
from oncall.models import Alert, Severity
from oncall.process.process import Process
from oncall.running.engine import Engine
from oncall.running.runtime import build_runtime, notifiers_of
from oncall.settings import Settings
from tests.bench.rota import median_ms
from tests.processes import ask
from tests.scenarios.world import KEY

BURST = 1000
CLOSED, OPEN = 1_000_000, 10_000
PASSES = 101


def trigger(session: Session, count: int, clock: Clock = system_clock) -> None:
    events = [
        Event(EventAction.TRIGGER, f"disk-{number}", f"Disk full no-{number}", Severity.CRITICAL, "db1")
        for number in range(count)
    ]
    store(session, [Submission(KEY, "pagerduty", lambda _options: events)], clock())


def wait_for_burst(port: int) -> float:
    """Seconds from the first text at the provider to the last of BURST."""
    until = time.monotonic() + 60
    while True:
        arrived = [text["received_at"] for text in ask(port, "GET", "/_control/messages").json()["messages"]]
        if len(arrived) >= BURST:
            return max(arrived) - min(arrived)
        if time.monotonic() > until:
            raise TimeoutError(f"only {len(arrived)} of {BURST} texts arrived")
        time.sleep(0.2)


def pass_cost(settings: Settings) -> None:
    """On PostgreSQL. An idle pass, and the same beside everything that ever happened."""
    runtime = build_runtime(settings, with_engine=False)
    sender = Sender(settings, notifiers_of(settings, runtime.signer))
    engine = Engine(Process(runtime.database, settings, runtime.clock, runtime.wake, sender))
    with runtime.database.transaction() as session:
        trigger(session, 1)
        session.execute(sa.text("UPDATE alerts SET next_step_at = NULL, status = 'acknowledged'"))
    before = median_ms(engine.run_pass, PASSES)
    _fill(runtime.database)
    after = median_ms(engine.run_pass, PASSES)
    print(
        f"PostgreSQL: an idle pass of the engine: {before:.1f} ms with 1 alert, {after:.1f} ms with {CLOSED:,} closed "
        f"and {OPEN:,} open; ratio {after / before:.2f}"
    )
    runtime.database.close()


def _fill(database: Database) -> None:
    """Copies of the one alert that is there."""
    closed = {"dedup_key": "'closed-' || n", "status": "'resolved'", "resolved_at": "triggered_at"}
    waiting = {
        "dedup_key": "'open-' || n",
        "status": "'triggered'",
        "next_step_at": "triggered_at + interval '1 day'",
    }
    with database.engine.connect() as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        for count, changes in ((CLOSED, closed), (OPEN, waiting)):
            connection.execute(sa.text(_copies(changes)), {"count": count})
        connection.execute(sa.text("ANALYZE"))


def _copies(changes: dict[str, str]) -> str:
    table: Any = Alert.__table__  # type: ignore[attr-defined]
    names = [column.name for column in table.columns if column.name != "id"]
    chosen = ", ".join(changes.get(name, name) for name in names)
    return f"""INSERT INTO alerts ({", ".join(names)})
        SELECT {chosen} FROM generate_series(1, :count) AS n, (SELECT * FROM alerts ORDER BY id LIMIT 1) AS one"""

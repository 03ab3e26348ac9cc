"""The engine: makes every page and delivery happen when it is due.

One thread makes passes; commits wake it at once, APScheduler's ticks are the safety net. Every due time is a column in
the database, so an engine that dies forgets nothing, and on PostgreSQL any number of engines share the work.
"""

import os
import socket
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session

from notifiers.base import Receipt, TemporaryFailure
from oncall import __version__
from oncall.clock import ClockWatch, monotonic, system_clock
from oncall.db import is_outage
from oncall.delivery.asking import Ask, Asked
from oncall.delivery.claims import Claim
from oncall.delivery.overdue import claim_asks, record_asked
from oncall.delivery.providers import Healths, Providers
from oncall.delivery.queue import claim_due, shorten_leases
from oncall.delivery.request import Request
from oncall.delivery.results import record_results
from oncall.delivery.sender import Result
from oncall.delivery.shares import Shares
from oncall.delivery.updates import Update, Updated, claim_updates, record_updates
from oncall.escalation.steps import DUE_BATCH, step_due_alerts
from oncall.heartbeats import forgive_our_absence
from oncall.jobs import Jobs, in_transaction
from oncall.metrics import PASS
from oncall.models import EngineProcess
from oncall.process import Process
from oncall.set_back import NOTICED, DueTimes

log = structlog.get_logger(__name__)
T = TypeVar("T")
Done = Result | Updated | Asked

PRESENCE_SECONDS = 5
"""How often an engine says that it is alive; readiness believes it for three times as long."""
HOUSEKEEPING_SECONDS = 3600
RESULTS_WITHIN = 0.02
"""Seconds that it may take to record that a provider took a message: results share a commit with what comes next."""
HEALTHS_LAST = 1.0
"""Seconds that what is known of the providers' accounts is not asked for again."""
OUTAGE_SECONDS = 0.5
"""Between two attempts while the database is away."""
LONGEST_PAUSE = 1.0
"""Seconds that a storm of events may hold up the next pass."""


class Engine:
    """`start` and `stop` for a process; `run_pass` alone for tests that bring their own clock."""

    def __init__(
        self,
        process: Process,
        executor: Executor | None = None,
        is_pressed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database, self._settings, self._clock = process.database, process.settings, process.clock
        self._wake, self._sender = process.wake, process.sender
        self._executor = executor or ThreadPoolExecutor(process.settings.send_threads, thread_name_prefix="oncall-send")
        self._is_pressed = is_pressed
        self._busy: Counter[str] = Counter()
        self._busy_lock = threading.Lock()
        self._results: deque[Done] = deque()
        self._healths: Healths | None = None
        self._healths_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-engine", daemon=True)
        self._ticks = BackgroundScheduler(timezone="UTC")
        self._id = uuid.uuid4().hex
        self.jobs = Jobs(process, self._id, self._stopping.is_set)
        self._passed_at: float | None = None
        self._due_times = DueTimes(process.database, process.clock, self._id)
        self._ticks_clock = ClockWatch(system_clock)

    def start(self) -> None:
        self._add_tick(self._wake.set, self._settings.engine_tick)
        self._add_tick(self._say_alive, PRESENCE_SECONDS)
        for job, seconds in self.jobs.table():
            self._add_tick(job, seconds)
        self._due_times.begin()
        in_transaction(self._database, "heartbeats", lambda session: forgive_our_absence(session, self._clock()))
        if self._database.is_sqlite:
            in_transaction(self._database, "leases", self._shorten_leases)
        soon = system_clock() + timedelta(seconds=2 * PRESENCE_SECONDS)  # ticks go by the machine's clock
        self._add_tick(self.jobs.keep_house, HOUSEKEEPING_SECONDS).modify(next_run_time=soon)
        self._thread.start()
        self._ticks.start()
        self._wake.set()

    def _add_tick(self, job: Callable[[], None], seconds: float) -> Job:
        """However late it is, it runs: a machine that slept, or was busy, must not skip it."""
        return self._ticks.add_job(
            job, "interval", seconds=seconds, coalesce=True, max_instances=1, misfire_grace_time=None
        )

    @property
    def sending(self) -> int:
        """Requests at providers under way."""
        return self._busy.total()

    def _shares(self) -> Shares:
        with self._busy_lock:
            return Shares(self._settings.send_threads, self._busy)

    def stop(self) -> None:
        """Finish the deliveries under way, then end."""
        self._stopping.set()
        self._wake.set()
        self._ticks.shutdown()
        self._thread.join()
        self._executor.shutdown()
        in_transaction(self._database, "results", self._record_last)

    def run_pass(self) -> bool:
        """Do what is due now. True when more may be due already, so that the next pass should follow at once."""
        results = [self._results.popleft() for _ in range(len(self._results))]
        try:
            return self._work(results)
        except Exception as error:
            if is_outage(error):
                self._results.extendleft(reversed(results))  # they are recorded when it is back
                raise
            log.exception("engine.pass_failed")
            return self._work(results, one_by_one=True)

    def _work(self, results: Sequence[Done], *, one_by_one: bool = False) -> bool:
        self._record_asked([each for each in results if isinstance(each, Asked)])
        with self._database.transaction() as session:  # one commit for all: each costs a wait for the disk
            began, now = monotonic(), self._clock()
            providers = Providers(session, self._sender.accounts, self._known_healths(began))
            self._record(session, providers, results, now)
            stepped = step_due_alerts(session, now, one_by_one=one_by_one)
            shares = self._shares()
            claims = self._claim(session, providers, now, began, shares) if shares.free else []
            is_full = bool(claims) and not shares.free
            room = (shares.free + 1) // 2  # the next page waits for no update
            updates = claim_updates(session, self._settings, self._sender.updates, now, room, shares)
            asks = claim_asks(session, self._settings, now, room - len(updates), shares)
            providers.store()
        self._healths = providers.known
        full = is_full or len(updates) + len(asks) >= max(room, 1)
        for claim in claims:
            self._hand_over(self._send, claim, claim.kind)
        for update in updates:
            self._hand_over(self._update, update, update.kind)
        for ask in asks:
            self._hand_over(self._ask, ask, ask.kind)
        return bool(self._results) or stepped >= DUE_BATCH or full

    def _known_healths(self, began: float) -> Healths | None:
        """Of a moment ago, until this pass is committed; other processes learn of accounts, too."""
        healths, self._healths = self._healths, None
        if began - self._healths_at > HEALTHS_LAST:
            self._healths_at = began
            return None
        return healths

    def _claim(
        self, session: Session, providers: Providers, now: datetime, began: float, shares: Shares
    ) -> list[Claim]:
        left, lease_ends = self._sender.left_to_others(), began + self._settings.send_lease
        claims = claim_due(session, self._settings, providers, now, shares, left)
        return [replace(claim, lease_ends=lease_ends) for claim in claims]

    def _record(self, session: Session, providers: Providers, results: Sequence[Done], now: datetime) -> None:
        sent = [each for each in results if isinstance(each, Result)]
        record_results(session, self._settings, providers, sent, now)
        record_updates(session, [each for each in results if isinstance(each, Updated)], now)

    def _record_asked(self, asked: Sequence[Asked]) -> None:
        """By itself, since a receipt locks its alert, and a pass has other rows locked by then."""
        if asked:
            in_transaction(
                self._database, "receipts", lambda session: record_asked(session, self._settings, asked, self._clock())
            )

    def _record_last(self, session: Session) -> None:
        providers = Providers(session, self._sender.accounts)
        self._record(session, providers, list(self._results), self._clock())
        providers.store()

    def _hand_over(self, send: Callable[[T], Done], claim: T, kind: str) -> None:
        with self._busy_lock:
            self._busy[kind] += 1
        self._executor.submit(send, claim).add_done_callback(partial(self._sent, kind))

    def _send(self, claim: Claim) -> Result:
        request = Request(claim, self._clock())
        try:
            return request.done(self._sender.send(claim))
        except Exception as error:
            # our own mistake: the page must go out another way, and the timeline say so
            log.exception("delivery.broken", delivery=claim.delivery_id)
            fault = TemporaryFailure(f"a fault in this service ({type(error).__name__})", maybe_accepted=True)
            return Result(claim, fault)

    def _update(self, update: Update) -> Updated:
        try:
            return self._sender.update(update)
        except Exception as error:
            log.exception("delivery.not_updated", delivery=update.delivery_id)
            return Updated(update, TemporaryFailure(f"a fault in this service ({type(error).__name__})"))

    def _ask(self, ask: Ask) -> Asked:
        try:
            return self._sender.ask(ask)
        except Exception as error:
            log.exception("delivery.not_asked", delivery=ask.delivery_id)
            return Asked(ask, TemporaryFailure(f"a fault in this service ({type(error).__name__})"))

    def _sent(self, kind: str, done: "Future[Done]") -> None:
        result = done.result()
        was_full = not self._shares().have_room(kind)
        with self._busy_lock:
            self._busy[kind] -= 1
        is_urgent = was_full or not isinstance(result.answer, Receipt | None)
        self._results.append(result)
        self._wake.set(within=0.0 if is_urgent else RESULTS_WITHIN)

    def _run(self) -> None:
        more = False
        while not self._stopping.is_set():
            if not more:
                self._wake.wait(self._settings.engine_tick * 2)
            began = monotonic()
            try:
                self.follow_clock()
                more = self.run_pass()
                PASS.observe(monotonic() - began)
                self._give_way(monotonic() - began)
                is_first, self._passed_at = self._passed_at is None, monotonic()
                if is_first:
                    self._say_alive()
            except Exception as error:
                # an engine that dies of a mistake of ours would page nobody ever again
                more = False
                log.error("engine.pass_failed", error=type(error).__name__, exc_info=not is_outage(error))
                self._stopping.wait(min(OUTAGE_SECONDS, self._settings.engine_tick))

    def follow_clock(self) -> None:
        """Nothing waits longer because a clock was set back: neither what is due, nor the ticks."""
        self._due_times.follow()
        if self._ticks_clock.moved() < -NOTICED:
            for job in self._ticks.get_jobs():
                job.modify(next_run_time=system_clock())
        self._ticks_clock.follow()

    def _give_way(self, seconds_worked: float) -> None:
        """In a storm of events, work a tenth of the time: what has been accepted waits, what is refused is lost."""
        if self._is_pressed():
            self._stopping.wait(min(LONGEST_PAUSE, 9 * seconds_worked))

    def _say_alive(self) -> None:
        if self._passed_at is not None and monotonic() - self._passed_at <= PRESENCE_SECONDS * 2:
            in_transaction(self._database, "presence", self._store_presence)

    def _store_presence(self, session: Session) -> None:
        now = self._clock()
        forgive_our_absence(session, now)
        present = session.get(EngineProcess, self._id) or EngineProcess(
            id=self._id, host=socket.gethostname(), pid=os.getpid(), version=__version__, started_at=now
        )
        present.last_pass_at = now
        session.add(present)

    def _shorten_leases(self, session: Session) -> None:
        shorten_leases(session, self._settings, self._clock())

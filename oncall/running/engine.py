"""The engine: makes every page and delivery happen when it is due.

One thread makes passes; commits wake it at once, APScheduler's ticks are the safety net. Every due time is a column in
the database, so an engine that dies forgets nothing, and on PostgreSQL any number of engines share the work.
"""

import os
import socket
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import Session

from oncall import __version__
from oncall.clock import ClockWatch, monotonic, system_clock
from oncall.db.database import is_outage
from oncall.delivery.asking import Asked
from oncall.delivery.claims import Claim
from oncall.delivery.overdue import claim_asks, record_asked
from oncall.delivery.providers import Healths, Providers
from oncall.delivery.queue import ClaimDue, claim_notices, claim_pages, shorten_leases
from oncall.delivery.requests import RECORDED_WITHIN, Done, Requests, is_failure
from oncall.delivery.results import record_results
from oncall.delivery.sender import Result
from oncall.delivery.shares import Shares
from oncall.delivery.updates import Updated, claim_updates, record_updates
from oncall.escalation.steps import DUE_BATCH, STORM_BATCH, step_due_alerts
from oncall.heartbeats import forgive_our_absence
from oncall.logs import told
from oncall.metrics import PASS
from oncall.models import EngineProcess
from oncall.process.process import Process
from oncall.running.jobs import Jobs, in_transaction
from oncall.running.set_back import NOTICED, DueTimes

log = structlog.get_logger(__name__)

PRESENCE_SECONDS = 5
"""How often an engine says that it is alive; readiness believes it for three times as long."""
HOUSEKEEPING_SECONDS = 3600
HEALTHS_LAST = 1.0
"""Seconds that what is known of the providers' accounts is not asked for again."""
OUTAGE_SECONDS = 0.5
"""Between two attempts while the database is away."""
LONGEST_PAUSE = 0.4
"""Seconds that a storm of events may hold up the next pass, and with it what pages somebody about another service."""


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
        self._requests = Requests(process, executor)
        self._is_pressed = is_pressed
        self._healths: Healths | None = None
        self._healths_at = 0.0
        self._turn = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-engine", daemon=True)
        self._ticks = BackgroundScheduler(timezone="UTC")
        self.id = uuid.uuid4().hex
        self.jobs = Jobs(process, self.id, self._stopping)
        self._passed_at: float | None = None
        self._books_due_at = 0.0
        self._due_times = DueTimes(process.database, process.clock, self.id)
        self._ticks_clock = ClockWatch(system_clock)

    def start(self) -> None:
        ticks = [(self._wake.set, self._settings.engine_tick), (self._say_alive, PRESENCE_SECONDS), *self.jobs.table()]
        for number, (job, seconds) in enumerate(ticks):
            self._add_tick(job, seconds).modify(next_run_time=self._apart(number, len(ticks), seconds))
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

    def _apart(self, number: int, many: int, seconds: float = 0.0) -> datetime:
        """In so many seconds, each of many ticks at another moment of the shortest: all at once, they would hold up
        the page that is being made for as long as they take together.
        """
        return system_clock() + timedelta(seconds=seconds + self._settings.engine_tick * number / many)

    @property
    def sending(self) -> int:
        """Requests at providers under way."""
        return self._requests.under_way

    def stop(self) -> None:
        """Finish the deliveries under way, then end."""
        self._stopping.set()
        self._wake.set()
        self._ticks.shutdown()
        self._thread.join()
        self._requests.stop()
        in_transaction(self._database, "results", self._record_last)

    def run_pass(self) -> float | None:
        """Do what is due now: pages first, then the books, which wait a little while there is somebody to page.

        Gives in how many seconds the next pass must follow; None: when it is woken.
        """
        if self._requests.has_failed:
            self._keep_books()  # the next way is due at once
        paged, more = self._page_or_page_singly()
        if not paged or monotonic() >= self._books_due_at:
            more |= self._keep_books()
            self._books_due_at = monotonic() + RECORDED_WITHIN
        if more:
            return 0.0
        return max(0.0, self._books_due_at - monotonic()) if paged or self._requests.has_ended else None

    def _page_or_page_singly(self) -> tuple[bool, bool]:
        try:
            return self._page()
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("engine.pass_failed")
            return self._page(one_by_one=True)

    def _page(self, *, one_by_one: bool = False) -> tuple[bool, bool]:
        """Whether there was anybody to page, and whether there may be more."""
        most = STORM_BATCH if self._is_pressed() else DUE_BATCH
        with self._database.transaction(planned_once=True) as session:
            began, now = monotonic(), self._clock()
            providers = Providers(session, self._sender.accounts, self._known_healths(began))
            stepped = step_due_alerts(session, now, most=most, turn=self._turn, one_by_one=one_by_one)
            shares = self._requests.shares()
            claims = self._claim(claim_pages, session, providers, now, began, shares)
            providers.store()
        self._healths, self._turn = providers.known, stepped.turn
        self._requests.send(claims)
        return bool(stepped.alerts or claims), stepped.alerts >= most or (bool(claims) and not shares.free)

    def _keep_books(self) -> bool:
        """Record what came of requests, and make those for which nobody waits. Whether there may be more to do."""
        results = self._requests.take()
        try:
            return self._record_and_claim(results)
        except Exception as error:
            if is_outage(error):
                self._requests.put_back(results)  # they are recorded when it is back
            raise

    def _record_and_claim(self, results: Sequence[Done]) -> bool:
        self._record_asked([each for each in results if isinstance(each, Asked)])
        # one commit for all: each costs a wait for the disk
        with self._database.transaction(planned_once=True) as session:
            began, now = monotonic(), self._clock()
            providers = Providers(session, self._sender.accounts, self._known_healths(began))
            self._record(session, providers, results, now)
            if any(map(is_failure, results)):
                providers.store()
                return True  # a page's next way goes before what nobody waits for
            shares = self._requests.shares()
            room = (shares.free + 1) // 2  # nor does the next page wait for it
            claims = self._claim(claim_notices, session, providers, now, began, shares)
            updates = claim_updates(session, self._settings, self._sender.updates, now, room - len(claims), shares)
            asks = claim_asks(session, self._settings, now, room - len(claims) - len(updates), shares)
            providers.store()
        self._healths = providers.known
        self._requests.send(claims)
        self._requests.update(updates)
        self._requests.ask(asks)
        return 0 < room <= len(claims) + len(updates) + len(asks)

    def _known_healths(self, began: float) -> Healths | None:
        """Of a moment ago, until this pass is committed; other processes learn of accounts, too."""
        healths, self._healths = self._healths, None
        if began - self._healths_at > HEALTHS_LAST:
            self._healths_at = began
            return None
        return healths

    def _claim(
        self, claim_due: ClaimDue, session: Session, providers: Providers, now: datetime, began: float, shares: Shares
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
        self._record(session, providers, self._requests.take(), self._clock())
        providers.store()

    def _run(self) -> None:
        again_in: float | None = None
        while not self._stopping.is_set():
            if again_in != 0.0:
                self._wake.wait(again_in or self._settings.engine_tick * 2)
            began = monotonic()
            try:
                self.follow_clock()
                again_in = self.run_pass()
                PASS.observe(monotonic() - began)
                self._give_way(monotonic() - began)
                is_first, self._passed_at = self._passed_at is None, monotonic()
                if is_first:
                    self._say_alive()
            except Exception as error:
                # an engine that dies of a mistake of ours would page nobody ever again
                again_in = None
                log.error("engine.pass_failed", **told(error))
                self._stopping.wait(min(OUTAGE_SECONDS, self._settings.engine_tick))

    def follow_clock(self) -> None:
        """Nothing waits longer because a clock was set back: neither what is due, nor the ticks."""
        self._due_times.follow()
        if self._ticks_clock.moved() < -NOTICED:
            jobs = self._ticks.get_jobs()
            for number, job in enumerate(jobs):
                job.modify(next_run_time=self._apart(number, len(jobs)))
        self._ticks_clock.follow()

    def _give_way(self, seconds_worked: float) -> None:
        """In a storm of events, work a twentieth of the time: what has been accepted waits, what is refused is lost."""
        if self._is_pressed():
            self._stopping.wait(min(LONGEST_PAUSE, 19 * seconds_worked))

    def _say_alive(self) -> None:
        if self._passed_at is not None and monotonic() - self._passed_at <= PRESENCE_SECONDS * 2:
            in_transaction(self._database, "presence", self._store_presence)

    def _store_presence(self, session: Session) -> None:
        now = self._clock()
        forgive_our_absence(session, now)
        present = session.get(EngineProcess, self.id) or EngineProcess(
            id=self.id, host=socket.gethostname(), pid=os.getpid(), version=__version__, started_at=now
        )
        present.last_pass_at = now
        session.add(present)

    def _shorten_leases(self, session: Session) -> None:
        shorten_leases(session, self._settings, self._clock())

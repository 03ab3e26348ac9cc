"""What engines do now and then beside paging, each in a thread of APScheduler's ticks.

A job may take its time, and fail without paging suffering: it is done again at its next tick.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import Any

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, delete
from sqlmodel.sql.expression import SelectOfScalar

from oncall.absences.absence_calendars import fetch_due
from oncall.alerts import retention
from oncall.alerts.overdue import are_overdue, resolve_overdue
from oncall.auth.sign_ins import delete_old_sign_ins
from oncall.db.database import Database
from oncall.delivery.accounts import inboxes, slack_account
from oncall.delivery.fetching import OFTEN
from oncall.delivery.inbox import ReplyFetcher
from oncall.escalation.dependents import are_held_for_nothing, release_dependents
from oncall.heartbeats import are_late, forgive_our_absence, raise_late_heartbeats
from oncall.installation import installation
from oncall.logs import told
from oncall.models import EngineProcess, LoginFailure, LoginSession, Notice
from oncall.notices.away import tell_conflicts
from oncall.notices.handoffs import tell_handoffs
from oncall.notices.problems import tell_problems
from oncall.process.process import Process
from oncall.pulse.canary import delete_old_canaries, follow_canaries
from oncall.pulse.outside import OutsideWatcher
from oncall.reports.count_alerts import count_alerts
from oncall.reports.pages_so_far import count_days
from oncall.rota.health import usable_methods
from oncall.rota.publishing import publish
from oncall.slack.usergroups import follow_usergroups
from oncall.swaps.due import are_due, follow_swaps

log = structlog.get_logger(__name__)

CALENDAR_SECONDS = 60
HANDOFF_SECONDS = 60
CANARY_SECONDS = 5
NOTICES_KEPT = timedelta(days=90)
_ONE: sa.ColumnElement[int] = sa.literal_column("1")


def in_transaction(database: Database, job: str, work: Callable[[Session], object]) -> None:
    """Work beside paging, which must not suffer when this fails."""
    attempt(job, lambda: _committed(database, work))


def attempt(job: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Exception as error:
        log.error("engine.job_failed", job=job, **told(error))


def _committed(database: Database, work: Callable[[Session], object]) -> None:
    with database.transaction() as session:
        work(session)


@dataclass(frozen=True, slots=True)
class _Reach:
    """What decides whether those on call can be reached."""

    usable_methods: int
    shifts_changed_at: datetime | None

    def may_be_worse_than(self, before: "_Reach") -> bool:
        return self.usable_methods < before.usable_methods or self.shifts_changed_at != before.shifts_changed_at


def _any(found: SelectOfScalar[Any]) -> sa.ScalarSelect[int]:
    """1 or nothing. PostgreSQL forgets the order of what EXISTS is about, and with it the index that finds none among
    tens of thousands of alerts that it has not counted yet.
    """
    return found.with_only_columns(_ONE).limit(_ONE).scalar_subquery()


class Jobs:
    """Each is a method, so that tests can do it when they like; `table` says how often engines do."""

    def __init__(self, process: Process, engine_id: str, stopping: threading.Event) -> None:
        self._database, self._settings = process.database, process.settings
        self._clock, self._wake = process.clock, process.wake
        self._stopping = stopping
        self._replies = ReplyFetcher(process, inboxes(process.settings), engine_id)
        self._reach = self._reach_before = _Reach(0, None)

    def table(self) -> list[tuple[Callable[[], None], float]]:
        """Jobs, and how many seconds lie between two times; beside `keep_house`, which begins soon after the start."""
        jobs: list[tuple[Callable[[], None], float]] = [
            (self.follow_due_times, self._settings.engine_tick),
            (self.publish_if_changed, self._settings.engine_tick),
            (self.fetch_calendars, CALENDAR_SECONDS),
            (self.tell_handoffs, HANDOFF_SECONDS),
            (self.follow_usergroups, HANDOFF_SECONDS),
            (self.fetch_replies, OFTEN.total_seconds()),
            (self.tell_problems_of_reach, HANDOFF_SECONDS),
        ]
        if self._settings.canary_every:
            jobs.append((self.follow_canaries, CANARY_SECONDS))
        if self._settings.heartbeat_url.get_secret_value():
            watcher = OutsideWatcher(self._database, self._settings, self._clock)
            jobs.append((watcher.tell, self._settings.heartbeat_every))
        return jobs

    def follow_due_times(self) -> None:
        """Mostly nothing of this is due, and one question tells. A transaction a second for each would cost an idle
        process as much as all the rest, and hold up whoever writes to SQLite.
        """
        attempt("due times", self._do_what_is_due)

    def _do_what_is_due(self) -> None:
        now = self._clock()
        due: dict[Callable[[], None], SelectOfScalar[Any]] = {
            self.check_heartbeats: are_late(now),
            self.release_dependents: are_held_for_nothing(),
            self.resolve_overdue: are_overdue(now),
            self.follow_swaps: are_due(now),
        }
        with self._database.read() as session:
            is_due = session.execute(sa.select(*map(_any, due.values()))).one()
        for job in compress(due, is_due):
            job()

    def check_heartbeats(self) -> None:
        self._then_wake("heartbeats", self._raise_late_heartbeats)

    def _raise_late_heartbeats(self, session: Session, now: datetime) -> int:
        forgive_our_absence(session, now)
        return raise_late_heartbeats(session, now)

    def release_dependents(self) -> None:
        self._then_wake("dependents", release_dependents)

    def resolve_overdue(self) -> None:
        self._then_wake("overdue", resolve_overdue)

    def follow_swaps(self) -> None:
        in_transaction(self._database, "swaps", lambda session: follow_swaps(session, self._settings, self._clock()))

    def publish_if_changed(self) -> None:
        """It may take seconds when a large schedule changes."""
        self._publish(only_if_changed=True)

    def _publish(self, *, only_if_changed: bool) -> None:
        attempt("publishing", lambda: publish(self._database, self._clock(), only_if_changed=only_if_changed))

    def fetch_calendars(self) -> None:
        """A calendar may take many seconds."""
        attempt("calendars", lambda: fetch_due(self._database, self._settings, self._clock, self._stopping.is_set))

    def fetch_replies(self) -> None:
        attempt("replies", self._replies.tick)

    def follow_usergroups(self) -> None:
        account = slack_account(self._settings)
        attempt("user groups", lambda: follow_usergroups(self._database, account, self._clock))

    def follow_canaries(self) -> None:
        self._then_wake("canaries", lambda session, now: follow_canaries(session, self._settings, now))

    def tell_handoffs(self) -> None:
        self._tell("handoffs", tell_handoffs)

    def tell_problems(self) -> None:
        self._tell("problems", tell_problems)

    def tell_conflicts(self) -> None:
        self._tell("absences", tell_conflicts)

    def tell_problems_of_reach(self) -> None:
        """At once when fewer contact methods count than before, or shifts have changed, not at the next housekeeping:
        a shift may be near.
        """
        in_transaction(self._database, "reach", self._look_at_reach)
        if self._reach.may_be_worse_than(self._reach_before):
            self.tell_problems()
        self._reach_before = self._reach

    def _look_at_reach(self, session: Session) -> None:
        self._reach = _Reach(usable_methods(session), installation(session).published_at)

    def keep_house(self) -> None:
        self._publish(only_if_changed=False)  # as time passes, shifts come into the window
        in_transaction(self._database, "housekeeping", self._delete_what_ended)
        self.tell_problems()
        self.tell_conflicts()
        self.count_past()
        self.delete_old()

    def count_past(self) -> None:
        """It may take minutes the first time."""
        attempt("counting pages", lambda: count_days(self._database, self._clock, self._stopping.wait))
        attempt("counting alerts", lambda: count_alerts(self._database, self._clock, self._stopping.wait))

    def delete_old(self) -> None:
        """It may take hours the first time."""
        days = self._settings.alerts_kept_days
        attempt("retention", lambda: retention.delete_old(self._database, days, self._clock, self._stopping.wait))

    def _delete_what_ended(self, session: Session) -> None:
        now = self._clock()
        session.exec(delete(LoginSession).where(col(LoginSession.expires_at) < now))
        session.exec(delete(LoginFailure).where(col(LoginFailure.at) < now - timedelta(days=1)))
        delete_old_sign_ins(session, now)
        session.exec(delete(EngineProcess).where(col(EngineProcess.last_pass_at) < now - timedelta(days=1)))
        delete_old_canaries(session, now)
        session.exec(delete(Notice).where(col(Notice.created_at) < now - NOTICES_KEPT))

    def _tell(self, job: str, tell: Callable[[Database, datetime], bool]) -> None:
        """All schedules are looked at."""

        def told() -> None:
            if tell(self._database, self._clock()):
                self._wake.set()

        attempt(job, told)

    def _then_wake(self, job: str, work: Callable[[Session, datetime], object]) -> None:
        """The engine, if there was anything to do."""

        def done() -> None:
            with self._database.transaction() as session:
                found = work(session, self._clock())
            if found:
                self._wake.set()

        attempt(job, done)

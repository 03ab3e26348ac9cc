"""Telling a watcher outside that this installation can page: an address is fetched now and then, and only while it can.

Nobody inside can report that everything here is down; whoever misses these fetches does. Each process with an engine
sends them: one that can reach both the database and the watcher is enough.
"""

from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from notifiers.public_http import FAILURES, anywhere, guarded_session
from oncall.clock import Clock
from oncall.db.database import Database
from oncall.pulse.fitness import prove_writable, why_unfit
from oncall.settings import Settings

log = structlog.get_logger(__name__)

SECONDS = 10.0


class OutsideWatcher:
    """`tell` whenever it is time."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._url = settings.heartbeat_url.get_secret_value()
        self._problem: str | None = None

    def tell(self) -> None:
        """Say that all is well, if it is. A problem is logged when it begins and when it ends, not every time."""
        problem = self._unfit() or self._fetch()
        if problem and not self._problem:
            log.error("heartbeat.not_sent", problem=problem)
        elif self._problem and not problem:
            log.info("heartbeat.sent_again")
        self._problem = problem

    def _unfit(self) -> str:
        most_overdue = timedelta(seconds=self._settings.heartbeat_overdue)
        try:
            with self._database.transaction() as session:
                now = self._clock()
                prove_writable(session, now)
                return why_unfit(session, now, most_overdue)
        except SQLAlchemyError as error:
            return f"The database can't be written ({type(error).__name__})."

    def _fetch(self) -> str:
        """Why it did not arrive, without the address: a secret, and the operator's, so that it may be anywhere."""
        try:
            with (
                guarded_session(anywhere, SECONDS) as session,
                session.get(self._url, timeout=SECONDS, stream=True) as answer,
            ):
                return "" if answer.ok else f"The watcher answered {answer.status_code}."
        except FAILURES as error:
            return f"The watcher can't be reached ({type(error).__name__})."

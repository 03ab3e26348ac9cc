"""One clock for all processes: the database server's. Each machine's own may be wrong, or be set at any moment.

Leases, due times and who is on call would otherwise mean something else in each process. Asked for now and then, and
counted on from there by seconds that never run backwards; so it costs a page nothing, and goes on while the database is
away. On SQLite there is one machine, and its clock is the clock.
"""

import threading
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog

from oncall.clock import Clock, monotonic, system_clock
from oncall.db.database import Database
from oncall.logs import told

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0
"""Between two looks. Quartz is off by less than a millisecond in that time."""
LOOKS = 3
"""At a time: the quickest answer is the most exact."""


class SharedClock:
    """A Clock. `start` keeps it right for as long as the process lives; `stop` ends that."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._began = self._look()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-clock", daemon=True)

    def __call__(self) -> datetime:
        return self._began + timedelta(seconds=monotonic())

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._began = self._look()
            except Exception as error:
                # without this thread the clock would go wrong unnoticed; until it is seen again it is counted on
                log.warning("clock.not_seen", **told(error))

    def _look(self) -> datetime:
        """The server's time at the moment from which monotonic seconds are counted."""
        looks = []
        with self._database.read() as session:
            for _ in range(LOOKS):
                before = monotonic()
                at: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
                after = monotonic()
                looks.append((after - before, at.astimezone(UTC) - timedelta(seconds=(before + after) / 2)))
        return min(looks)[1]


def clock_of(database: Database) -> Clock:
    return system_clock if database.is_sqlite else SharedClock(database)

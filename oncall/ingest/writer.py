"""Group commit: requests that arrive while a commit is under way share the next one.

Handlers await `accept`; a thread stores everything that is waiting in a single transaction. A 202 is sent only after
that transaction has committed, and a submission that can't be stored gets an error of its own. Keys take turns: one
that floods us fills neither the queue nor the commits.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from oncall.clock import Clock, monotonic
from oncall.db.database import DEADLOCK, IN_FAILED_TRANSACTION, Database, is_outage, sqlstate
from oncall.errors import OncallError, Unavailable
from oncall.ingest.reading import BadEvent
from oncall.ingest.store import Accepted, Outcome, Submission, store
from oncall.ingest.turns import TurnQueue
from oncall.logs import told
from oncall.metrics import COMMIT_SIZE, EVENTS
from oncall.process.wake import Wake

log = structlog.get_logger(__name__)

BATCH, BYTES_OF_ONE = 256, 1024
"""Submissions in one transaction at most; a large body counts for several, since there are many events in it."""
MOST_BYTES = 256_000_000
"""Of bodies that wait: while the database is away, strangers could fill the memory with them."""
ANSWER_WITHIN = 4.0
"""Seconds. The strictest senders give up after 4 to 5."""
PRESSED_BATCH = 16
"""So many in one transaction, or waiting, are a storm."""
STORM_LASTS = 0.5
"""Seconds that a storm is believed to go on: while the engine works, fewer events get through, and would hide it."""
PIPELINE_ABORTED = "PipelineAborted"
"""psycopg's own error, which has no number of PostgreSQL's."""
GATHER_SECONDS = 0.05
"""That a commit waits at most for others to join, and no longer than the last one took."""
SWEEP_EVERY = 0.25


@dataclass(slots=True)
class _Waiting:
    submission: Submission
    answer: "asyncio.Future[Outcome]"


class IngestWriter:
    """One per process. `accept` is for the event loop; everything else runs in the writer's thread.

    One thread on PostgreSQL too: with a second one, half as many share a commit, which costs more than waiting for it.
    """

    def __init__(self, database: Database, clock: Clock, wake: Wake, queue_size: int) -> None:
        self._database, self._clock, self._wake = database, clock, wake
        self._queue: TurnQueue[_Waiting] = TurnQueue(queue_size, MOST_BYTES // BYTES_OF_ONE)
        self._deadlines: deque[tuple[float, asyncio.Future[Outcome]]] = deque()
        self._arrived = threading.Condition()
        self._stopping = False
        self._stormed_at = -STORM_LASTS
        self._at_once = 0
        self._worth_waiting = 0.0
        self._thread = threading.Thread(target=self._run, name="oncall-ingest", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def is_pressed(self) -> bool:
        """Whether events come in so fast, or did a moment ago, that many share each commit or wait for the next."""
        return len(self._queue) >= PRESSED_BATCH or monotonic() - self._stormed_at < STORM_LASTS

    def stop(self) -> None:
        """Commit what is waiting, then end."""
        with self._arrived:
            self._stopping = True
            self._arrived.notify()
        self._thread.join()

    async def accept(self, submission: Submission, size: int = 0) -> Accepted:
        """Returns once it is committed. Raises what was wrong with it, or Unavailable: nothing was stored, or the
        commit was not over in time, and may yet succeed.

        `size`: of its body, in bytes.
        """
        outcome = await self._outcome(submission, 1 + size // BYTES_OF_ONE)
        EVENTS.labels(submission.tool, _named(outcome)).inc()
        if isinstance(outcome, OncallError):
            raise outcome
        return outcome

    async def _outcome(self, submission: Submission, weight: int) -> Outcome:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        with self._arrived:
            if self._stopping or not self._queue.put(submission.key, _Waiting(submission, answer), weight):
                return Unavailable("Too many events are waiting to be stored. Nothing of this one was; send it again.")
            if len(self._queue) in (1, self._at_once):
                self._arrived.notify()
        self._expire_later(answer)
        return await answer

    @property
    def waiting(self) -> int:
        """How many wait for their commit."""
        return len(self._queue)

    def _expire_later(self, answer: "asyncio.Future[Outcome]") -> None:
        """One timer for all that wait: a timer for each costs as much as reading the event."""
        loop = answer.get_loop()
        if not self._deadlines:
            loop.call_later(SWEEP_EVERY, self._expire, loop)
        self._deadlines.append((loop.time() + ANSWER_WITHIN, answer))

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._deadlines and (self._deadlines[0][1].done() or self._deadlines[0][0] <= loop.time()):
            _, answer = self._deadlines.popleft()
            if not answer.done():
                answer.set_result(Unavailable("The database did not answer in time. Send the event again."))
        if self._deadlines:
            loop.call_later(SWEEP_EVERY, self._expire, loop)

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            if len(batch) >= PRESSED_BATCH:
                self._stormed_at = monotonic()
            if batch:
                COMMIT_SIZE.observe(len(batch))
                began = monotonic()
                outcomes = self._store_safely(batch)
                self._worth_waiting = min(monotonic() - began, GATHER_SECONDS)
                self._at_once = min(len(batch) + len(self._queue), BATCH)
                batch[0].answer.get_loop().call_soon_threadsafe(_answer, batch, outcomes)

    def _next_batch(self) -> list[_Waiting] | None:
        """What waits; None when it is time to stop."""
        with self._arrived:
            while not self._queue and not self._stopping:
                self._arrived.wait()
            if not self._queue:
                return None
            if self.is_pressed:
                self._gather()
            batch = self._queue.take(BATCH)
        # whoever gave up waiting was told 503: don't store what is sent again
        return [waiting for waiting in batch if not waiting.answer.done()]

    def _gather(self) -> None:
        """Under pressure, let those who keep arriving join: a commit for one costs nearly as much as one for all.

        Senders who send their next event when they have their answer are all there when as many have come as were
        under way at the last commit. Were only those taken who are there already, they would come in two halves for
        ever, each while the other is stored.
        """
        self._arrived.wait_for(lambda: len(self._queue) >= self._at_once or self._stopping, self._worth_waiting)

    def _store_safely(self, batch: Sequence[_Waiting]) -> list[Outcome]:
        """Whatever happens, the thread lives on: without it no event would ever be taken in again."""
        submissions = [waiting.submission for waiting in batch]
        try:
            return self._commit(submissions)
        except Exception as error:
            if _stops_all(error):
                return [_unavailable(error)] * len(submissions)
            # One of them can't be stored, by a mistake of ours even, or another writer opened an alert with the same
            # dedup key first: one by one, each finds it now.
            return [self._commit_one(submission) for submission in submissions]

    def _commit(self, submissions: Sequence[Submission], *, is_alone: bool = False) -> list[Outcome]:
        with self._database.transaction(planned_once=True) as session:
            outcomes = store(session, submissions, self._clock(), wait_for_each=is_alone)
        self._wake.set()
        return outcomes

    def _commit_one(self, submission: Submission) -> Outcome:
        for _ in range(3):
            try:
                return self._commit([submission], is_alone=True)[0]
            except IntegrityError:
                continue
            except DataError as error:
                return _not_storable(error)
            except SQLAlchemyError as error:
                return _unavailable(error)
            except Exception:
                log.exception("ingest.broken")
                return Unavailable("A fault in this service: nothing was stored. Send the event again.")
        return Unavailable("This event met others with the same dedup key at the same moment. Send it again.")


def _named(outcome: Outcome) -> str:
    if isinstance(outcome, Accepted):
        return "accepted"
    return "unavailable" if isinstance(outcome, Unavailable) else "refused"


def _answer(batch: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if not waiting.answer.done():
            waiting.answer.set_result(outcome)


def _stops_all(error: Exception) -> bool:
    """Whether the database itself is away, full or locked, so that trying each one alone would be no better."""
    return is_outage(error) and not _is_of_one_alone(error)


def _is_of_one_alone(error: Exception) -> bool:
    """Whether a statement crossed another writer's, or came behind a faulty one."""
    by_the_driver = type(getattr(error, "orig", error)).__name__
    return sqlstate(error) in (DEADLOCK, IN_FAILED_TRANSACTION) or by_the_driver == PIPELINE_ABORTED


def _not_storable(error: DBAPIError) -> BadEvent:
    """The database works and refuses this very event: sending it again is no use."""
    log.error("ingest.refused", error=type(error).__name__)
    return BadEvent(["the event holds something that can't be stored; leave out unusual characters and numbers"])


def _unavailable(error: Exception) -> Unavailable:
    log.error("ingest.not_stored", **told(error))
    return Unavailable("The database is away or full. Nothing was stored; send the event again.")

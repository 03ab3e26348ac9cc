"""Requests at providers: made in threads, counted while they are under way, and what came of them kept until the engine
records it.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import structlog

from notifiers.base import SendFailure, TemporaryFailure
from oncall.delivery.asking import Ask, Asked
from oncall.delivery.claims import Claim
from oncall.delivery.request import Request
from oncall.delivery.sender import Result
from oncall.delivery.shares import Shares
from oncall.delivery.updates import Update, Updated
from oncall.process.process import Process

log = structlog.get_logger(__name__)

Wanted = TypeVar("Wanted", Claim, Update, Ask)
Done = Result | Updated | Asked

RECORDED_WITHIN = 0.1
"""Seconds that it may take to record that a provider took a message: many such news share a commit."""


class Requests:
    """`executor`: the threads, for tests that bring their own."""

    def __init__(self, process: Process, executor: Executor | None = None) -> None:
        self._sender, self._clock, self._wake = process.sender, process.clock, process.wake
        self._threads = process.settings.send_threads
        self._executor = executor or ThreadPoolExecutor(self._threads, thread_name_prefix="oncall-send")
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._done: deque[Done] = deque()

    @property
    def under_way(self) -> int:
        return self._busy.total()

    def shares(self) -> Shares:
        with self._lock:
            return Shares(self._threads, self._busy)

    @property
    def has_ended(self) -> bool:
        """Whether there is anything to record."""
        return bool(self._done)

    @property
    def has_failed(self) -> bool:
        """Whether another way may be due at once."""
        return any(map(is_failure, list(self._done)))

    def take(self) -> list[Done]:
        return [self._done.popleft() for _ in range(len(self._done))]

    def put_back(self, done: Iterable[Done]) -> None:
        self._done.extendleft(reversed(list(done)))

    def stop(self) -> None:
        """Returns when those under way have come to an end."""
        self._executor.shutdown()

    def send(self, claims: Iterable[Claim]) -> None:
        self._make(self._send, claims)

    def update(self, updates: Iterable[Update]) -> None:
        self._make(self._update, updates)

    def ask(self, asks: Iterable[Ask]) -> None:
        self._make(self._ask, asks)

    def _make(self, request: Callable[[Wanted], Done], all_wanted: Iterable[Wanted]) -> None:
        for wanted in all_wanted:
            with self._lock:
                self._busy[wanted.kind] += 1
            self._executor.submit(request, wanted).add_done_callback(partial(self._ended, wanted.kind))

    def _send(self, claim: Claim) -> Result:
        request = Request(claim, self._clock())
        try:
            return request.done(self._sender.send(claim))
        except Exception as error:
            # our own mistake: the page must go out another way, and the timeline say so
            log.exception("delivery.broken", delivery=claim.delivery_id)
            return Result(claim, _fault(error, maybe_accepted=True))

    def _update(self, update: Update) -> Updated:
        try:
            return self._sender.update(update)
        except Exception as error:
            log.exception("delivery.not_updated", delivery=update.delivery_id)
            return Updated(update, _fault(error))

    def _ask(self, ask: Ask) -> Asked:
        try:
            return self._sender.ask(ask)
        except Exception as error:
            log.exception("delivery.not_asked", delivery=ask.delivery_id)
            return Asked(ask, _fault(error))

    def _ended(self, kind: str, done: "Future[Done]") -> None:
        result = done.result()
        with self._lock:
            was_full = not Shares(self._threads, self._busy).have_room(kind)
            self._busy[kind] -= 1
        self._done.append(result)
        self._wake.set(within=0.0 if was_full or is_failure(result) else RECORDED_WITHIN)


def is_failure(done: Done) -> bool:
    return isinstance(done.answer, SendFailure)


def _fault(error: Exception, *, maybe_accepted: bool = False) -> TemporaryFailure:
    return TemporaryFailure(f"a fault in this service ({type(error).__name__})", maybe_accepted=maybe_accepted)

"""What sends alerts: to whichever process answers, and remembers what was promised."""

import itertools
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from tests.processes import ask
from tests.scenarios.world import KEY

WAIT_AFTER_REFUSAL = 0.02


@dataclass
class Monitoring:
    """Fires alert after alert, each with its own dedup key, as long as the block lasts or up to `at_most` of them.

    What is refused is sent again, to the next process, as real senders do; what was accepted must be there.
    """

    ports: list[int]
    every: float
    """Seconds between two alerts of one sender."""
    senders: int = 2
    at_most: int = 5000
    accepted: dict[str, float] = field(default_factory=dict)
    """When each was answered 202, monotonic."""
    _asked: dict[str, float] = field(default_factory=dict)
    """When each was sent last, monotonic."""
    answers: "Counter[int]" = field(default_factory=Counter)
    """How many were answered with each status; 0: the connection broke, or none came about."""
    without_retry_after: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        for number in range(self.senders):
            self._threads.append(threading.Thread(target=self._run, args=(number,)))
            self._threads[-1].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    @property
    def is_sending(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def refused(self) -> int:
        return self.answers.total() - self.answers[202]

    def asked_and_accepted(self, begin: float, end: float) -> list[str]:
        """What was sent and answered 202 between two moments: not what was under way at the first of them."""
        return [key for key, at in self.accepted.items() if begin < self._asked[key] and at < end]

    def _run(self, sender: int) -> None:
        ports = itertools.cycle(self.ports[sender % len(self.ports) :] + self.ports[: sender % len(self.ports)])
        for number in range(self.at_most // self.senders):
            while not self._stopping.is_set() and self.fire(f"sender{sender}-{number}", next(ports)) != 202:
                self._stopping.wait(WAIT_AFTER_REFUSAL)
            self._stopping.wait(self.every)

    def fire(self, dedup_key: str, port: int | None = None) -> int:
        self._asked[dedup_key] = time.monotonic()
        try:
            answer = ask(port or self.ports[0], "POST", "/v2/enqueue", event(dedup_key))
        except OSError:
            self.answers[0] += 1  # killed under us
            return 0
        self.answers[answer.status] += 1
        if answer.status == 202:
            self.accepted[dedup_key] = time.monotonic()
        elif answer.status == 503:
            self.without_retry_after += "retry-after" not in answer.headers
        return answer.status


def event(dedup_key: str) -> dict[str, Any]:
    """As PagerDuty's Events v2 has it."""
    payload = {"summary": f"Failure {dedup_key}", "source": "test", "severity": "critical"}
    return {"routing_key": KEY, "event_action": "trigger", "dedup_key": dedup_key, "payload": payload}

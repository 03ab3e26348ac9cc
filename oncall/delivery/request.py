"""Measuring one request at a provider: how late it leaves, how long after the event, and how long it takes."""

from datetime import datetime

from notifiers.base import SendFailure
from oncall.clock import monotonic
from oncall.delivery.claims import Claim
from oncall.delivery.sender import LeaseLost, Result
from oncall.metrics import EVENT_TO_REQUEST, LATENESS, REQUEST


class Request:
    """Made as it leaves, `now`; `done` when the answer is there."""

    def __init__(self, claim: Claim, now: datetime) -> None:
        self._began = monotonic()
        if claim.due_at is not None:
            LATENESS.labels(claim.kind).observe((now - claim.due_at).total_seconds())
        if claim.event_at is not None:
            EVENT_TO_REQUEST.labels(claim.kind).observe((now - claim.event_at).total_seconds())

    def done(self, result: Result) -> Result:
        if isinstance(result.answer, LeaseLost):
            return result  # there was no request
        outcome = "accepted"
        if isinstance(result.answer, SendFailure):
            outcome = "refused" if result.answer.permanent else "failed"
        REQUEST.labels(result.claim.kind, outcome).observe(monotonic() - self._began)
        return result

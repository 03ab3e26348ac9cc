"""A test event: the tool's own sample, sent through a key as the tool would, and marked as a test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.errors import OncallError
from oncall.ingest.journal import Received, record
from oncall.ingest.reading import Inbound, dedup_key, shorten
from oncall.ingest.registry import TOOLS
from oncall.ingest.store import Accepted, Made, Outcome, Submission, store
from oncall.ingest.tool import Sample, Tool
from oncall.models import IntegrationKey
from oncall.setup.integration_keys import path_of

MARK = "TEST: "
ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Tested:
    made: tuple[Made, ...]
    refusal: str
    """Why the key refuses it; empty when it doesn't."""

    @property
    def alert_ids(self) -> list[int]:
        return sorted({each.alert_id for each in self.made if each.alert_id is not None})


def send_test(session: Session, key: IntegrationKey, now: datetime, kept: int, *, pages: bool) -> Tested:
    """Opens an alert, and resolves it in the same breath, so that nobody is paged; or leaves it open, so that whoever
    is on call is. The key's page shows the requests among those that came.

    A secret by which the tool signs is not asked for: only the tool and we have it.
    """
    tool = TOOLS[key.tool]
    samples = [tool.trigger] if pages else [tool.trigger, tool.resolve or tool.trigger]
    readings = [_reading(tool, tool.trigger, now)]
    if not pages:
        readings.append(_reading(tool, tool.resolve, now) if tool.resolve else _ending(readings[0]))
    submissions = [Submission(key.key, key.tool, reading) for reading in readings]
    outcomes = store(session, submissions, now, wait_for_each=True)
    sent = zip(samples, outcomes, strict=True)
    record(session, [_received(key, sample, outcome, now) for sample, outcome in sent], kept)
    made = [each for outcome in outcomes if isinstance(outcome, Accepted) for each in outcome.made]
    refusals = [outcome.detail for outcome in outcomes if isinstance(outcome, OncallError)]
    return Tested(tuple(made), refusals[0] if refusals else "")


Reading = Callable[[Mapping[str, str]], list[Event]]


def _reading(tool: Tool, sample: Sample, now: datetime) -> Reading:
    def read(options: Mapping[str, str]) -> list[Event]:
        open_ones = {name: value for name, value in options.items() if name not in tool.secrets}
        inbound = Inbound(sample.body, open_ones, sample.headers, sample.query, now)
        return [_marked(event, now) for event in tool.parse(inbound)]

    return read


def _ending(reading: Reading) -> Reading:
    """Of a tool that never says when it is over."""
    return lambda options: [replace(event, action=EventAction.RESOLVE) for event in reading(options)]


def _marked(event: Event, now: datetime) -> Event:
    """With a dedup key that no real event has, nor another test."""
    key = dedup_key(f"test-{now:%Y%m%dT%H%M%S%f}-{event.dedup_key}")
    return replace(event, dedup_key=key, summary=shorten(MARK + event.summary, SUMMARY_MAX))


def _received(key: IntegrationKey, sample: Sample, outcome: Outcome, now: datetime) -> Received:
    return Received(
        key=key.key,
        tool=key.tool,
        at=now,
        method="POST" if "POST" in TOOLS[key.tool].methods else "GET",
        path=path_of(key),
        headers=[(name.encode(), value.encode()) for name, value in sample.headers.items()],
        body=sample.body,
        body_bytes=len(sample.body),
        status=outcome.status if isinstance(outcome, OncallError) else ACCEPTED,
        outcome=outcome,
        is_test=True,
    )


def said_of(tested: Tested, *, pages: bool) -> str:
    """In a sentence."""
    if tested.refusal:
        return f"The key refuses the test event: {tested.refusal}"
    numbers = _numbers(tested.alert_ids)
    if pages:
        return f"The test event opened {numbers}: whoever is on call is paged. Resolve it when you have seen it."
    return f"The test event opened {numbers} and resolved it again, so nobody is paged. The key works."


def _numbers(alert_ids: Sequence[int]) -> str:
    return ", ".join(f"alert #{number}" for number in alert_ids) or "no alert"

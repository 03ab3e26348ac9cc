"""Many submissions, one transaction: keys looked up, bodies parsed, events taken in.

A submission that is wrong gets an error of its own and does not hold up the others.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col

from oncall.alerts.event import Event
from oncall.alerts.intake import Source, take_in
from oncall.errors import NotFound, OncallError
from oncall.models import EscalationPolicy, IntegrationKey, Service

log = structlog.get_logger(__name__)


class UnknownKey(NotFound):
    title = "Unknown integration key"


@dataclass(frozen=True, slots=True)
class Submission:
    """What one request brought: the key it came to, and how to read it once the key's options are known."""

    key: str
    tool: str
    parse: Callable[[Mapping[str, str]], list[Event]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Committed. `dedup_keys` in the order of the events."""

    dedup_keys: tuple[str, ...]


Outcome = Accepted | OncallError


class Key(NamedTuple):
    """An integration key with all that an alert opened through it needs."""

    key: str
    name: str
    tool: str
    options: dict[str, str]
    service_id: int
    policy: dict[str, Any]

    @property
    def source(self) -> Source:
        sender = self.name if self.name == self.tool else f"{self.name} ({self.tool})"
        return Source(self.service_id, self.policy, sender)


def store(session: Session, submissions: Sequence[Submission], now: datetime) -> list[Outcome]:
    """Store what can be stored and say for each submission what came of it, in order."""
    keys = _find_keys(session, {submission.key for submission in submissions})
    outcomes: list[Outcome] = []
    work: list[tuple[Source, Event]] = []
    for submission in submissions:
        try:
            key = _usable(keys, submission)
            events = submission.parse(key.options)
        except OncallError as error:
            outcomes.append(error)
            continue
        except Exception:
            log.exception("ingest.parser_broken", tool=submission.tool)
            outcomes.append(OncallError(f"A fault in our reading of {submission.tool} messages. Nothing was stored."))
            continue
        work += [(key.source, event) for event in events]
        outcomes.append(Accepted(tuple(event.dedup_key for event in events)))
    if work:
        take_in(session, work, now)
    return outcomes


def _find_keys(session: Session, wanted: Iterable[str]) -> dict[str, Key]:
    rows = session.execute(
        sa.select(
            col(IntegrationKey.key),
            col(IntegrationKey.name),
            col(IntegrationKey.tool),
            col(IntegrationKey.options),
            col(Service.id),
            EscalationPolicy,
        )
        .join(Service, col(Service.id) == col(IntegrationKey.service_id))
        .join(EscalationPolicy, col(EscalationPolicy.id) == col(Service.escalation_policy_id))
        .where(col(IntegrationKey.key).in_(list(wanted)), col(IntegrationKey.revoked_at).is_(None))
    )
    return {row[0]: Key(row[0], row[1], row[2], row[3], row[4], row[5].snapshot()) for row in rows}


def _usable(keys: Mapping[str, Key], submission: Submission) -> Key:
    key = keys.get(submission.key)
    if key is None:
        raise UnknownKey(
            "No integration key is like this one, or it was revoked. Copy it again from the service's page."
        )
    if key.tool != submission.tool:
        raise UnknownKey(f"This key is for {key.tool}, not for {submission.tool}. Use the address on the key's page.")
    return key

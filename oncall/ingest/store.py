"""Many submissions, one transaction: keys looked up, bodies parsed, events taken in.

A submission that is wrong gets an error of its own and does not hold up the others.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col

from oncall.alerts.event import Event, EventAction
from oncall.alerts.flapping import FlappingRule, flapping_rule_of
from oncall.alerts.intake import Source, take_in
from oncall.alerts.urgency import UrgencyRule, rule_of
from oncall.errors import NotFound, OncallError
from oncall.models import Installation, IntegrationKey, Service, ServiceUrgency

log = structlog.get_logger(__name__)


class UnknownKey(NotFound):
    title = "Unknown integration key"


class KeyOfAnotherTool(UnknownKey):
    """It is known, and no use here."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What one request brought: the key it came to, and how to read it once the key's options are known."""

    key: str
    tool: str
    parse: Callable[[Mapping[str, str]], list[Event]]


class Made(NamedTuple):
    """What became of an event. `alert_id` None: nothing was open that it could change."""

    action: EventAction
    dedup_key: str
    alert_id: int | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """Committed. `made` in the order of the events."""

    made: tuple[Made, ...]
    service_id: int = 0

    @property
    def dedup_keys(self) -> list[str]:
        return [each.dedup_key for each in self.made]


Outcome = Accepted | OncallError


class Key(NamedTuple):
    """An integration key with all that an alert opened through it needs."""

    key: str
    name: str
    tool: str
    options: dict[str, str]
    service_id: int
    policy_id: int
    urgency: UrgencyRule
    flapping: FlappingRule

    @property
    def source(self) -> Source:
        sender = self.name if self.name == self.tool else f"{self.name} ({self.tool})"
        return Source(self.service_id, self.policy_id, sender, self.urgency, self.flapping)


_REVISION = sa.select(col(Installation.revision))
_KEYS = (
    sa.select(
        col(IntegrationKey.key),
        col(IntegrationKey.name),
        col(IntegrationKey.tool),
        col(IntegrationKey.options),
        col(Service.id),
        col(Service.escalation_policy_id),
        col(Service.urgency),
        col(Service.support_hours),
        col(Service.flapping),
    )
    .join(Service, col(Service.id) == col(IntegrationKey.service_id))
    .where(col(IntegrationKey.revoked_at).is_(None))
)


def store(
    session: Session, submissions: Sequence[Submission], now: datetime, *, wait_for_each: bool = False
) -> list[Outcome]:
    """Store what can be stored and say for each submission what came of it, in order.

    What goes wrong in the database is told for sure only with `wait_for_each`: where statements go out one behind the
    other, what follows the faulty one may fail first.
    """
    keys = _find_keys(session, {submission.key for submission in submissions})
    read = [_read(keys, submission) for submission in submissions]
    work = [pair for each in read if not isinstance(each, OncallError) for pair in each[1]]
    drafts = take_in(session, work, now, is_last=not wait_for_each) if work else []
    alert_ids = {(draft.service_id, draft.dedup_key): draft.id for draft in drafts}
    return [each if isinstance(each, OncallError) else _accepted(*each, alert_ids) for each in read]


Work = list[tuple[Source, Event]]


def _read(keys: Mapping[str, Key], submission: Submission) -> tuple[Key, Work] | OncallError:
    try:
        key = _usable(keys, submission.key, submission.tool)
        return key, [(key.source, event) for event in submission.parse(key.options)]
    except OncallError as error:
        return error
    except Exception:
        log.exception("ingest.parser_broken", tool=submission.tool)
        return OncallError(f"A fault in our reading of {submission.tool} messages. Nothing was stored.")


def _accepted(key: Key, work: Work, alert_ids: Mapping[tuple[int, str], int | None]) -> Accepted:
    """Of two alerts that one batch opens for a dedup key, one after the other, the later is told."""
    return Accepted(
        tuple(
            Made(event.action, event.dedup_key, alert_ids.get((source.service_id, event.dedup_key)))
            for source, event in work
        ),
        key.service_id,
    )


_known: dict[str, dict[str, Key]] = {}
"""Keys that have been used, by revision: read again only when something was configured since."""


def _find_keys(session: Session, wanted: Collection[str]) -> Mapping[str, Key]:
    revision = session.connection().execute(_REVISION).scalar_one_or_none() or ""
    known = _known.get(revision)
    if known is None:
        known = {}
        _known.clear()
        _known[revision] = known
    missing = [key for key in wanted if key not in known]
    if missing:
        rows = session.execute(_KEYS.where(col(IntegrationKey.key).in_(missing)))
        known |= {row.key: _key(*row) for row in rows}
    return known


def _key(
    key: str,
    name: str,
    tool: str,
    options: dict[str, str],
    service_id: int,
    policy_id: int,
    urgency: ServiceUrgency,
    support_hours: dict[str, str] | None,
    flapping: dict[str, int] | None,
) -> Key:
    rules = rule_of(urgency, support_hours), flapping_rule_of(flapping)
    return Key(key, name, tool, options, service_id, policy_id, *rules)


def find_key(session: Session, key: str, tool: str) -> Key:
    """Raises UnknownKey."""
    return _usable(_find_keys(session, {key}), key, tool)


def _usable(keys: Mapping[str, Key], text: str, tool: str) -> Key:
    key = keys.get(text)
    if key is None:
        raise UnknownKey(
            "No integration key is like this one, or it was revoked. Copy it again from the service's page."
        )
    if key.tool != tool:
        raise KeyOfAnotherTool(f"This key is for {key.tool}, not for {tool}. Use the address on the key's page.")
    return key

"""Many submissions, one transaction: keys looked up, bodies parsed, events taken in.

A submission that is wrong gets an error of its own and does not hold up the others.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from oncall.alerts.event import Event
from oncall.alerts.intake import Source, source_at, take_in
from oncall.alerts.routing import read_rules
from oncall.errors import NotFound, OncallError
from oncall.ingest.routed import Routed, Routing, count_matches, keep_suppressed
from oncall.models import Installation, IntegrationKey, Service

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
    tool: str
    options: dict[str, str]
    source: Source
    routing: Routing | None

    @property
    def service_id(self) -> int:
        return self.source.service_id


_REVISION = sa.select(col(Installation.revision))
_KEYS = (
    select(IntegrationKey, Service)
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
    outcomes: list[Outcome] = []
    work: list[tuple[Source, Event]] = []
    routed = Routed()
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
        if key.routing is None:
            work += [(key.source, event) for event in events]
        else:
            work += routed.take(key.routing, key.source, events, now)
        outcomes.append(Accepted(tuple(event.dedup_key for event in events)))
    if routed.suppressed:
        keep_suppressed(session, routed, now)
    if work:
        take_in(session, work, now, is_last=not wait_for_each)
    if routed.matches:
        count_matches(session, routed, now)
    return outcomes


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
        rows = session.exec(_KEYS.where(col(IntegrationKey.key).in_(missing))).all()
        known |= {row.key: _key(session, row, service) for row, service in rows}
    return known


def _key(session: Session, row: IntegrationKey, service: Service) -> Key:
    sender = row.name if row.name == row.tool else f"{row.name} ({row.tool})"
    routing = _routing(session, row, sender) if row.rules else None
    return Key(row.key, row.tool, row.options, source_at(service, sender), routing)


def _routing(session: Session, row: IntegrationKey, sender: str) -> Routing:
    assert row.id is not None
    rules = read_rules(row.rules)
    wanted = {rule.service for rule in rules if rule.service is not None}
    services = session.exec(select(Service).where(col(Service.name).in_(wanted)))
    return Routing(row.id, rules, {each.name: source_at(each, sender) for each in services})


def _usable(keys: Mapping[str, Key], submission: Submission) -> Key:
    key = keys.get(submission.key)
    if key is None:
        raise UnknownKey(
            "No integration key is like this one, or it was revoked. Copy it again from the service's page."
        )
    if key.tool != submission.tool:
        raise UnknownKey(f"This key is for {key.tool}, not for {submission.tool}. Use the address on the key's page.")
    return key

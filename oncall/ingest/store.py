"""Many submissions, one transaction: keys looked up, bodies parsed, events taken in.

A submission that is wrong gets an error of its own and does not hold up the others.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from oncall.alerts.event import Event, EventAction
from oncall.alerts.grouping import AlertDraft
from oncall.alerts.intake import Source, source_at, take_in
from oncall.alerts.members import once_grouped
from oncall.alerts.routing import read_rules
from oncall.db.bulk import ask
from oncall.errors import NotFound, OncallError, TooLarge
from oncall.ingest.once import first_come, forget
from oncall.ingest.reading import dedup_key
from oncall.ingest.registry import TOOLS
from oncall.ingest.routed import Routed, Routing, Sourced, count_matches, keep_suppressed
from oncall.models import Installation, IntegrationKey, Service

log = structlog.get_logger(__name__)

MOST_EVENTS = 10_000
"""Of one message. They take a second or two, in which nobody else's are stored; with many more their sender is told
503 and sends all of them again. The largest message of Alertmanager holds no more than 7,000 of its own making.
"""


class UnknownKey(NotFound):
    title = "Unknown integration key"


class KeyOfAnotherTool(UnknownKey):
    """It is known, and no use here."""


class Submission(NamedTuple):
    """What one request brought: the key it came to, and how to read it once the key's options are known."""

    key: str
    tool: str
    parse: Callable[[Mapping[str, str]], list[Event]]
    once: str = ""
    """The same each time the same comes: what has come lately is not taken in again. Empty: it is."""


class Made(NamedTuple):
    """What became of an event. `alert_id` None: nothing was open that it could change."""

    action: EventAction
    dedup_key: str
    alert_id: int | None


class Accepted(NamedTuple):
    """Committed. `made` in the order of the events."""

    made: tuple[Made, ...]
    service_id: int = 0

    @property
    def dedup_keys(self) -> list[str]:
        return [each.dedup_key for each in self.made]


Outcome = Accepted | OncallError


class Key(NamedTuple):
    """An integration key with all that an alert opened through it needs."""

    id: int
    key: str
    name: str
    tool: str
    options: dict[str, str]
    source: Source
    routing: Routing | None

    @property
    def service_id(self) -> int:
        return self.source.service_id

    @property
    def reach(self) -> list[int]:
        """The services that its alerts may be of: its own, and those that its rules name."""
        elsewhere = self.routing.sources.values() if self.routing else ()
        return [self.service_id, *(source.service_id for source in elsewhere)]


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
    new = first_come(session, {submission.once for submission in submissions if submission.once}, now)
    read = [_read(keys, submission, new) for submission in submissions]
    forget(session, new)
    routed = Routed()
    taken = [each if isinstance(each, OncallError) else _sourced(*each, routed, now) for each in read]
    work = [
        (source, event) for each in taken if not isinstance(each, OncallError) for source, event in each[1] if source
    ]
    if routed.suppressed:
        keep_suppressed(session, routed, now)
    drafts = take_in(session, work, now, is_last=not wait_for_each and not routed.matches) if work else []
    if routed.matches:
        count_matches(session, routed, now)
    numbers = _numbers(drafts)
    return [each if isinstance(each, OncallError) else _accepted(*each, numbers) for each in taken]


def _read(keys: Mapping[str, Key], submission: Submission, new: set[str]) -> tuple[Key, list[Event]] | OncallError:
    """`new`: of what comes once, that which has not come yet; it is taken out."""
    try:
        key = _usable(keys, submission.key, submission.tool)
        if submission.once and submission.once not in new:
            return key, []
        events = submission.parse(key.options)
        if len(events) > MOST_EVENTS:
            raise TooLarge(
                f"The message holds {len(events):,} events; {MOST_EVENTS:,} are the most. Send fewer at once."
            )
        new.discard(submission.once)
        return key, events
    except OncallError as error:
        return error
    except Exception:
        log.exception("ingest.parser_broken", tool=submission.tool)
        return OncallError(f"A fault in our reading of {submission.tool} messages. Nothing was stored.")


def _sourced(key: Key, events: Sequence[Event], routed: Routed, now: datetime) -> tuple[Key, Sourced]:
    if key.routing is None:
        sourced: Sourced = [(key.source, event) for event in events]
    else:
        sourced = routed.take(key.routing, key.source, events, now)  # whose rules ask for a dedup key as it was sent
    return key, [(source, _numbered(key, event)) for source, event in sourced] if TOOLS[key.tool].counts else sourced


def _numbered(key: Key, event: Event) -> Event:
    """Sensor 12 of one installation is not sensor 12 of another, nor what somebody else calls 12."""
    return replace(event, dedup_key=dedup_key(f"{key.tool}-{key.id}:{event.dedup_key}"))


Numbers = dict[tuple[int, str], int | None]
"""Of alerts, by service and dedup key; those of an alert's members lead to it, too."""


def _numbers(drafts: Sequence[AlertDraft]) -> Numbers:
    """Of two alerts that one batch opens for a dedup key, one after the other, the later is told."""
    members: Numbers = {(draft.service_id, key): draft.id for draft in drafts for key in draft.members or ()}
    return members | {(draft.service_id, draft.dedup_key): draft.id for draft in drafts}


def _accepted(key: Key, sourced: Sourced, numbers: Numbers) -> Accepted:
    return Accepted(
        tuple(Made(event.action, event.dedup_key, _number(source, event, numbers)) for source, event in sourced),
        key.service_id,
    )


def _number(source: Source | None, event: Event, numbers: Numbers) -> int | None:
    """What a rule suppressed has none; what has one may have it where another rule led its trigger."""
    for place in (source, *source.elsewhere) if source else ():
        number = numbers.get((place.service_id, event.dedup_key))
        if number is not None:
            return number
    return None


_known: dict[str, dict[str, Key]] = {}
"""Keys that have been used, by revision: read again only when something was configured since."""


def _find_keys(session: Session, wanted: Collection[str]) -> Mapping[str, Key]:
    revision = next((each or "" for (each,) in ask(session, _REVISION, {})), "")
    known = _known.get(revision)
    if known is None:
        known = {}
        _known.clear()
        _known[revision] = known
    missing = [key for key in wanted if key not in known]
    if missing:
        rows = session.exec(_KEYS.where(col(IntegrationKey.key).in_(missing))).all()
        grouped = once_grouped(session) if rows else frozenset()
        known |= {row.key: _key(session, row, service, grouped) for row, service in rows}
    return known


def _key(session: Session, row: IntegrationKey, service: Service, grouped: Collection[int]) -> Key:
    sender = row.name if row.name == row.tool else f"{row.name} ({row.tool})"
    routing = _routing(session, row, sender, grouped) if row.rules else None
    assert row.id is not None
    return Key(row.id, row.key, row.name, row.tool, row.options, source_at(service, sender, grouped), routing)


def _routing(session: Session, row: IntegrationKey, sender: str, grouped: Collection[int]) -> Routing:
    assert row.id is not None
    rules = read_rules(row.rules)
    wanted = {rule.service for rule in rules if rule.service is not None}
    services = session.exec(select(Service).where(col(Service.name).in_(wanted)))
    return Routing(row.id, rules, {each.name: source_at(each, sender, grouped) for each in services})


def find_key(session: Session, key: str, tool: str) -> Key:
    """Raises UnknownKey."""
    return _usable(_find_keys(session, {key}), key, tool)


def known_key(session: Session, key: str) -> Key:
    """Of whatever tool. Raises UnknownKey."""
    return _known_key(_find_keys(session, {key}), key)


def _known_key(keys: Mapping[str, Key], text: str) -> Key:
    key = keys.get(text)
    if key is None:
        raise UnknownKey(
            "No integration key is like this one, or it was revoked. Copy it again from the service's page."
        )
    return key


def _usable(keys: Mapping[str, Key], text: str, tool: str) -> Key:
    key = _known_key(keys, text)
    if key.tool != tool:
        raise KeyOfAnotherTool(f"This key is for {key.tool}, not for {tool}. Use the address on the key's page.")
    return key

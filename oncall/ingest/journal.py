"""A look inside: the last requests of each integration key, and what was made of each.

A request is remembered in memory as it came, which costs next to nothing; once a second, in a storm more rarely, a
thread masks what is secret and writes the newest of each key, so that a storm costs a few rows and every process shows
what came to all. What came since it last wrote is lost in a crash, and shown nowhere; its events are not.
"""

import threading
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from oncall.clock import monotonic
from oncall.db.bulk import insert_many
from oncall.db.database import Database
from oncall.errors import BadInput, OncallError
from oncall.ingest.masking import masked_headers, masked_text
from oncall.ingest.registry import TOOLS
from oncall.ingest.store import Outcome
from oncall.logs import told
from oncall.metrics import UNKNOWN_KEYS
from oncall.models import IntegrationKey, ReceivedRequest

log = structlog.get_logger(__name__)

_requests: sa.Table = ReceivedRequest.__table__  # type: ignore[attr-defined]

EVERY_SECONDS, LONGEST_PAUSE = 1.0, 5.0
OF_THE_TIME = 50
"""It rests so many times as long as it wrote, within these: in a storm it takes longer to write."""
MOST_WAITING = 200
"""Requests remembered between two writes, of all keys together: those that come after are not shown."""
LONGEST_BODY, BEYOND = 16_384, 512
"""Bytes that are kept; and a few more until it is masked, so that no half of a secret is left at the end."""
MOST_EVENTS = 100
MAIL = "SMTP"
"""In place of the method, of what came by mail."""


@dataclass(frozen=True, slots=True)
class ChangeKept:
    """What became of a change event."""

    change_id: int
    summary: str


@dataclass(frozen=True, slots=True)
class DeedDone:
    """What became of something that a sender asked for its alert. `alert_id` None: it changed none."""

    action: str
    dedup_key: str
    alert_id: int | None


Became = Outcome | ChangeKept | DeedDone


class Received(NamedTuple):
    """A request as it came and what was answered."""

    key: str
    tool: str
    at: datetime
    method: str
    path: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    """Its first LONGEST_BODY + BEYOND bytes."""
    body_bytes: int
    status: int
    outcome: Became
    is_test: bool = False


class Journal:
    """One per process. `keep` is for the event loop; the rest runs in the journal's thread."""

    def __init__(self, database: Database, kept: int) -> None:
        """`kept`: of each key; 0 keeps none."""
        self._database, self._kept = database, kept
        self._rings: dict[str, deque[Received]] = {}
        self._waiting = 0
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oncall-journal", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what is remembered, then end."""
        self._stopping.set()
        self._thread.join()

    def keep(self, received: Received) -> None:
        with self._lock:
            ring = self._rings.get(received.key)
            if ring is not None and len(ring) == self._kept:
                ring.append(received)  # the oldest gives way
            elif self._kept and self._waiting < MOST_WAITING:
                self._rings.setdefault(received.key, deque(maxlen=self._kept)).append(received)
                self._waiting += 1

    def write(self) -> None:
        """Now what else is written a moment later, and what is being written just then: for whoever wants to see it."""
        with self._writing:
            with self._lock:
                rings, self._rings, self._waiting = self._rings, {}, 0
            if rings:
                with self._database.transaction() as session:
                    record(session, [received for ring in rings.values() for received in ring], self._kept)

    def _run(self) -> None:
        pause = EVERY_SECONDS
        while not self._stopping.wait(pause):
            began = monotonic()
            self._write_safely()
            pause = min(max(EVERY_SECONDS, OF_THE_TIME * (monotonic() - began)), LONGEST_PAUSE)
        self._write_safely()

    def _write_safely(self) -> None:
        """It is for people who look on: nothing depends on it, and the thread lives on."""
        try:
            self.write()
        except Exception as error:
            log.warning("journal.not_written", **told(error))


def record(session: Session, requests: Iterable[Received], kept: int) -> None:
    """Store them, and delete what there is beyond the newest `kept` of the same keys."""
    by_key = sorted(requests, key=lambda each: each.at)
    keys = _lock_keys(session, {each.key for each in by_key})
    _count_unknown(each for each in by_key if each.key not in keys)
    insert_many(session, _requests, [_row(each, keys[each.key]) for each in by_key if each.key in keys])
    if keys:
        _delete_old(session, [key.id for key in keys.values()], kept)


def _lock_keys(session: Session, wanted: Iterable[str]) -> dict[str, IntegrationKey]:
    """Locked, in one order, so that two processes which delete a key's old requests don't meet."""
    found = select(IntegrationKey).where(col(IntegrationKey.key).in_(wanted), col(IntegrationKey.revoked_at).is_(None))
    rows = session.exec(found.order_by(col(IntegrationKey.id)).with_for_update(key_share=True))
    return {row.key: row for row in rows}


def _count_unknown(requests: Iterable[Received]) -> None:
    """A key that is nobody's is told by number alone: it may be somebody's, misspelt."""
    for tool, count in Counter(each.tool if each.tool in TOOLS else "other" for each in requests).items():
        UNKNOWN_KEYS.labels(tool).inc(count)
        log.warning("ingest.unknown_key", tool=tool, requests=count)


def _row(received: Received, key: IntegrationKey) -> dict[str, Any]:
    assert key.id is not None
    secrets = [key.key, *(value for name, value in key.options.items() if name in TOOLS[key.tool].secrets and value)]
    text = received.body.decode("utf-8", "replace").replace("\0", "�")
    return {
        "key_id": key.id,
        "at": received.at,
        "is_test": received.is_test,
        "method": received.method,
        "path": masked_text(received.path, secrets),
        "headers": masked_headers(received.headers, secrets),
        "body": masked_text(text, secrets)[:LONGEST_BODY],
        "body_bytes": received.body_bytes,
        "status": received.status,
        "refusal": _refusal(received.outcome),
        "events": _events(received.outcome),
    }


def _refusal(outcome: Became) -> str:
    if not isinstance(outcome, OncallError):
        return ""
    return "; ".join(outcome.problems) if isinstance(outcome, BadInput) and outcome.problems else outcome.detail


def _events(outcome: Became) -> list[dict[str, Any]]:
    if isinstance(outcome, ChangeKept):
        return [{"action": "change", "dedup_key": "", "alert_id": None, **asdict(outcome)}]
    if isinstance(outcome, DeedDone):
        return [asdict(outcome)]
    return [] if isinstance(outcome, OncallError) else [each._asdict() for each in outcome.made[:MOST_EVENTS]]


def _delete_old(session: Session, key_ids: Sequence[int | None], kept: int) -> None:
    place = sa.func.row_number().over(partition_by=col(ReceivedRequest.key_id), order_by=col(ReceivedRequest.id).desc())
    placed = sa.select(col(ReceivedRequest.id), place.label("place")).where(col(ReceivedRequest.key_id).in_(key_ids))
    ranked = placed.subquery()
    too_old = sa.select(ranked.c.id).where(ranked.c.place > kept)
    session.execute(sa.delete(ReceivedRequest).where(col(ReceivedRequest.id).in_(too_old)))


def last_requests(session: Session, key: IntegrationKey, limit: int | None = None) -> Sequence[ReceivedRequest]:
    """The newest first."""
    statement = select(ReceivedRequest).where(ReceivedRequest.key_id == key.id)
    return session.exec(statement.order_by(col(ReceivedRequest.id).desc()).limit(limit)).all()

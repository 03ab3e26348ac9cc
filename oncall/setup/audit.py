"""Who changed what of the set-up: written by the session itself, so that no way of changing it can forget to.

What is on record is what people do: by pages, the API and commands. What the engine does has its own stories, the
timelines of alerts and of swaps. Secrets are named, and never shown. Entries are kept for good, but for sign-ins, which
are on record beside them (`auth.sign_ins`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import event, inspect
from sqlmodel import Session, SQLModel, col, or_, select

from oncall.models import (
    ApiToken,
    AuditEntry,
    CalendarFeed,
    ContactMethod,
    EscalationPolicy,
    Heartbeat,
    IntegrationKey,
    MaintenanceWindow,
    Override,
    Rotation,
    Schedule,
    Service,
    Team,
    TeamContactMethod,
    TeamMember,
    User,
)
from oncall.setup import words

LONGEST_VALUE = 300
ACTING = "acting"
AT_LOGIN = "at the login"
"""How what is no change is marked: somebody signed in, or was refused."""


class Watched(NamedTuple):
    """What rows of a table are called. `secret` columns are named without their values, `kept` ones not at all;
    `facts` are told of a row that is made or removed."""

    noun: str
    secret: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    facts: tuple[str, ...] = ()


WATCHED: dict[type[SQLModel], Watched] = {
    User: Watched("person", frozenset({"password_hash"}), facts=("role",)),
    Team: Watched("team"),
    TeamMember: Watched("member", facts=("is_manager",)),
    TeamContactMethod: Watched("contact method", frozenset({"address"}), facts=("kind",)),
    Schedule: Watched("schedule", kept=frozenset({"revision", "published_as"})),
    Rotation: Watched("rotation"),
    Override: Watched(
        "override", kept=frozenset({"created_by_id"}), facts=("kind", "user_id", "replaces_id", "starts_at", "ends_at")
    ),
    EscalationPolicy: Watched("escalation policy", kept=frozenset({"replaced_at"})),
    Service: Watched("service", kept=frozenset({"last_change_at"}), facts=("team_id", "escalation_policy_id")),
    IntegrationKey: Watched("integration key", frozenset({"key", "options"}), facts=("tool",)),
    Heartbeat: Watched("heartbeat", frozenset({"key"}), frozenset({"due_at", "as_written", "last_output"})),
    MaintenanceWindow: Watched(
        "maintenance window",
        kept=frozenset({"created_by_id"}),
        facts=("start", "end", "timezone", "repeats", "pages_critical"),
    ),
    ContactMethod: Watched(
        "contact method", frozenset({"address"}), frozenset({"code", "code_expires_at", "code_tries"}), ("kind",)
    ),
    ApiToken: Watched("API token", frozenset({"token_hash"})),
    CalendarFeed: Watched("calendar link"),
}
_ORDER = {table: place for place, table in enumerate(WATCHED)}
OWNERS: dict[str, type[SQLModel]] = {
    "owner_id": User,
    "user_id": User,
    "service_id": Service,
    "team_id": Team,
    "schedule_id": Schedule,
}
"""By column, whose a row is; the first that it has."""
REFERENCES = {**OWNERS, "escalation_policy_id": EscalationPolicy, "replaces_id": User}
"""By column, what it names. Another row of the same name is no change to people."""
MARKS = {
    "retired_at": "retired",
    "revoked_at": "revoked",
    "disabled_at": "disabled",
    "verified_at": "verified",
    "ended_at": "ended",
    "deleted_at": "deleted",
}
"""Columns whose time matters less than that there is one: the entry has its own."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who changes things in a session. `by_id` None: whoever runs a command."""

    by_id: int | None
    via: str
    now: datetime


def act(session: Session, acting: Acting) -> None:
    """From here on, what changes is put on record."""
    session.info[ACTING] = acting


def note(session: Session, what: str) -> None:
    """Of what no row tells by itself."""
    acting: Acting | None = session.info.get(ACTING)
    if acting is not None:
        session.add(AuditEntry(at=acting.now, by_id=acting.by_id, via=acting.via, what=what))


@event.listens_for(Session, "before_flush")
def _record(session: Session, _context: object, _instances: object) -> None:
    acting: Acting | None = session.info.get(ACTING)
    if acting is None:
        return
    with session.no_autoflush:
        said = list(_said(session))
    session.add_all(AuditEntry(at=acting.now, by_id=acting.by_id, via=acting.via, what=what) for what in said)


def _said(session: Session) -> Iterator[str]:
    for row in _watched(session.new):
        yield f"{_name(session, row)}: {_made(session, row)}"
    for row in _watched(session.deleted):
        yield f"{_name(session, row)}: {', '.join(['removed', *_facts(session, row)])}"
    for row in sorted(_watched(session.dirty), key=_order):
        if changes := ", ".join(_changes(session, row)):
            yield f"{_name(session, row)}: {changes}"


def _order(row: SQLModel) -> tuple[int, Any]:
    """The session has them in no order of its own."""
    return _ORDER[type(row)], inspect(row).identity


def _made(session: Session, row: SQLModel) -> str:
    before = _replaced(session, row) if isinstance(row, EscalationPolicy) else None
    return ", ".join(_differences(before, row) if before else ["made", *_facts(session, row)])


def _facts(session: Session, row: Any) -> Iterator[str]:
    for column in WATCHED[type(row)].facts:
        if worth := _told(session, column, getattr(row, column)):
            yield words.field(column) if worth is True else f"{words.field(column)} {words.value(column, worth)}"


def _replaced(session: Session, policy: EscalationPolicy) -> EscalationPolicy | None:
    """What an edit of a policy made another row of."""
    same = select(EscalationPolicy).where(EscalationPolicy.name == policy.name)
    return session.exec(same.order_by(col(EscalationPolicy.id).desc())).first()


def _differences(before: SQLModel, after: SQLModel) -> Iterator[str]:
    for column in ("steps", "repeat", "fallback", "acknowledge_timeout_seconds"):
        was, is_now = getattr(before, column), getattr(after, column)
        if was != is_now:
            yield _change(column, was, is_now)


def _watched(rows: Iterable[Any]) -> list[SQLModel]:
    return [row for row in rows if type(row) in WATCHED]


def _name(session: Session, row: Any) -> str:
    """ "integration key scripts of web"."""
    own = getattr(row, "handle", None) or getattr(row, "name", None) or getattr(row, "level", None) or ""
    named = f"{WATCHED[type(row)].noun} {own}".strip()
    if isinstance(row, Schedule | Service):
        return named  # what has a team has a name of its own
    if isinstance(row, Override):
        return f"{named} of {_owner(session, Schedule, row.schedule_id)}"
    found = [_owner(session, table, getattr(row, column, None)) for column, table in OWNERS.items()]
    owners = [owner for owner in found if owner]
    if isinstance(row, TeamMember):
        return f"{named} {' of team '.join(owners)}"
    return f"{named} of {owners[0]}" if owners else named


def _owner(session: Session, table: Any, row_id: int | None) -> str:
    row = session.get(table, row_id) if row_id is not None else None
    return (getattr(row, "handle", None) or row.name) if row is not None else ""


def _changes(session: Session, row: Any) -> Iterator[str]:
    watched, state = WATCHED[type(row)], inspect(row)
    for column in type(row).model_fields:
        history = state.attrs[column].history
        if column in watched.kept or not history.has_changes():
            continue
        before, after = (next(iter(values), None) for values in (history.deleted, history.added))
        before, after = (_told(session, column, each) for each in (before, after))
        if column in watched.secret:
            yield f"{words.field(column.removesuffix('_hash'))} changed"
        elif column in MARKS and bool(before) != bool(after):
            yield MARKS[column] if after else f"no longer {MARKS[column]}"
        elif before != after:
            yield _change(column, before, after)


def _told(session: Session, column: str, worth: Any) -> Any:
    return _owner(session, REFERENCES[column], worth) if column in REFERENCES else worth


def _change(column: str, *values: Any) -> str:
    before, after = (_cut(words.value(column, each)) for each in values)
    return f"{words.field(column)} {before} → {after}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


class AuditRow(NamedTuple):
    entry: AuditEntry
    by: str
    """A name."""


def list_audit(session: Session, limit: int, before: int | None = None, text: str = "") -> Sequence[AuditRow]:
    """Newest first, of those in which the text is; `before` is the id of the last one already seen."""
    statement = select(AuditEntry, User.name).outerjoin(User).order_by(col(AuditEntry.id).desc()).limit(limit)
    if before is not None:
        statement = statement.where(col(AuditEntry.id) < before)
    if text:
        in_it = (col(each).icontains(text, autoescape=True) for each in (AuditEntry.what, User.name, User.handle))
        statement = statement.where(or_(*in_it))
    return [AuditRow(entry, name or _nobody(entry)) for entry, name in session.exec(statement)]


def _nobody(entry: AuditEntry) -> str:
    return "somebody" if entry.via == AT_LOGIN else "an operator"

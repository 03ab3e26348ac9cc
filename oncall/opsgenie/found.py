"""Which alert, and who, is meant: by id, alias or tiny id; by email or handle. Only alerts that the key reaches."""

from sqlmodel import Session, col, func, or_, select

from oncall.alerts.actions import Actor, Doer, Machine
from oncall.ingest.reading import dedup_key
from oncall.ingest.store import Key
from oncall.models import Alert, Schedule, Team, User
from oncall.models.alert import OPEN
from oncall.names import is_storable
from oncall.opsgenie.fields import NAMES, BadFields
from oncall.opsgenie.words import number_of

KINDS = ("id", "alias", "tiny")


def find_alert(session: Session, key: Key, identifier: str, kind: str) -> Alert | None:
    """None where there is none, or it was deleted by its sender. An alias means the open alert that has it:
    the key's own service comes before those of its rules.

    Raises BadFields for a kind that Opsgenie does not have.
    """
    if kind.lower() not in KINDS:
        raise BadFields({"identifierType": f"must be one of {', '.join(KINDS)}"})
    # its sender's address of ours ends with a slash that it adds itself
    found = _found(session, key, identifier, kind) or _found(session, key, identifier.removeprefix("/"), kind)
    return next((found[service_id] for service_id in key.reach if service_id in found), None)


def _found(session: Session, key: Key, identifier: str, kind: str) -> dict[int, Alert]:
    """By service."""
    if kind.lower() == "alias":
        if not is_storable(identifier):
            return {}
        which = OPEN & (col(Alert.dedup_key) == dedup_key(identifier))
    else:
        which = col(Alert.id) == number_of(identifier)
    mine = (col(Alert.service_id).in_(key.reach), col(Alert.deleted_at).is_(None))
    return {alert.service_id: alert for alert in session.exec(select(Alert).where(*mine, which))}


def find_user(session: Session, *names: str) -> User | None:
    """By email or handle."""
    wanted = [name.strip().lower() for name in names if name.strip() and is_storable(name)]
    if not wanted:
        return None
    is_meant = or_(func.lower(User.email).in_(wanted), func.lower(User.handle).in_(wanted))
    return session.exec(select(User).where(is_meant, col(User.retired_at).is_(None)).order_by(col(User.id))).first()


def find_target(session: Session, named: dict[str, str]) -> str | None:
    """As escalation policies write it: `user:bob`, `team:dev`, `schedule:dev`. None for whom nobody here is called."""
    names = [named[name] for name in NAMES if name in named]
    if named.get("type", "user").lower() == "user" and (user := find_user(session, *names)) is not None:
        return f"user:{user.handle}"
    for kind, table in (("team", Team), ("schedule", Schedule)):
        if named.get("type", kind).lower() == kind:
            found = session.exec(select(table.name).where(col(table.name).in_(names))).first()
            if found is not None:
                return f"{kind}:{found}"
    return None


def doer_of(session: Session, key: Key, said: str) -> Doer:
    """Who does something, as the sender says: somebody we know, by its key, or the key alone."""
    sender = key.source.sender
    user = find_user(session, said)
    if user is not None:
        return Actor(user, f"through {sender}")
    return Machine(f"{said} through {sender}" if said else sender)

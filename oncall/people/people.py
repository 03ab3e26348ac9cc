"""People: added, given a password, brought back after they had retired. And in what order each wants to be reached."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, delete, select

from oncall.config.values import check_email, check_handle, check_person_name, check_short_name, check_zone
from oncall.errors import BadInput, Conflict, NotFound
from oncall.models import (
    ContactMethod,
    LoginSession,
    NotificationRule,
    Role,
    Urgency,
    User,
)
from oncall.names import checked
from oncall.people.needed import is_only_admin
from oncall.rota.public_holidays import check_country

RETIRED = "the person has retired"
"""Why a contact method is disabled."""
MOST_RULES = 50
LATEST_RULE_SECONDS = 24 * 3600


def find_user(session: Session, handle: str, field: str = "user") -> User:
    """Retired or not. Raises NotFound, of the `field` in which the handle was written."""
    user = session.exec(select(User).where(User.handle == handle)).first()
    if user is None:
        raise NotFound(f"There is nobody with the handle {handle}.", field=field)
    return user


def list_users(session: Session, limit: int, after: str | None = None, *, retired: bool = False) -> Sequence[User]:
    """By handle; `after` is the last one already seen."""
    statement = select(User).order_by(col(User.handle)).limit(limit)
    if not retired:
        statement = statement.where(col(User.retired_at).is_(None))
    if after is not None:
        statement = statement.where(col(User.handle) > after)
    return session.exec(statement).all()


def add_user(
    session: Session,
    handle: str,
    name: str,
    role: Role,
    now: datetime,
    *,
    email: str | None = None,
    timezone: str = "UTC",
    country: str | None = None,
    tags: Sequence[str] = (),
    password_hash: str | None = None,
) -> User:
    """By the config file's rules, or it could not be exported and applied again. Raises BadInput or Conflict.

    The password comes hashed: hashing is slow, and this is inside a transaction.
    """
    handle = checked(check_handle, handle, "handle")
    if session.exec(select(User.id).where(User.handle == handle)).first() is not None:
        raise Conflict(f"Somebody has the handle {handle} already: choose another.", field="handle")
    user = User(
        handle=handle,
        name=checked(check_person_name, name, "name"),
        role=role,
        email=checked(check_email, email, "email") if email else None,
        timezone=checked(check_zone, timezone, "timezone"),
        country=checked(check_country, country, "country") if country else None,
        tags=_tags(tags),
        password_hash=password_hash,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def _tags(tags: Sequence[str]) -> list[str]:
    found = [checked(check_short_name, tag, "tags") for tag in tags]
    if len(set(found)) < len(found):
        raise BadInput("A tag is there twice.", field="tags")
    return found


def set_password(session: Session, user: User, password_hash: str) -> None:
    """Ends every login of the person, since a password is often changed because somebody else had it."""
    user.password_hash = password_hash
    session.add(user)
    session.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id))
    session.flush()


def set_role(session: Session, user: User, role: Role) -> None:
    """Raises Conflict where nobody would be left to set things up."""
    if role is not Role.ADMIN and user.retired_at is None and is_only_admin(session, user):
        raise Conflict(f"{user.name} is the only admin: make somebody else one first.", field="role")
    user.role = role
    session.add(user)
    session.flush()


def restore(session: Session, user: User, now: datetime) -> None:
    """Somebody who had retired comes back as a newcomer, without the old password. Raises Conflict if they are here."""
    if user.retired_at is None:
        raise Conflict(f"{user.name} has not retired.")
    user.retired_at, user.password_hash, user.created_at = None, None, now
    session.add(user)
    for method in methods_of(session, user):
        if method.disabled_reason == RETIRED:
            method.disabled_at = method.disabled_reason = None
    session.flush()


def methods_of(session: Session, user: User) -> Sequence[ContactMethod]:
    return session.exec(select(ContactMethod).where(ContactMethod.user_id == user.id)).all()


class Rule(NamedTuple):
    """A notification rule as its owner writes it, the contact method by its name."""

    urgency: Urgency
    after_seconds: int
    contact_method: str


def notification_rules(session: Session, user: User) -> list[Rule]:
    rows = session.exec(
        select(NotificationRule.urgency, NotificationRule.after_seconds, ContactMethod.name)
        .join(ContactMethod, col(ContactMethod.id) == col(NotificationRule.contact_method_id))
        .where(NotificationRule.user_id == user.id)
        .order_by(col(NotificationRule.urgency), col(NotificationRule.after_seconds), col(NotificationRule.id))
    )
    return [Rule(Urgency(urgency), after_seconds, name) for urgency, after_seconds, name in rows]


def set_notification_rules(session: Session, user: User, rules: Sequence[Rule]) -> None:
    """Replaces all of them. Raises BadInput with every problem."""
    assert user.id is not None
    methods = dict(
        session.exec(select(ContactMethod.name, ContactMethod.id).where(ContactMethod.user_id == user.id)).all()
    )
    _check_rules(rules, methods)
    session.exec(delete(NotificationRule).where(col(NotificationRule.user_id) == user.id))
    for urgency, after_seconds, name in rules:
        rule = NotificationRule(
            user_id=user.id, contact_method_id=methods[name] or 0, urgency=urgency, after_seconds=after_seconds
        )
        session.add(rule)
    session.flush()


def _check_rules(rules: Sequence[Rule], methods: dict[str, int | None]) -> None:
    problems = []
    if len(rules) > MOST_RULES:
        problems.append(f"{MOST_RULES} notification rules are the most")
    for i, rule in enumerate(rules):
        if rule.contact_method not in methods:
            known = ", ".join(methods) or "none yet"
            problems.append(f"items[{i}]: you have no contact method “{rule.contact_method}”; there is {known}")
        if not 0 <= rule.after_seconds <= LATEST_RULE_SECONDS:
            problems.append(f"items[{i}]: after_seconds goes from 0 to {LATEST_RULE_SECONDS}")
    if problems:
        raise BadInput("; ".join(problems) + ".", problems=problems)

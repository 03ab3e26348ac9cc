"""People: added, given a password, retired. And in what order each wants to be reached."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import available_timezones

from sqlmodel import Session, col, delete, func, select

from oncall.errors import BadInput, Conflict, NotFound
from oncall.models import (
    ApiToken,
    ContactMethod,
    EscalationPolicy,
    LoginSession,
    NotificationRule,
    Role,
    Rotation,
    RotationMember,
    Schedule,
    Urgency,
    User,
)

HANDLE = re.compile(r"[\w.-]{1,60}")
RESERVED = frozenset({"me"})
"""`/users/me` is whoever asks."""
MOST_RULES = 50
LATEST_RULE_SECONDS = 24 * 3600


def find_user(session: Session, handle: str) -> User:
    """Retired or not. Raises NotFound."""
    user = session.exec(select(User).where(User.handle == handle)).first()
    if user is None:
        raise NotFound(f"There is nobody with the handle {handle}.")
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
    tags: Sequence[str] = (),
    password_hash: str | None = None,
) -> User:
    """Raises BadInput or Conflict. The password comes hashed: hashing is slow, and this is inside a transaction."""
    handle, name = handle.strip(), name.strip()
    _check(handle, name, timezone)
    if session.exec(select(User.id).where(User.handle == handle)).first() is not None:
        raise Conflict(f"Somebody has the handle {handle} already: choose another.", field="handle")
    user = User(
        handle=handle,
        name=name,
        role=role,
        email=email or None,
        timezone=timezone,
        tags=list(tags),
        password_hash=password_hash,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def _check(handle: str, name: str, timezone: str) -> None:
    if not HANDLE.fullmatch(handle):
        raise BadInput("A handle has 1 to 60 letters, digits, “.”, “-” and “_”, such as alice.", field="handle")
    if handle in RESERVED:
        raise BadInput(f"“{handle}” means whoever asks, so nobody can have it as a handle.", field="handle")
    if not 0 < len(name) <= 200:
        raise BadInput("A name has 1 to 200 characters.", field="name")
    if timezone not in available_timezones():
        raise BadInput(f"“{timezone}” is no time zone: write one like America/New_York.", field="timezone")


def set_password(session: Session, user: User, password_hash: str) -> None:
    """Ends every login of the person, since a password is often changed because somebody else had it."""
    user.password_hash = password_hash
    session.add(user)
    session.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id))
    session.flush()


def retire(session: Session, user: User, now: datetime) -> None:
    """They can't sign in or be paged any more; timelines keep their name. Raises Conflict while they are needed."""
    if user.retired_at is not None:
        return
    reasons = list(_needed_for(session, user))
    if reasons:
        raise Conflict(f"{user.name} can't retire yet: {'; '.join(reasons)}. Put somebody else there first.")
    user.retired_at = now
    session.add(user)
    session.exec(delete(LoginSession).where(col(LoginSession.user_id) == user.id))
    for token in session.exec(select(ApiToken).where(ApiToken.user_id == user.id, col(ApiToken.revoked_at).is_(None))):
        token.revoked_at = now
        session.add(token)
    session.flush()


def _needed_for(session: Session, user: User) -> Iterator[str]:
    places = (
        select(Rotation.name, Schedule.name)
        .join(Schedule, col(Schedule.id) == col(Rotation.schedule_id))
        .join(RotationMember, col(RotationMember.rotation_id) == col(Rotation.id))
        .where(RotationMember.user_id == user.id)
    )
    for rotation, schedule in session.exec(places):
        yield f"they are listed in the rotation {rotation} of schedule {schedule}"
    target = f"user:{user.handle}"
    for policy in session.exec(select(EscalationPolicy)):
        if target in (policy.fallback, *(each for step in policy.steps for each in step["page"])):
            yield f"the escalation policy {policy.name} pages them"
    admins = select(func.count()).where(col(User.role) == Role.ADMIN, col(User.retired_at).is_(None))
    if user.role is Role.ADMIN and session.exec(admins).one() == 1:
        yield "they are the only admin"


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

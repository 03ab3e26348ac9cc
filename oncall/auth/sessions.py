"""Login sessions: a random token in a cookie, its hash in the database."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, delete, func, select

from oncall.auth.passwords import is_password
from oncall.errors import NotSignedIn, TooManyRequests
from oncall.installation import hold
from oncall.models import Installation, LoginFailure, LoginSession, User

Told = TypeVar("Told")

FAILURES = 10
"""Wrong passwords for one handle from one address within FAILURE_WINDOW; then these two are locked until it has passed.

Not the handle alone: a stranger must not keep the person on call from signing in.
"""
FAILURES_FROM_ANYWHERE = 100
"""Wrong passwords for one handle, from however many addresses: they lock it, but where its owner has signed in."""
FAILURE_WINDOW = timedelta(minutes=10)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def begin_try(session: Session, handle: str, address: str, now: datetime, *, is_known: bool = False) -> int:
    """Counts as a wrong password until `end_try`: tries that are made side by side all count.

    `is_known`: the address stands for a browser in which the handle's owner has signed in.
    Raises TooManyRequests after too many, known handle or not.
    """
    handle = handle.strip()[:60]
    recent = select(func.count()).select_from(LoginFailure)
    recent = recent.where(LoginFailure.handle == handle, col(LoginFailure.at) > now - FAILURE_WINDOW)
    from_here = session.exec(recent.where(LoginFailure.address == address)).one()
    if from_here >= FAILURES or (not is_known and session.exec(recent).one() >= FAILURES_FROM_ANYWHERE):
        minutes = int(FAILURE_WINDOW.total_seconds() // 60)
        raise TooManyRequests(f"Too many wrong passwords. Try again in {minutes} minutes.", retry_after=minutes * 60)
    started = LoginFailure(handle=handle, address=address, at=now)
    session.add(started)
    session.flush()
    assert started.id is not None
    return started.id


def end_try(session: Session, try_id: int) -> None:
    """The password was right, or was not looked at."""
    session.exec(delete(LoginFailure).where(col(LoginFailure.id) == try_id))


def find_login(session: Session, handle: str) -> User | None:
    return session.exec(select(User).where(User.handle == handle.strip(), col(User.retired_at).is_(None))).first()


def is_login(user: User | None, password: str) -> bool:
    """Slow on purpose (argon2): call it outside any transaction. Raises Unavailable."""
    return is_password(password, user.password_hash if user else None)


def begin(session: Session, user: User, now: datetime, hours: int) -> str:
    """The token for the cookie."""
    assert user.id is not None
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=token_hash(token), user_id=user.id, created_at=now, expires_at=now + timedelta(hours=hours)
        )
    )
    return token


def user_with(session: Session, token: str, now: datetime, also: sa.ColumnElement[Told]) -> tuple[User, Told]:
    """With what a page tells everybody, `also`, an expression over users, and the installation's row, which most pages
    look at: so that nobody waits for a second answer. Raises NotSignedIn for a token that is unknown, expired or a
    retired person's.
    """
    row = session.execute(_signed_in(also), {"hash": token_hash(token), "at": now}).first()
    if row is None:
        raise NotSignedIn("You are not signed in, or your login has expired. Sign in again.")
    user, told, known = row
    if known is not None:
        hold(session, known)
    return user, told


@lru_cache
def _signed_in(also: sa.ColumnElement[Told]) -> sa.Select[User, Told, Installation]:
    """Put together once for each: every page asks it."""
    login = col(LoginSession.token_hash) == sa.bindparam("hash"), col(LoginSession.expires_at) > sa.bindparam("at")
    of_somebody = sa.select(User, also, Installation).join(LoginSession).join(Installation, sa.true(), isouter=True)
    return of_somebody.where(*login, col(User.retired_at).is_(None))


def still_in(session: Session, token_hashes: Collection[str], now: datetime) -> set[str]:
    """Those of these logins that have not ended."""
    of_somebody = select(LoginSession.token_hash).join(User).where(col(User.retired_at).is_(None))
    known = of_somebody.where(col(LoginSession.token_hash).in_(token_hashes), col(LoginSession.expires_at) > now)
    return set(session.exec(known))


def end(session: Session, token: str) -> None:
    session.exec(delete(LoginSession).where(col(LoginSession.token_hash) == token_hash(token)))

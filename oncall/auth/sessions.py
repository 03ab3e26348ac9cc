"""Login sessions: a random token in a cookie, its hash in the database."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select

from oncall.auth.passwords import is_password
from oncall.errors import NotSignedIn, TooManyRequests
from oncall.models import LoginFailure, LoginSession, User

FAILURES = 10
"""Wrong passwords for one handle within FAILURE_WINDOW; then it is locked until the window has passed."""
FAILURE_WINDOW = timedelta(minutes=10)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_not_locked(session: Session, handle: str, now: datetime) -> None:
    """Raises TooManyRequests after too many wrong passwords, known handle or not."""
    failures = session.exec(
        select(func.count())
        .select_from(LoginFailure)
        .where(LoginFailure.handle == handle[:60], col(LoginFailure.at) > now - FAILURE_WINDOW)
    ).one()
    if failures >= FAILURES:
        minutes = int(FAILURE_WINDOW.total_seconds() // 60)
        raise TooManyRequests(f"Too many wrong passwords. Try again in {minutes} minutes.", retry_after=minutes * 60)


def find_login(session: Session, handle: str) -> User | None:
    return session.exec(select(User).where(User.handle == handle.strip(), col(User.retired_at).is_(None))).first()


def is_login(user: User | None, password: str) -> bool:
    """Slow on purpose (argon2): call it outside any transaction."""
    return is_password(password, user.password_hash if user else None)


def note_failure(session: Session, handle: str, now: datetime) -> None:
    session.add(LoginFailure(handle=handle.strip()[:60], at=now))


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


def user_of(session: Session, token: str, now: datetime) -> User:
    """Raises NotSignedIn for a token that is unknown, expired or a retired person's."""
    user = session.exec(
        select(User)
        .join(LoginSession)
        .where(
            LoginSession.token_hash == token_hash(token),
            col(LoginSession.expires_at) > now,
            col(User.retired_at).is_(None),
        )
    ).first()
    if user is None:
        raise NotSignedIn("You are not signed in, or your login has expired. Sign in again.")
    return user


def end(session: Session, token: str) -> None:
    session.exec(delete(LoginSession).where(col(LoginSession.token_hash) == token_hash(token)))

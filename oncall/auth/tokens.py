"""API tokens: shown once when made, stored as a hash, sent as `Authorization: Bearer …`."""

import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from oncall.auth.sessions import token_hash
from oncall.errors import BadInput, NotSignedIn
from oncall.models import ApiToken, User

PREFIX = "oncall_"


def create_token(session: Session, user: User, name: str, now: datetime) -> tuple[ApiToken, str]:
    """The row, and the token itself, which can't be shown again."""
    assert user.id is not None
    if not 0 < len(name.strip()) <= 100:
        raise BadInput("A token's name has 1 to 100 characters: say what it is for.", field="name")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(user_id=user.id, name=name.strip(), token_hash=token_hash(token), created_at=now)
    session.add(row)
    session.flush()
    return row, token


def user_of(session: Session, token: str) -> User:
    """Raises NotSignedIn for a token that is unknown, revoked or a retired person's."""
    user = session.exec(
        select(User)
        .join(ApiToken)
        .where(
            ApiToken.token_hash == token_hash(token),
            col(ApiToken.revoked_at).is_(None),
            col(User.retired_at).is_(None),
        )
    ).first()
    if user is None:
        raise NotSignedIn("This token is not known, or it was revoked. Send “Authorization: Bearer <token>”.")
    return user

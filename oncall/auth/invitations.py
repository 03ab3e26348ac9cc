"""Links by which somebody chooses their first password, or another when they have lost it.

Nothing is stored: the link is signed together with the password that it replaces, and so works once. Whoever comes back
has none again, as before their first: links made before they came back don't work.
"""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from oncall.auth.signing import Signer
from oncall.errors import Gone
from oncall.models import User

PURPOSE = "invitation"
LASTS = timedelta(days=7)
OVER = "This link has been used, or is out of date. Ask an admin for a new one."
LARGEST_ID = 2**31 - 1


def invitation(signer: Signer, user: User, now: datetime) -> str:
    """Whoever has it can sign in as this person: it is theirs alone."""
    until = int((now + LASTS).timestamp())
    return f"{user.id}.{until}.{signer.sign(PURPOSE, _signed(user, until))}"


def invited(session: Session, signer: Signer, token: str, now: datetime) -> User:
    """Raises Gone."""
    number, _, rest = token.partition(".")
    until, _, signature = rest.partition(".")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 12 for part in (number, until)):
        raise Gone(OVER)
    user = session.get(User, int(number)) if int(number) <= LARGEST_ID else None
    if user is None or user.retired_at is not None:
        raise Gone(OVER)
    ends = datetime.fromtimestamp(int(until), UTC)
    if ends < now or ends < user.created_at.replace(microsecond=0) + LASTS:
        raise Gone(OVER)
    if not signer.is_genuine(PURPOSE, _signed(user, int(until)), signature):
        raise Gone(OVER)
    return user


def _signed(user: User, until: int) -> str:
    return f"{user.id}\n{until}\n{user.password_hash or ''}"

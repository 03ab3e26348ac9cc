"""Whether we sign with the same key as before: after a restore ONCALL_SECRET_KEY is easily forgotten, and nothing else
would say why people's links have ended.

What is kept of the key tells nobody what it is, and stands among the leases as one that nobody waits for: `holder` is
the mark of the key, `worked_at` when it took the place of another.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from oncall.auth.signing import Signer
from oncall.leases import say_working, take
from oncall.models import Lease

NAME = "secret_key"
TOLD_FOR = timedelta(days=7)
AS_IT_WAS = "set ONCALL_SECRET_KEY to what it was, or unset it if it was not set."
ENDED = (
    "links in messages and to calendars, and signatures of webhooks, that were made with the one before have ended. "
    f"If nobody meant to change it, {AS_IT_WAS}"
)
CHANGED = f"The secret key is not the one of the start before: {ENDED}"
NOT_HERE = f"oncall was last started with another, and what is signed here does not hold there: {AS_IT_WAS}"


def remember(session: Session, signer: Signer, now: datetime) -> str:
    """At the start of a process. Gives a sentence when the key is another than at the start before."""
    known = session.get(Lease, NAME)
    if known and known.holder == _mark(signer):
        return ""
    take(session, NAME, _mark(signer), now, timedelta())
    if known is None:
        return ""
    say_working(session, NAME, now)
    return CHANGED


def unlike(session: Session, signer: Signer) -> str:
    """A sentence where this key is not the one with which a process was last started."""
    known = session.get(Lease, NAME)
    return NOT_HERE if known and known.holder != _mark(signer) else ""


def lately_changed(session: Session, now: datetime) -> str:
    """A sentence, for a while."""
    known = session.get(Lease, NAME)
    if known is None or known.worked_at is None or now - known.worked_at > TOLD_FOR:
        return ""
    return f"Changed at {known.worked_at:%Y-%m-%d %H:%M UTC}: {ENDED}"


def _mark(signer: Signer) -> str:
    return signer.sign_in_any_case("which key", "")

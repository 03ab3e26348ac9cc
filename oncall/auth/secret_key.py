"""Whether we sign with the same key as before: after a restore ONCALL_SECRET_KEY is easily forgotten, and nothing else
would say why people's links have ended.

What is kept of the key, in the installation's row, tells nobody what it is.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from oncall.auth.signing import Signer
from oncall.installation import installation

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
    row = installation(session)
    before, mark = row.key_mark, _mark(signer)
    if before == mark:
        return ""
    row.key_mark = mark
    if not before:
        return ""
    row.key_changed_at = now
    return CHANGED


def unlike(session: Session, signer: Signer) -> str:
    """A sentence where this key is not the one with which a process was last started."""
    return NOT_HERE if installation(session).key_mark not in ("", _mark(signer)) else ""


def lately_changed(session: Session, now: datetime) -> str:
    """A sentence, for a while."""
    changed = installation(session).key_changed_at
    if changed is None or now - changed > TOLD_FOR:
        return ""
    return f"Changed at {changed:%Y-%m-%d %H:%M UTC}: {ENDED}"


def _mark(signer: Signer) -> str:
    return signer.sign_in_any_case("which key", "")

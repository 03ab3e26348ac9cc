"""Sign-ins on record: who came in, how and from where, and who was refused. Beside what was changed, in the audit log.

Whoever guesses passwords can't fill it: of what is refused from one address the first is recorded, and that it is
locked out. A handle that is nobody's is never written down: it may be a password, typed into the wrong field.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select

from oncall.auth.sessions import FAILURE_WINDOW, FAILURES, FAILURES_FROM_ANYWHERE
from oncall.models import AuditEntry, LoginFailure, User
from oncall.setup.audit import AT_LOGIN
from oncall.timeline import spell

KEPT = timedelta(days=90)


def record_sign_in(session: Session, user: User, how: str, address: str, now: datetime) -> None:
    """`how`: "with a password", "by an invitation"."""
    session.add(AuditEntry(at=now, by_id=user.id, via=AT_LOGIN, what=f"signed in {how}{_from(address)}"))


def record_refusal(session: Session, user: User | None, address: str, try_id: int, now: datetime) -> None:
    """`user`: whose handle it was. `try_id`: as it was counted (`sessions.begin_try`)."""
    what = _wrong_password(session, user, try_id, now) if user else _nobody(session, address, try_id, now)
    if what:
        session.add(AuditEntry(at=now, via=AT_LOGIN, what=f"sign-in refused{what}{_from(address)}"))


def _wrong_password(session: Session, user: User, try_id: int, now: datetime) -> str:
    address = session.get_one(LoginFailure, try_id).address
    of_this = (LoginFailure.handle == user.handle, LoginFailure.address == address, col(LoginFailure.id) <= try_id)
    count = select(func.count()).select_from(LoginFailure).where(col(LoginFailure.at) > now - FAILURE_WINDOW, *of_this)
    number = session.exec(count).one()
    if number == FAILURES:
        return f" for {spell(FAILURE_WINDOW)}: {FAILURES} wrong passwords for {user.handle}"
    return f": a wrong password for {user.handle}" if number == 1 else ""


def _nobody(session: Session, address: str, try_id: int, now: datetime) -> str:
    """Nothing while there are many: each of them may come from another address."""
    before = select(LoginFailure).where(col(LoginFailure.id) < try_id).order_by(col(LoginFailure.id).desc())
    newest = session.exec(before.limit(FAILURES_FROM_ANYWHERE)).all()
    lately = [failure.address for failure in newest if failure.at > now - FAILURE_WINDOW]
    is_told = address in lately or len(lately) == FAILURES_FROM_ANYWHERE
    return "" if is_told else ": nobody has the handle that was typed"


def _from(address: str) -> str:
    return f", from {address}" if address else ""


def delete_old_sign_ins(session: Session, now: datetime) -> None:
    """What was changed is kept for good; who came in is not."""
    session.exec(delete(AuditEntry).where(col(AuditEntry.via) == AT_LOGIN, col(AuditEntry.at) < now - KEPT))

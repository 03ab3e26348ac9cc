"""Contact methods: added by their owner, and counted only once the code sent to them has been typed back."""

import math
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select

from notifiers.registry import KINDS, known_kind, stored_address
from oncall.config.values import check_short_name
from oncall.db.database import notify_engines
from oncall.delivery.gone_addresses import call_off, send_another_way
from oncall.delivery.rules import is_usable
from oncall.errors import BadInput, Conflict, NotFound, TooManyRequests
from oncall.models import ContactMethod, Delivery, NotificationRule, Urgency, User
from oncall.names import checked
from oncall.people.people import LATEST_RULE_SECONDS, MOST_RULES
from oncall.rota.consequences import Watch

MOST_METHODS = 20
CODE_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
RESEND_AFTER = timedelta(seconds=30)
MOST_CODES = 10
"""Within CODES_WINDOW, for one person and to one address: anybody's number can be typed, and each text costs."""
CODES_WINDOW = timedelta(hours=1)


def add_method(session: Session, user: User, name: str, kind: str, address: str) -> ContactMethod:
    """Not verified yet: send_code next. Raises BadInput or Conflict."""
    assert user.id is not None
    name, address = checked(check_short_name, name, "name"), _address(kind, address)
    taken = session.exec(select(ContactMethod.name).where(ContactMethod.user_id == user.id)).all()
    if name in taken:
        raise Conflict(f"You have a contact method “{name}” already: choose another name.", field="name")
    if len(taken) >= MOST_METHODS:
        raise Conflict(f"You have {MOST_METHODS} contact methods, which is the most: remove one first.")
    method = ContactMethod(user_id=user.id, name=name, kind=kind, address=address)
    session.add(method)
    session.flush()
    return method


def _address(kind: str, text: str) -> str:
    try:
        return stored_address(checked(known_kind, kind, "kind"), text)
    except ValueError as error:
        raise BadInput(f"“{KINDS[kind].shown(text)}” {error}.", field="address") from None


def own_method(session: Session, user: User, method_id: int) -> ContactMethod:
    method = session.get(ContactMethod, method_id)
    if method is None or method.user_id != user.id:
        raise NotFound("You have no such contact method.")
    return method


def remove_method(session: Session, method: ContactMethod, now: datetime, *, confirm: bool = False) -> None:
    """With its rules. What was to be sent there goes another way. Raises NeedsConfirmation for the last way to page
    somebody who has shifts ahead.
    """
    watch = Watch(session, now) if is_usable(method) and not confirm else None
    called_off = call_off(session, [method.id], now)
    session.exec(delete(NotificationRule).where(col(NotificationRule.contact_method_id) == method.id))
    session.delete(method)
    session.flush()
    send_another_way(session, called_off, now)
    if watch is not None:
        watch.refuse_harm_ahead()


def add_rule(session: Session, user: User, method: ContactMethod, urgency: Urgency, after_seconds: int) -> None:
    """One more rule for one of the user's own methods; made twice, it is there once. Raises BadInput."""
    assert user.id is not None
    assert method.id is not None
    if not is_usable(method):
        raise BadInput(f"{method.name} is not confirmed yet: type its code first.")
    if not 0 <= after_seconds <= LATEST_RULE_SECONDS:
        most = LATEST_RULE_SECONDS // 60
        raise BadInput(f"Say after how many minutes: a whole number from 0 to {most}.", field="minutes")
    own = session.exec(select(NotificationRule).where(NotificationRule.user_id == user.id)).all()
    if (method.id, urgency, after_seconds) in [
        (rule.contact_method_id, rule.urgency, rule.after_seconds) for rule in own
    ]:
        return
    if len(own) >= MOST_RULES:
        raise BadInput(f"{MOST_RULES} notification rules are the most: remove one first.")
    session.add(
        NotificationRule(user_id=user.id, contact_method_id=method.id, urgency=urgency, after_seconds=after_seconds)
    )
    session.flush()


def send_code(session: Session, method: ContactMethod, now: datetime) -> None:
    """Put a new code on its way to the address. Raises TooManyRequests."""
    if method.code_expires_at is not None and now < method.code_expires_at - CODE_LASTS + RESEND_AFTER:
        wait = int(RESEND_AFTER.total_seconds())
        raise TooManyRequests(f"A code was sent a moment ago. Ask for another after {wait} seconds.", retry_after=wait)
    _check_codes(session, col(Delivery.user_id) == method.user_id, now)
    _check_codes(session, col(Delivery.address) == method.address, now)
    method.code = f"{secrets.randbelow(1_000_000):06d}"
    method.code_expires_at, method.code_tries = now + CODE_LASTS, 0
    session.add(method)
    session.add(
        Delivery(
            user_id=method.user_id,
            contact_method_id=method.id,
            kind=method.kind,
            address=method.address,
            created_at=now,
            due_at=now,
        )
    )
    session.flush()
    notify_engines(session)


def _check_codes(session: Session, whose: ColumnElement[bool], now: datetime) -> None:
    """Raises TooManyRequests until the oldest of the last MOST_CODES is CODES_WINDOW ago."""
    is_code = col(Delivery.alert_id).is_(None) & col(Delivery.notice_id).is_(None) & col(Delivery.canary_id).is_(None)
    codes = select(Delivery.created_at).where(whose, is_code)
    recent = codes.where(col(Delivery.created_at) > now - CODES_WINDOW)
    times = session.exec(recent.order_by(col(Delivery.created_at).desc()).limit(MOST_CODES)).all()
    if len(times) == MOST_CODES:
        wait = times[-1] + CODES_WINDOW - now
        minutes = math.ceil(wait / timedelta(minutes=1))
        raise TooManyRequests(
            f"{MOST_CODES} codes were sent within an hour, which is the most. Try again in {minutes} min.",
            retry_after=math.ceil(wait.total_seconds()),
        )


def verify(session: Session, method: ContactMethod, code: str, now: datetime) -> bool:
    """Whether the code was right; it then counts and is enabled again. A wrong try is stored: commit either way.

    Tries that are made at once are counted one after the other, or more would be free than there are.
    """
    session.refresh(method, with_for_update=True)
    if method.code is None or method.code_expires_at is None or method.code_expires_at <= now:
        raise BadInput(
            "There is no code to type for this contact method, or it is too old. Send a new one.", field="code"
        )
    if method.code_tries >= CODE_TRIES:
        raise TooManyRequests("Too many wrong codes. Send a new one.", retry_after=60)
    method.code_tries += 1
    session.add(method)
    if not secrets.compare_digest(method.code.encode(), code.strip().encode()):
        return False
    method.verified_at, method.disabled_at, method.disabled_reason = now, None, None
    method.code = method.code_expires_at = None
    return True

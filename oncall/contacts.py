"""Contact methods: added by their owner, and counted only once the code sent to them has been typed back."""

import secrets
from datetime import datetime, timedelta

import phonenumbers
from sqlmodel import Session, select

from oncall.db import notify_engines
from oncall.errors import BadInput, Conflict, NotFound, TooManyRequests
from oncall.models import ContactKind, ContactMethod, Delivery, User

CODE_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
RESEND_AFTER = timedelta(seconds=30)


def normal_number(text: str) -> str:
    """A phone number as E.164 (+12025550101). Raises BadInput."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise BadInput(
            f"“{text}” is no phone number: write it with + and the country, such as +12025550101.", field="address"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def add_method(session: Session, user: User, name: str, kind: ContactKind, address: str) -> ContactMethod:
    """Not verified yet: send_code next."""
    assert user.id is not None
    name = name.strip()
    if not 0 < len(name) <= 60:
        raise BadInput("A contact method's name has 1 to 60 characters, such as “mobile”.", field="name")
    if session.exec(select(ContactMethod).where(ContactMethod.user_id == user.id, ContactMethod.name == name)).first():
        raise Conflict(f"You have a contact method “{name}” already: choose another name.", field="name")
    method = ContactMethod(user_id=user.id, name=name, kind=kind, address=normal_number(address))
    session.add(method)
    session.flush()
    return method


def own_method(session: Session, user: User, method_id: int) -> ContactMethod:
    method = session.get(ContactMethod, method_id)
    if method is None or method.user_id != user.id:
        raise NotFound("You have no such contact method.")
    return method


def send_code(session: Session, method: ContactMethod, now: datetime) -> None:
    """Put a new code on its way to the address."""
    if method.code_expires_at is not None and now < method.code_expires_at - CODE_LASTS + RESEND_AFTER:
        wait = int(RESEND_AFTER.total_seconds())
        raise TooManyRequests(f"A code was sent a moment ago. Ask for another after {wait} seconds.", retry_after=wait)
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


def verify(session: Session, method: ContactMethod, code: str, now: datetime) -> bool:
    """Whether the code was right; it then counts and is enabled again. A wrong try is stored: commit either way."""
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

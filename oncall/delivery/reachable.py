"""Whom a page can reach at all, asked of the database."""

from sqlmodel import Session, col, select

from oncall.models import ContactMethod, User
from schedules.types import Person

USABLE = (col(ContactMethod.verified_at).is_not(None), col(ContactMethod.disabled_at).is_(None))
"""As `rules.is_usable` says of one contact method."""


def reachable(session: Session) -> frozenset[Person]:
    """The handles of all who have a contact method that counts."""
    return frozenset(session.exec(select(User.handle).join(ContactMethod).where(*USABLE)))

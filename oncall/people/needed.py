"""What somebody is needed for in person: nobody can be put in their place without being asked."""

from collections.abc import Iterator

from sqlmodel import Session, col, func, select

from oncall.installation import lock_plans
from oncall.models import EscalationPolicy, Role, User
from oncall.models.service import IN_FORCE


def needed_for(session: Session, user: User) -> list[str]:
    """A part of a sentence for each place."""
    return [*_policies(session, user), *_only_admin(session, user)]


def _policies(session: Session, user: User) -> Iterator[str]:
    target = f"user:{user.handle}"
    for policy in session.exec(select(EscalationPolicy).where(IN_FORCE)):
        if target in (policy.fallback, *(each for step in policy.steps for each in step["page"])):
            yield f"the escalation policy {policy.name} pages them"


def _only_admin(session: Session, user: User) -> Iterator[str]:
    if is_only_admin(session, user):
        yield "they are the only admin"


def is_only_admin(session: Session, user: User) -> bool:
    """Two admins can't each leave it to the other at the same moment: whoever asks second waits."""
    if user.role is not Role.ADMIN:
        return False
    lock_plans(session)
    admins = select(func.count()).where(col(User.role) == Role.ADMIN, col(User.retired_at).is_(None))
    return session.exec(admins).one() == 1

"""What somebody is still needed for: each place where nobody, or nobody's phone, would be left without them."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, func, select

from oncall.models import EscalationPolicy, Override, Role, Rotation, RotationMember, Schedule, User
from oncall.models.schedule import CURRENT
from oncall.models.service import IN_FORCE


def needed_for(session: Session, user: User, now: datetime) -> list[str]:
    """A part of a sentence for each place."""
    return [
        *_rotations(session, user),
        *_overrides(session, user, now),
        *_policies(session, user),
        *_only_admin(session, user),
    ]


def _rotations(session: Session, user: User) -> Iterator[str]:
    places = (
        select(Rotation.name, Schedule.name)
        .join(Schedule, col(Schedule.id) == col(Rotation.schedule_id))
        .join(RotationMember, col(RotationMember.rotation_id) == col(Rotation.id))
        .where(RotationMember.user_id == user.id, CURRENT)
    )
    for rotation, schedule in session.exec(places):
        yield f"they are listed in the rotation {rotation} of schedule {schedule}"


def _overrides(session: Session, user: User, now: datetime) -> Iterator[str]:
    """Not ended in silence: where no rotation has anybody, nobody would be on call, and nobody would know."""
    rows = session.exec(
        select(Override, Schedule.name)
        .join(Schedule, col(Schedule.id) == col(Override.schedule_id))
        .where(Override.user_id == user.id, col(Override.ends_at) > now)
        .order_by(col(Override.starts_at))
    )
    for override, schedule in rows:
        until = f"{override.ends_at:%Y-%m-%d %H:%M} UTC"
        yield f"override {override.id} puts them on {override.level} of schedule {schedule} until {until}: delete it"


def _policies(session: Session, user: User) -> Iterator[str]:
    target = f"user:{user.handle}"
    for policy in session.exec(select(EscalationPolicy).where(IN_FORCE)):
        if target in (policy.fallback, *(each for step in policy.steps for each in step["page"])):
            yield f"the escalation policy {policy.name} pages them"


def _only_admin(session: Session, user: User) -> Iterator[str]:
    admins = select(func.count()).where(col(User.role) == Role.ADMIN, col(User.retired_at).is_(None))
    if user.role is Role.ADMIN and session.exec(admins).one() == 1:
        yield "they are the only admin"

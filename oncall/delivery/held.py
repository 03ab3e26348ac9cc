"""What is held back from a person and their teams at this moment, and what went together lately: nothing is hidden."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from oncall.delivery.addressee import post_name
from oncall.delivery.places import Place
from oncall.models import Alert, ContactMethod, Delivery, Team, TeamContactMethod, TeamMember
from oncall.models.delivery import WAITING

LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Held:
    """Of one contact method: `count` pages wait until `until`; lately `carried` pages went in `messages` messages."""

    kind: str
    name: str
    """The method's; of a team's own with the team's before it."""
    count: int
    until: datetime | None
    alerts: tuple[int, ...]
    """Some of those that wait, the oldest first."""
    carried: int
    messages: int


def held_from(session: Session, user_id: int, now: datetime) -> list[Held]:
    """By contact method, the person's and their teams', of those where something was held back or sent together."""
    found = [_held(session, *place, now) for place in (*_own(session, user_id), *_of_teams(session, user_id))]
    return [held for held in found if held.count or held.messages]


def _own(session: Session, user_id: int) -> Iterator[tuple[Place, str, str]]:
    methods = select(ContactMethod).where(ContactMethod.user_id == user_id).order_by(col(ContactMethod.id))
    for method in session.exec(methods).all():
        yield Place(False, method.id or 0), method.kind, method.name


def _of_teams(session: Session, user_id: int) -> Iterator[tuple[Place, str, str]]:
    methods = (
        select(Team.name, TeamContactMethod)
        .join(TeamContactMethod, col(TeamContactMethod.team_id) == col(Team.id))
        .join(TeamMember, col(TeamMember.team_id) == col(Team.id))
        .where(TeamMember.user_id == user_id)
        .order_by(col(Team.name), col(TeamContactMethod.id))
    )
    for team, method in session.exec(methods).all():
        yield Place(True, method.id or 0), method.kind, post_name(team, method)


def _held(session: Session, place: Place, kind: str, name: str, now: datetime) -> Held:
    waiting = (WAITING, place.deliveries, col(Delivery.held_since).is_not(None))
    count, until = session.exec(select(func.count(), func.min(col(Delivery.due_at))).where(*waiting)).one()
    alerts = session.exec(
        select(Alert.id)
        .join(Delivery, col(Delivery.alert_id) == col(Alert.id))
        .where(*waiting)
        .order_by(col(Alert.id))
        .limit(10)
    )
    carried, messages = session.exec(
        select(func.sum(col(Delivery.carries)), func.count()).where(
            place.deliveries,
            col(Delivery.carried_by).is_(None),
            col(Delivery.first_attempt_at) > now - LATELY,
            col(Delivery.carries) > 0,
        )
    ).one()
    numbers = tuple(alert_id for alert_id in alerts if alert_id is not None)
    return Held(kind, name, count, until, numbers, (carried or 0) + messages, messages)

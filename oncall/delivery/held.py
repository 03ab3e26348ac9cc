"""What is held back from a person and their teams at this moment, and what went together lately: nothing is hidden."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from oncall.delivery.addressee import post_name
from oncall.delivery.places import COLUMNS, Place, by_owner
from oncall.models import ContactMethod, Delivery, Team, TeamContactMethod, TeamMember
from oncall.models.delivery import WAITING

LATELY = timedelta(hours=1)
MOST_ALERTS = 10
_HELD = (WAITING, col(Delivery.held_since).is_not(None))


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
    named = {place: names for place, *names in (*_own(session, user_id), *_of_teams(session, user_id))}
    waiting, lately = _waiting(session, named), _lately(session, named, now)
    found = []
    for place, (kind, name) in named.items():
        if place in waiting or place in lately:
            (count, until), (carried, messages) = waiting.get(place, (0, None)), lately.get(place, (0, 0))
            alerts = _alerts(session, place) if count else ()
            found.append(Held(kind, name, count, until, alerts, carried, messages))
    return found


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


def _waiting(session: Session, places: Collection[Place]) -> Mapping[Place, tuple[int, datetime]]:
    """How many pages wait, and until when."""
    found = {}
    for of_team, ids in by_owner(places):
        place = COLUMNS[of_team]
        asked = select(place, func.count(), func.min(col(Delivery.due_at))).where(*_HELD, place.in_(ids))
        for method_id, count, until in session.exec(asked.group_by(place)):
            found[Place(of_team, method_id or 0)] = count, until
    return found


def _lately(session: Session, places: Collection[Place], now: datetime) -> Mapping[Place, tuple[int, int]]:
    """How many pages went together, and in how many messages."""
    found = {}
    for of_team, ids in by_owner(places):
        place = COLUMNS[of_team]
        asked = select(place, func.sum(col(Delivery.carries)), func.count()).where(
            place.in_(ids),
            col(Delivery.carried_by).is_(None),
            col(Delivery.first_attempt_at) > now - LATELY,
            col(Delivery.carries) > 0,
        )
        for method_id, carried, messages in session.exec(asked.group_by(place)):
            found[Place(of_team, method_id or 0)] = carried + messages, messages
    return found


def _alerts(session: Session, place: Place) -> tuple[int, ...]:
    about = col(Delivery.alert_id)
    oldest = select(about).where(*_HELD, place.deliveries, about.is_not(None)).order_by(about).limit(MOST_ALERTS)
    return tuple(alert_id for alert_id in session.exec(oldest) if alert_id is not None)
